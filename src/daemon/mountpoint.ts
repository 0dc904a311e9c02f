import { opendir, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../errors.ts';
import { runFusermount } from '../fuse/binding/fusermount.ts';
import { type MountEntry, readMountTable, topAt } from '../fuse/binding/mount-table.ts';

export const mountType = 'fuse.yadiskfs';

/** A mount that says nothing for so long is not dead, but it will not say anything. */
const answerMs = 3_000;

/** The folder's own path with links in the way to it resolved; the folder itself is not touched: it may be a dead mount. */
export async function resolveMountpoint(text: string): Promise<string> {
  const path = resolve(text);
  try {
    return path === '/' ? path : join(await realpath(dirname(path)), basename(path));
  } catch (cause) {
    throw new Failure('local', `The folder to mount on does not exist: ${path}`, {
      path,
      hint: `Make it first: mkdir -p '${path}'`,
      cause,
    });
  }
}

/** What is mounted at this place, of any kind. */
export async function mountAt(mountpoint: string): Promise<MountEntry | undefined> {
  return topAt(await readMountTable(), mountpoint);
}

/**
 * Whether the process behind a mount is gone: the kernel says so without asking anybody. A process that is there and does not
 * answer is not gone; it is not waited for either.
 */
export async function isDeadMount(mountpoint: string): Promise<boolean> {
  // For what it remembers (access, stat) the kernel answers by itself for some seconds after the end; opening always asks.
  const looked = opendir(mountpoint).then(
    (opened) => opened.close().then(() => false),
    (error: unknown) => codeOf(error) === 'ENOTCONN',
  );
  return Promise.race([looked, sleep(answerMs, false, { ref: false })]);
}

/**
 * Makes sure that the folder can be mounted on; takes away what a killed yadiskfs left there.
 * @returns its path with all links resolved
 * @throws Failure 'local' that says what is in the way and what to do
 */
export async function prepareMountpoint(text: string): Promise<string> {
  let path = await resolveMountpoint(text);
  if (await isDeadMount(path)) {
    const entry = await mountAt(path);
    if (entry && entry.type !== mountType) {
      throw new Failure('local', `A dead mount of another program (${entry.type}) is at ${path}`, {
        path,
        hint: `Take it away: fusermount3 -u -z '${path}'`,
      });
    }
    await runFusermount(path, 'lazy');
  }
  let names: string[];
  try {
    path = await realpath(path);
    const entry = await mountAt(path);
    if (entry?.type === mountType) {
      throw new Failure('local', `A Disk is mounted at ${path} already`, {
        path,
        hint: `yadiskfs umount '${path}' ends it.`,
      });
    }
    names = await readdir(path);
  } catch (error) {
    throw error instanceof Failure ? error : unusable(path, error);
  }
  if (names.length > 0) {
    throw new Failure('local', `The folder is not empty: ${path}`, {
      path,
      hint: 'What is in it would be hidden while the Disk is mounted. Choose an empty folder, or make a new one.',
    });
  }
  return path;
}

function unusable(path: string, cause: unknown): Failure {
  switch (codeOf(cause)) {
    case 'ENOENT':
      return new Failure('local', `The folder to mount on does not exist: ${path}`, {
        path,
        hint: `Make it first: mkdir -p '${path}'`,
        cause,
      });
    case 'ENOTDIR':
      return new Failure('local', `Not a folder: ${path}`, {
        path,
        hint: 'A Disk is mounted on an empty folder.',
        cause,
      });
    default:
      return new Failure('local', `The folder to mount on cannot be used (${codeOf(cause)}): ${path}`, {
        path,
        cause,
      });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
