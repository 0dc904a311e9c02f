import { syntheticContent } from '../stand-in/content/synthetic.ts';

/** Bytes that look random, the same for the same seed. */
export function bytesOf(sizeBytes: number, seed = 'bytes'): Buffer {
  return sizeBytes === 0 ? Buffer.alloc(0) : syntheticContent(seed, sizeBytes).read(0, sizeBytes);
}

/** A file as a stream. */
export async function* chunksOf(bytes: Uint8Array, chunkBytes = 50_000): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += chunkBytes)
    yield bytes.subarray(start, start + chunkBytes);
}
