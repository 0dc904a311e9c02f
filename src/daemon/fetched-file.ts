import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RemoteContent } from '../disk-api/links.ts';
import { Failure } from '../errors.ts';

/** What a file that is to be fetched finds in its place. */
type InItsPlace = 'nothing' | 'the same' | 'something else';

const readBytes = 1 << 20;

/**
 * Makes a folder, or takes one that is there; never what a link in its place leads to.
 * @throws Failure 'exists' where something else is in the way, 'local', 'no-space'
 */
export async function makeRealFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw notWritten(path, error);
    if ((await lstat(path)).isDirectory()) return;
    throw new Failure('exists', `Something that is no folder is in the way: ${path}`, { path });
  }
}

/** Looks at what is there, without following a link. @throws Failure 'local' */
export async function inItsPlace(path: string, content: RemoteContent): Promise<InItsPlace> {
  const found = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw notWritten(path, error);
  });
  if (!found) return 'nothing';
  if (!found.isFile() || found.size !== content.sizeBytes) return 'something else';
  if (content.sha256 === undefined && content.md5 === undefined) return 'something else';
  return (await hasBytes(path, content)) ? 'the same' : 'something else';
}

/**
 * Writes bytes to a file that has its name only when all of them are there and are right: what was there before is replaced then, and not
 * followed if it is a link.
 * @throws Failure 'damaged' when size or hash are others, 'local', 'no-space', and what `bytes` throws
 */
export async function writeWhole(
  path: string,
  content: RemoteContent,
  bytes: AsyncIterable<Uint8Array>,
  modifiedMs: number | undefined,
): Promise<void> {
  const temporary = join(dirname(path), `.yadiskfs-${randomBytes(6).toString('hex')}.part`);
  let file: FileHandle;
  try {
    file = await open(temporary, 'wx', 0o666);
  } catch (error) {
    throw notWritten(path, error);
  }
  try {
    try {
      const digests = new Digests();
      let sizeBytes = 0;
      for await (const chunk of bytes) {
        await writeAll(file, chunk, path);
        digests.update(chunk);
        sizeBytes += chunk.length;
      }
      if (sizeBytes !== content.sizeBytes || !digests.agree(content))
        throw new Failure('damaged', `What came is not what the Disk describes: ${content.path}`, { path });
      if (modifiedMs !== undefined) await file.utimes(new Date(), new Date(modifiedMs));
    } finally {
      await file.close();
    }
    await rename(temporary, path).catch((error: unknown) => {
      throw notWritten(path, error);
    });
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array, path: string): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, done).catch((error: unknown) => {
      throw notWritten(path, error);
    });
    done += bytesWritten;
  }
}

async function hasBytes(path: string, content: RemoteContent): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const digests = new Digests();
    const buffer = Buffer.allocUnsafe(readBytes);
    for (;;) {
      const { bytesRead } = await file.read(buffer);
      if (bytesRead === 0) return digests.agree(content);
      digests.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** Of everything that the Disk may tell. */
class Digests {
  readonly #md5 = createHash('md5');
  readonly #sha256 = createHash('sha256');

  update(chunk: Uint8Array): void {
    this.#md5.update(chunk);
    this.#sha256.update(chunk);
  }

  /** Each hash that is told must be right. */
  agree({ md5, sha256 }: RemoteContent): boolean {
    const isRight = (told: string | undefined, hash: () => string) => told === undefined || told === hash();
    return isRight(md5, () => this.#md5.digest('hex')) && isRight(sha256, () => this.#sha256.digest('hex'));
  }
}

function notWritten(path: string, cause: unknown): Failure {
  const code = codeOf(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new Failure('no-space', `No room on this machine for ${path}`, { path, cause });
  return new Failure('local', `Cannot be written (${code}): ${path}`, { path, cause });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
