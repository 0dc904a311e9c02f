import { type Stats, writeFileSync } from 'node:fs';
import { constants, copyFile, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { Failure } from '../errors.ts';
import { makeFolders } from '../make-folders.ts';
import { localFailure } from './block-folder.ts';
import { type DraftDescription, decodeDescription, encodeDescription } from './draft-description.ts';
import { isAsSynced, SparseFile } from './sparse-file.ts';

const format = z.object({ version: z.number().int() });
const formatVersion = 1;
const formatName = 'format';
const bytesEnding = '.draft';
const descriptionEnding = '.json';
const temporaryEnding = '.tmp';

/** The files of drafts: `NAME.draft` and `NAME.json` each. All failures are told as `Failure`: 'no-space', 'local'. */
export class DraftFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes what is missing. @throws Failure 'too-new' (nothing is touched), 'damaged-store', 'no-space', 'local' */
  static async open(path: string): Promise<DraftFolder> {
    const formatPath = join(path, formatName);
    try {
      await makeFolders(path, 0o700);
      const written = await ifThere(readFile(formatPath, 'utf8'));
      if (written === undefined) {
        const text = `${JSON.stringify({ version: formatVersion } satisfies z.infer<typeof format>)}\n`;
        await replace(formatPath, text, { isSynced: true });
        await syncFolder(path);
      } else checkFormat(written, formatPath);
    } catch (error) {
      throw localFailure(error, path);
    }
    return new DraftFolder(path);
  }

  bytesPath(name: string): string {
    return join(this.path, `${checked(name)}${bytesEnding}`);
  }

  /** Of all of which something lies here. */
  async names(): Promise<string[]> {
    try {
      const names = new Set<string>();
      for (const file of await readdir(this.path)) {
        const ending = [bytesEnding, descriptionEnding].find((known) => file.endsWith(known));
        if (ending) names.add(file.slice(0, -ending.length));
      }
      return [...names];
    } catch (error) {
      throw localFailure(error, this.path);
    }
  }

  /** Undefined when there is none. */
  async sizeBytes(name: string): Promise<number | undefined> {
    return (await this.#stat(name))?.size;
  }

  /** Whether nothing was written into its bytes since they were synced. */
  async isAsSynced(name: string): Promise<boolean> {
    const found = await this.#stat(name);
    return found !== undefined && isAsSynced(found);
  }

  #stat(name: string): Promise<Stats | undefined> {
    const path = this.bytesPath(name);
    return ifThere(stat(path)).catch(failedOn(path));
  }

  /** Undefined when there is none, or a damaged one. */
  async description(name: string): Promise<DraftDescription | undefined> {
    const path = this.#descriptionPath(name);
    const written = await ifThere(readFile(path, 'utf8')).catch(failedOn(path));
    return written === undefined ? undefined : decodeDescription(written);
  }

  /**
   * Writes the first description of a draft that nobody relies on yet. In our own thread: it goes to the page cache, some 50 µs, where the
   * ways to the thread pool and back would be most of what an untar waits for.
   * @throws Failure 'exists' too
   */
  async describeFirst(name: string, description: DraftDescription): Promise<void> {
    const path = this.#descriptionPath(name);
    try {
      writeFileSync(path, encodeDescription(description), { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST')
        throw new Failure('exists', `There is a draft of this name: ${path}`, { path, cause: error });
      await this.removeDescription(name).catch(() => {});
      throw localFailure(error, path);
    }
  }

  /**
   * Puts a description in place of the last one, whole or not at all; of one name never twice at once.
   * `isSynced`: it does not go lost with the machine's power either.
   */
  async describe(
    name: string,
    description: DraftDescription,
    options: { readonly isSynced: boolean },
  ): Promise<void> {
    const path = this.#descriptionPath(name);
    try {
      await replace(path, encodeDescription(description), options);
      if (options.isSynced) await syncFolder(this.path);
    } catch (error) {
      throw localFailure(error, path);
    }
  }

  /** A new file that goes when it is closed. It has a name for a moment: what is left of that counts as a draft that nobody needs. */
  async openNameless(name: string): Promise<SparseFile> {
    const path = this.bytesPath(name);
    const file = await SparseFile.create(path, 0);
    try {
      await rm(path);
      return file;
    } catch (error) {
      await file.close();
      throw localFailure(error, path);
    }
  }

  /** The bytes as they lie here, holes and all, to a new file elsewhere. @throws Failure 'exists' and 'not-found' too */
  async copyOut(name: string, file: string): Promise<void> {
    const from = this.bytesPath(name);
    try {
      await copyFile(from, file, constants.COPYFILE_EXCL);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST')
        throw new Failure('exists', `There is a file of this name: ${file}`, { path: file, cause: error });
      if (code === 'ENOENT')
        throw new Failure('not-found', `There is no draft ${from}`, { path: from, cause: error });
      throw localFailure(error, file);
    }
  }

  /** The bytes go last: what is left in between is seen here still. */
  async moveOut(name: string, folder: string): Promise<void> {
    try {
      await makeFolders(folder, 0o700);
      for (const path of [this.#descriptionPath(name), this.bytesPath(name)])
        await ifThere(rename(path, join(folder, basename(path))));
    } catch (error) {
      throw localFailure(error, folder);
    }
  }

  /** The description goes last: bytes without one would look like bytes to rescue. */
  async remove(name: string): Promise<void> {
    const bytes = this.bytesPath(name);
    await rm(bytes, { force: true }).catch(failedOn(bytes));
    await this.removeDescription(name);
  }

  async removeDescription(name: string): Promise<void> {
    const path = this.#descriptionPath(name);
    await rm(`${path}${temporaryEnding}`, { force: true }).catch(failedOn(path));
    await rm(path, { force: true }).catch(failedOn(path));
  }

  #descriptionPath(name: string): string {
    return join(this.path, `${checked(name)}${descriptionEnding}`);
  }
}

function checked(name: string): string {
  if (!/^[\w-]{1,100}$/.test(name)) throw new Failure('invalid', `Not a name for a draft: ${name}`);
  return name;
}

function checkFormat(written: string, path: string): void {
  let version: number;
  try {
    ({ version } = format.parse(JSON.parse(written)));
  } catch (cause) {
    throw new Failure('damaged-store', `Not what yadiskfs wrote: ${path}`, {
      path,
      hint: 'The drafts beside it are untouched. If yadiskfs made the folder, remove this file.',
      cause,
    });
  }
  if (version > formatVersion)
    throw new Failure('too-new', `The drafts were written by a newer yadiskfs (${version})`, {
      path,
      hint: 'Install the newer one again. Nothing was changed.',
    });
}

async function replace(path: string, text: string, options: { readonly isSynced: boolean }): Promise<void> {
  const temporary = `${path}${temporaryEnding}`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(text);
    if (options.isSynced) await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function ifThere<T>(found: Promise<T>): Promise<T | undefined> {
  return found.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

function failedOn(path: string): (error: unknown) => never {
  return (error) => {
    throw localFailure(error, path);
  };
}
