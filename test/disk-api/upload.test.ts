import { describe, expect, it } from 'vitest';
import { uploadFile } from '../../src/disk-api/upload.ts';
import { syntheticContent } from '../stand-in/content/synthetic.ts';
import { countOf, standInClient } from './client.ts';

async function* chunksOf(bytes: Uint8Array, chunkBytes = 50_000): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += chunkBytes)
    yield bytes.subarray(start, start + chunkBytes);
}

function bytesOf(sizeBytes: number, seed = 'upload'): Buffer {
  return sizeBytes === 0 ? Buffer.alloc(0) : syntheticContent(seed, sizeBytes).read(0, sizeBytes);
}

describe('an upload', () => {
  it.each([0, 1, 65_535, 65_536, 65_537, 1_000_003])('brings every byte of %i', async (sizeBytes) => {
    const { api, disk } = await standInClient();
    const bytes = bytesOf(sizeBytes);
    await uploadFile(api, { path: 'disk:/a.bin', overwrite: false, sizeBytes, open: () => chunksOf(bytes) });
    expect(disk.model.read('disk:/a.bin').equals(bytes)).toBe(true);
    expect(countOf(disk, 'uploader.put')).toBe(1);
  });
});
