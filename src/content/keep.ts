import { Failure } from '../errors.ts';
import { blockBytes } from './blocks.ts';
import type { Content } from './content.ts';
import { extentBlocks, piecesOf } from './extents.ts';
import type { Shelf } from './shelf.ts';

/** Brings all blocks of a content onto the shelf, an extent after the other. @throws as `Contents.keep` */
export async function keepAll(
  content: Content,
  shelf: Pick<Shelf, 'shelve' | 'spareBytes'>,
  signal: AbortSignal,
): Promise<void> {
  const { name, count, remote } = content;
  const details = { path: remote.path };
  if (!name.lasting)
    throw new Failure('unsupported', 'The Disk tells no hash of the file: it cannot be kept here', details);
  // All are gone through, those that are there too: the hash is right in the end, or they go.
  for (const range of piecesOf({ first: 0, end: count }, extentBlocks)) {
    if ((await shelf.spareBytes()) < (range.end - range.first) * blockBytes)
      throw new Failure('no-space', 'No room on this machine for what is to be kept here', details);
    await content.bringRange(range, signal);
    const blocks = await content.blocks(range, signal);
    if (!(await shelf.shelve(name, range.first, blocks)))
      throw new Failure('no-space', 'What is to be kept here could not be written', details);
  }
}
