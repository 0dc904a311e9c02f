import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BlockStore } from '../content/block-store.ts';
import { blockShape } from '../content/whole-file.ts';
import type { Failure } from '../errors.ts';

/** Blocks of one Disk that lie here while nothing of it is mounted. */
interface RestingCache {
  readonly folder: string;
  readonly store: BlockStore;
}

/**
 * Calls `task` for each folder of the cache that no mount uses, one after the other; no mount can use it meanwhile.
 * @returns how many there were
 */
export async function eachRestingCache(
  cacheFolder: string,
  task: (cache: RestingCache) => Promise<void>,
): Promise<number> {
  const entries = await readdir(cacheFolder, { withFileTypes: true }).catch(() => []);
  let count = 0;
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    const folder = join(cacheFolder, name);
    // Others may keep things in a folder that was named by hand.
    if (!(await readdir(folder)).includes('cache.db')) continue;
    const troubles: Failure[] = [];
    const options = { folder, limitBytes: Number.POSITIVE_INFINITY, minFreeBytes: 0 };
    const store = await BlockStore.open(
      { ...options, onTrouble: (failure) => troubles.push(failure), onRecovered: () => {} },
      blockShape,
    );
    try {
      const [trouble] = troubles;
      // A mount has it, and answers for itself.
      if (trouble?.code === 'in-use') continue;
      if (trouble) throw trouble;
      count++;
      await task({ folder, store });
    } finally {
      await store.close();
    }
  }
  return count;
}
