import { crc32 } from 'node:zlib';
import { abortFailure } from '../errors.ts';
import type { BlockFolder } from './block-folder.ts';
import { blockBytes } from './blocks.ts';
import { type Extent, extentBlocks, holds, slotOffset } from './extents.ts';
import type { FolderUse } from './folder-use.ts';

/** What a look at all kept blocks has found. */
export interface BlockVerdict {
  readonly extents: number;
  readonly blocks: number;
  readonly bytes: number;
  /** Blocks that are not what was written; they are gone with what lay beside them. */
  readonly wrongBlocks: number;
}

/** So many rows are looked at in one question to the index. */
const extentsAtOnce = 64;

/** Takes everything out, and its files away; what is being written meanwhile may stay. @returns the room that it took */
export async function clearBlocks(use: FolderUse): Promise<number> {
  const { folder } = use;
  if (!folder) return 0;
  let freedBytes = 0;
  for (;;) {
    const before = use.ask((index) => index.usedBytes) ?? 0;
    const files = use.ask((index) => index.evict(Number.POSITIVE_INFINITY));
    if (!files || files.length === 0) break;
    freedBytes += before - (use.ask((index) => index.usedBytes) ?? before);
    await use.removeFiles(folder, files);
  }
  use.ask((index) => index.commit());
  return freedBytes;
}

/** Reads all blocks, and takes out those that are not what was written. @throws Failure when the signal fires */
export async function verifyBlocks(use: FolderUse, signal: AbortSignal): Promise<BlockVerdict> {
  let [extents, blocks, bytes, wrongBlocks, last] = [0, 0, 0, 0, -1];
  for (;;) {
    const { folder } = use;
    const next = use.ask((index) => index.after(last, extentsAtOnce));
    if (!folder || !next || next.length === 0) return { extents, blocks, bytes, wrongBlocks };
    for (const extent of next) {
      if (signal.aborted) throw abortFailure(signal);
      last = extent.file;
      const found = await verifyExtent(folder, extent);
      extents++;
      blocks += found.blocks;
      bytes += found.bytes;
      wrongBlocks += found.wrong;
      // It may have been grown or evicted while it was read.
      const isNow = use.ask((index) => index.knows(extent.file));
      if (found.wrong === 0 || !isNow) continue;
      use.ask((index) => index.remove(extent));
      await use.removeFiles(folder, [extent.file]);
    }
  }
}

async function verifyExtent(folder: BlockFolder, extent: Extent) {
  let [blocks, bytes, wrong] = [0, 0, 0];
  for (let slot = 0; slot < extentBlocks; slot++) {
    if (!holds(extent, slot)) continue;
    const buffer = Buffer.allocUnsafe(blockBytes);
    const readBytes = await folder.files.read(extent.file, [buffer], slotOffset(slot)).catch(() => 0);
    // Only the last block of a content is shorter, and it ends its file.
    const isRight = readBytes > 0 && crc32(buffer.subarray(0, readBytes)) === extent.sums[slot];
    blocks++;
    bytes += readBytes;
    if (!isRight) wrong++;
  }
  return { blocks, bytes, wrong };
}
