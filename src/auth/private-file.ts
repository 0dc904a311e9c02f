import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../errors.ts';
import { makeFolders } from '../make-folders.ts';

/** Files that hold secrets: for their owner only, replaced whole, synced to the disk. */

/** Longer than anything that we write. */
const longestBytes = 64 << 10;
const forOthers = 0o077;

interface PrivateText {
  readonly text: string;
  readonly stamp: string;
}

/**
 * Reads a file of secrets. Permissions that let others look are taken away, and `onMended` is told.
 * @returns undefined when there is none
 * @throws Failure 'local'
 */
export async function readPrivate(
  path: string,
  onMended: (path: string) => void,
): Promise<PrivateText | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw unusable('read', path, error);
  }
  try {
    const found = await handle.stat({ bigint: true });
    if (!found.isFile() || found.size > longestBytes) {
      throw new Failure('local', `Not a file that yadiskfs wrote: ${path}`, { path });
    }
    if ((Number(found.mode) & forOthers) !== 0) {
      await closeToOthers(handle, path, 0o600);
      onMended(path);
    }
    const text = await handle.readFile('utf8');
    return { text, stamp: stampOf(await handle.stat({ bigint: true })) };
  } catch (error) {
    throw error instanceof Failure ? error : unusable('read', path, error);
  } finally {
    await handle.close();
  }
}

/** Changes whenever the file is replaced; undefined when there is none. @throws Failure 'local' */
export async function stampOfFile(path: string): Promise<string | undefined> {
  try {
    return stampOf(await stat(path, { bigint: true }));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw unusable('read', path, error);
  }
}

/**
 * Puts `text` in place of the file, whole or not at all. Only one process may do so at a time: what an earlier one left half
 * written is swept away.
 * @throws Failure 'local'
 */
export async function writePrivate(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  const prefix = `.${basename(path)}.`;
  const temporary = join(folder, `${prefix}${randomBytes(6).toString('hex')}.tmp`);
  try {
    for (const name of await readdir(folder)) {
      if (name.startsWith(prefix) && name.endsWith('.tmp')) await rm(join(folder, name), { force: true });
    }
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.chmod(0o600); // whatever the umask
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw unusable('write', path, error);
  }
}

/** Takes the file away; whether there was one. @throws Failure 'local' */
export async function removePrivate(path: string): Promise<boolean> {
  try {
    await rm(path);
    await syncFolder(dirname(path));
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw unusable('remove', path, error);
  }
}

/** Makes a folder for secrets, or takes from others what they may do in one that is there. @throws Failure 'local' */
export async function makePrivateFolder(path: string, onMended: (path: string) => void): Promise<void> {
  try {
    await makeFolders(path, 0o700);
    const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      const { mode } = await handle.stat();
      if ((mode & forOthers) !== 0) {
        await closeToOthers(handle, path, 0o700);
        onMended(path);
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof Failure ? error : unusable('make', path, error);
  }
}

async function closeToOthers(handle: FileHandle, path: string, mode: number): Promise<void> {
  try {
    await handle.chmod(mode);
  } catch (cause) {
    throw new Failure(
      'local',
      `Other users may look into ${path}, and that cannot be changed (${codeOf(cause)})`,
      {
        path,
        hint: `It must belong to you, with the permissions ${mode.toString(8)}.`,
        cause,
      },
    );
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function stampOf(found: { readonly ino: bigint; readonly mtimeNs: bigint; readonly size: bigint }): string {
  return `${found.ino}:${found.mtimeNs}:${found.size}`;
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** What an error of the file system says to a person. */
export function unusable(verb: 'read' | 'write' | 'remove' | 'make', path: string, cause: unknown): Failure {
  const code = codeOf(cause);
  return new Failure('local', `Cannot ${verb} ${path}${code ? ` (${code})` : ''}`, {
    path,
    hint:
      code === 'EACCES' || code === 'EPERM'
        ? 'It may belong to another user, such as root after a sudo: give it back with chown.'
        : code === 'ENOSPC' || code === 'EDQUOT'
          ? 'The local disk is full.'
          : undefined,
    cause,
  });
}
