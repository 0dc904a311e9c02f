import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlockStore } from '../../src/content/block-store.ts';
import { blockCount, blockLength } from '../../src/content/blocks.ts';
import type { ContentName } from '../../src/content/content-key.ts';
import { placeOf } from '../../src/content/extents.ts';
import type { Failure } from '../../src/errors.ts';

/** A store in a folder of its own, and what it said. */
export interface TestStore {
  readonly folder: string;
  readonly troubles: Failure[];
  readonly recoveries: { count: number };
  readonly store: BlockStore;
  /** Opens another one in the same folder; the last one must be closed, or its process dead. */
  reopen(): Promise<BlockStore>;
  remove(): Promise<void>;
}

export const testShape = 'test';

export async function testStore(
  options: { readonly limitBytes?: number; readonly folder?: string } = {},
): Promise<TestStore> {
  const folder = options.folder ?? join(await mkdtemp(join(tmpdir(), 'yadiskfs-test-')), 'blocks of files');
  const troubles: Failure[] = [];
  const recoveries = { count: 0 };
  const open = () =>
    BlockStore.open(
      {
        folder,
        limitBytes: options.limitBytes ?? 1 << 30,
        minFreeBytes: 0,
        onTrouble: (failure) => troubles.push(failure),
        onRecovered: () => {
          recoveries.count++;
        },
        retryMs: 50,
      },
      testShape,
    );
  return {
    folder,
    troubles,
    recoveries,
    store: await open(),
    reopen: open,
    remove: () => rm(join(folder, '..'), { recursive: true, force: true }),
  };
}

export function contentOf(name: string, sizeBytes: number): ContentName {
  return { key: `sha256-${name}-${sizeBytes}`, sizeBytes, lasting: true };
}

/** The bytes of one block, different for every content, place and generation. */
export function blockOf(content: ContentName, index: number, generation = 0): Buffer {
  const seed = createHash('sha256').update(`${content.key}/${index}/${generation}`).digest();
  return Buffer.alloc(blockLength(index, content.sizeBytes), seed);
}

export function putWhole(store: BlockStore, content: ContentName, generation = 0): void {
  for (let index = 0; index < blockCount(content.sizeBytes); index++)
    store.put(content, index, blockOf(content, index, generation));
}

export async function getBlock(store: BlockStore, content: ContentName, index: number) {
  const [block] = await store.get(content, { first: index, end: index + 1 });
  return block;
}

/** How many blocks of a content are there. @throws when one of them has wrong bytes */
export async function countRight(store: BlockStore, content: ContentName, generation = 0): Promise<number> {
  let count = 0;
  for (let index = 0; index < blockCount(content.sizeBytes); index++) {
    const block = await getBlock(store, content, index);
    if (!block) continue;
    if (!blockOf(content, index, generation).equals(block))
      throw new Error(`Wrong bytes: block ${index} of ${content.key} (slot ${placeOf(index).slot})`);
    count++;
  }
  return count;
}

/** Files of blocks, as paths, in order of their numbers; none when there is no such folder. */
export async function blockFiles(folder: string): Promise<string[]> {
  const blocks = join(folder, 'blocks');
  const names = await readdir(blocks, { recursive: true }).catch(() => []);
  return names
    .filter((name) => name.includes('/'))
    .sort((one, other) => Number(one.slice(3)) - Number(other.slice(3)))
    .map((name) => join(blocks, name));
}

/** Room that files of blocks take on the local disk. */
export async function takenBytes(folder: string): Promise<number> {
  const files = await Promise.all((await blockFiles(folder)).map((path) => stat(path)));
  return files.reduce((sum, { blocks }) => sum + blocks * 512, 0);
}
