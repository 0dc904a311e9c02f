import { spawn } from 'node:child_process';
import { readdir, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Failure } from '../errors.ts';
import { runFusermount } from '../fuse/binding/fusermount.ts';
import { type MountEntry, readMountTable, topAt } from '../fuse/binding/mount-table.ts';

export const mountType = 'fuse.yadiskfs';

/** A mount that says nothing for so long is not dead, but it will not say anything. */
const answerMs = 3_000;
const killedMs = 1_000;

const deadCode = 3;
/** For what it remembers (access, stat) the kernel answers by itself for some seconds after the end; opening always asks. */
const look = `try { require('fs').opendirSync(process.argv[1]).closeSync() } catch (error) { if (error.code === 'ENOTCONN') process.exitCode = ${deadCode} }`;

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
  const isLink = await readlink(mountpoint).then(
    () => true,
    () => false,
  );
  if (!isLink && !(await mountAt(mountpoint))?.type.startsWith('fuse')) return false;
  // In a process of its own: whoever waits for a mount that does not answer keeps it in use, and can be ended only from outside.
  const looking = spawn(process.execPath, ['-e', look, mountpoint], { cwd: '/', env: {}, stdio: 'ignore' });
  const impatience = setTimeout(() => looking.kill('SIGKILL'), answerMs);
  // One that is not to be killed either is left behind.
  const ended = new Promise<number | null>((resolve) => {
    looking.once('exit', resolve).once('error', () => resolve(null));
    setTimeout(resolve, answerMs + killedMs, null).unref();
  });
  const code = await ended;
  clearTimeout(impatience);
  looking.unref();
  return code === deadCode;
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
    // Before anybody is asked what is there: a mount that does not answer would hold us up.
    if ((await mountAt(path))?.type !== mountType) path = await realpath(path);
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
