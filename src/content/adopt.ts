import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { RemoteContent } from '../disk-api/links.ts';
import type { BlockCache } from './block-cache.ts';
import { blockBytes } from './blocks.ts';
import { contentNameOf } from './content-key.ts';
import { BlockDigest } from './digest.ts';
import { isSmall } from './whole-file.ts';

/**
 * Takes bytes of this machine into the cache, as those of the version that the server has now: nobody needs to fetch what was just sent.
 * What turns out not to be that version is dropped again.
 */
export async function adopt(
  cache: BlockCache,
  remote: RemoteContent,
  bytes: AsyncIterable<Uint8Array>,
): Promise<void> {
  const name = contentNameOf(remote);
  if (!name.lasting) return;
  const digest = new BlockDigest(remote);
  // A small file's blocks are taken for checked wherever they are found.
  const held: Uint8Array[] = [];
  for await (const block of inBlocks(bytes)) {
    if (isSmall(remote)) held.push(block);
    else cache.put(name, digest.hashed, block);
    digest.add(block);
    await yieldToOthers();
  }
  if (!digest.finish()) cache.drop(name);
  else if (isSmall(remote)) for (const [index, block] of held.entries()) cache.put(name, index, block);
  else cache.prove(name, digest.sums);
}

async function* inBlocks(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let block = Buffer.allocUnsafeSlow(blockBytes);
  let filledBytes = 0;
  for await (const chunk of bytes) {
    for (let taken = 0; taken < chunk.length; ) {
      const part = chunk.subarray(taken, taken + blockBytes - filledBytes);
      block.set(part, filledBytes);
      filledBytes += part.length;
      taken += part.length;
      if (filledBytes < blockBytes) continue;
      yield block;
      block = Buffer.allocUnsafeSlow(blockBytes);
      filledBytes = 0;
    }
  }
  if (filledBytes > 0) yield block.subarray(0, filledBytes);
}
