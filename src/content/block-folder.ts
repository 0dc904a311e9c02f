import { opendir, readdir, rename, rm, rmdir, stat, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pause } from '../async/pause.ts';
import { ExclusiveLock } from '../database/exclusive-lock.ts';
import { Failure, failedWith } from '../errors.ts';
import { makeFolders } from '../make-folders.ts';
import { BlockIndex } from './block-index.ts';
import { ExtentFiles } from './extent-files.ts';

const indexName = 'cache.db';
const blocksName = 'blocks';
/** Begins the names of folders of blocks that no index knows any more. */
const discardedName = 'discarded-';

/** The sweep looks at so many files, then leaves the disk and the loop to others: 5,000 a second at most. */
const sweptAtOnce = 256;
const sweepPauseMs = 50;

/**
 * The folder of the cache while one process has it: a lock, the index `cache.db`, the files of extents below `blocks`.
 * All of it may be deleted at any time.
 */
export class BlockFolder {
  readonly index: BlockIndex;
  readonly files: ExtentFiles;
  readonly #folder: string;
  readonly #lock: ExclusiveLock;
  /** Which file the index is: a file of the same name may be another one by now. */
  readonly #indexInode: number;
  /** Whether every file of an earlier process has its row. */
  #isSwept: boolean;

  private constructor(folder: string, lock: ExclusiveLock, index: BlockIndex, indexInode: number) {
    this.#folder = folder;
    this.#lock = lock;
    this.index = index;
    this.#indexInode = indexInode;
    this.#isSwept = index.wasClean;
    this.files = new ExtentFiles(join(folder, blocksName));
  }

  /**
   * Makes what is missing; an index that is damaged, of another shape, or without its blocks is thrown away with them.
   * @throws Failure 'in-use', 'too-new' (nothing is touched), 'no-space', 'local'
   */
  static async open(folder: string, shape: string): Promise<BlockFolder> {
    try {
      await makeFolders(folder, 0o700);
    } catch (error) {
      throw localFailure(error, folder);
    }
    const lock = ExclusiveLock.take(join(folder, 'lock'));
    try {
      const index = await openIndex(folder, shape);
      try {
        return new BlockFolder(folder, lock, index, (await stat(join(folder, indexName))).ino);
      } catch (error) {
        index.close(false);
        throw error;
      }
    } catch (error) {
      lock.release();
      throw localFailure(error, folder);
    }
  }

  /** Whether the index in the folder is the one that is open here. */
  async isIntact(): Promise<boolean> {
    try {
      const [index] = await Promise.all([
        stat(join(this.#folder, indexName)),
        stat(join(this.#folder, blocksName)),
      ]);
      return index.ino === this.#indexInode;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  /** Bytes that we could still fill, as the local file system says. */
  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#folder);
    return bavail * bsize;
  }

  /** Removes what the index does not know: left by a kill, or by an index that was thrown away. */
  async sweep(signal: AbortSignal): Promise<void> {
    this.index.removeLoneProofs();
    for (const name of await readdir(this.#folder)) {
      if (name.startsWith(discardedName)) await this.#removeSlowly(join(this.#folder, name), signal);
    }
    if (this.#isSwept) return;
    const blocks = join(this.#folder, blocksName);
    for (const name of await readdir(blocks)) {
      await inSteps(join(blocks, name), signal, async (file) => {
        const number = Number(file);
        if (!Number.isSafeInteger(number) || !this.index.knows(number))
          await unlink(join(blocks, name, file));
      });
    }
    this.#isSwept = true;
  }

  /** `written`: nothing is under way, every file of this process has its row. Never throws: it is a cache. */
  close(written: boolean): void {
    this.files.closeAll();
    try {
      this.index.close(written && this.#isSwept);
    } catch {
      // What is not in the index is fetched again.
    }
    this.#lock.release();
  }

  /** Throws index and blocks away, to begin anew. */
  static async discard(folder: string): Promise<void> {
    for (const ending of ['', '-wal', '-shm', '-journal'])
      await rm(join(folder, `${indexName}${ending}`), { force: true });
    const aside = join(folder, `${discardedName}${Date.now()}-${process.pid}`);
    await rename(join(folder, blocksName), aside).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }

  async #removeSlowly(folder: string, signal: AbortSignal): Promise<void> {
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      await inSteps(path, signal, (file) => unlink(join(path, file)));
      await rmdir(path);
    }
    await rmdir(folder);
  }
}

async function openIndex(folder: string, shape: string): Promise<BlockIndex> {
  const file = join(folder, indexName);
  const blocks = join(folder, blocksName);
  // One without the other is worth nothing.
  if (!((await exists(file)) && (await exists(blocks)))) await BlockFolder.discard(folder);
  try {
    return await openFresh();
  } catch (error) {
    if (!failedWith(error, 'damaged-store')) throw error;
    await BlockFolder.discard(folder);
    return await openFresh();
  }

  async function openFresh(): Promise<BlockIndex> {
    await makeFolders(blocks, 0o700);
    return new BlockIndex(file, shape);
  }
}

async function inSteps(
  folder: string,
  signal: AbortSignal,
  task: (name: string) => Promise<void>,
): Promise<void> {
  let count = 0;
  for await (const entry of await opendir(folder)) {
    await task(entry.name);
    if (++count % sweptAtOnce === 0) await pause(sweepPauseMs, signal);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

/** What the local disk said, in our own words. */
export function localFailure(error: unknown, path: string): Failure {
  if (error instanceof Failure) return error;
  const { code } = error as NodeJS.ErrnoException;
  const details = { path, cause: error };
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new Failure('no-space', `No room on this machine for ${path}`, details)
    : new Failure('local', `Cannot use ${path} (${code ?? error})`, details);
}
