import { afterEach, beforeEach, expect, it } from 'vitest';
import { blockBytes } from '../../src/content/blocks.ts';
import { syntheticContent } from '../stand-in/content/synthetic.ts';
import { type ReadingDisk, readingDisk } from './reading-disk.ts';

const filmBytes = 4 << 20;
const film = syntheticContent('film', filmBytes);
let disk: ReadingDisk;

beforeEach(async () => {
  disk = await readingDisk();
  disk.disk.model.putFile('disk:/film', { synthetic: { sizeBytes: filmBytes, seed: 'film' } });
});
afterEach(() => disk.close());

/** Reads [start, end) in a handle of its own, as the kernel asks. */
async function readThrough(start: number, end: number): Promise<Buffer> {
  const reader = disk.contents.openReader(await disk.content('disk:/film'));
  const parts: Buffer[] = [];
  try {
    for (let offset = start; offset < end; offset += blockBytes) {
      const part = Buffer.alloc(blockBytes);
      parts.push(part.subarray(0, await reader.read(part, offset)));
    }
  } finally {
    reader.close();
  }
  return Buffer.concat(parts);
}

const spoilOne = () =>
  disk.disk.wire.faults.add({ route: 'storage.get', count: 1, fault: { kind: 'corrupt', offset: 1000 } });

it('a wrong hash is damage, also where the Disk cannot be asked again: the kernel is to forget what it holds', async () => {
  const content = await disk.content('disk:/film');
  spoilOne();
  disk.disk.wire.faults.add({ route: 'resources.get', fault: { kind: 'reset' } });
  const reader = disk.contents.openReader(content);
  const read = async () => {
    for (let offset = 0; offset < filmBytes; offset += blockBytes)
      await reader.read(Buffer.alloc(blockBytes), offset);
  };
  const failed = await read().catch((error: unknown) => error);
  reader.close();
  expect(failed).toMatchObject({ code: 'damaged' });
});

it('one who looked at the end first, and is not asked for it again, does not get the rest unchecked', async () => {
  const tailBytes = 3 * blockBytes;
  await readThrough(filmBytes - tailBytes, filmBytes);
  spoilOne();
  await expect(readThrough(0, filmBytes - tailBytes)).rejects.toMatchObject({ code: 'damaged' });
  const again = await readThrough(0, filmBytes);
  expect(again.equals(film.read(0, filmBytes))).toBe(true);
});

it('an end that was given out and turns out to be wrong is damage', async () => {
  const reader = disk.contents.openReader(await disk.content('disk:/film'));
  spoilOne();
  await reader.read(Buffer.alloc(blockBytes), filmBytes - blockBytes);
  const read = async () => {
    for (let offset = 0; offset < filmBytes - blockBytes; offset += blockBytes)
      await reader.read(Buffer.alloc(blockBytes), offset);
  };
  const failed = await read().catch((error: unknown) => error);
  reader.close();
  expect(failed).toMatchObject({ code: 'damaged' });
});
