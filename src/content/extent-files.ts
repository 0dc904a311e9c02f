import { close, constants, mkdir, open, readv, unlink, writev } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LRUCache } from 'lru-cache';

const openFile = promisify(open);
const closeFile = promisify(close);
const readInto = promisify(readv);
const writeFrom = promisify(writev);
const removeFile = promisify(unlink);
const makeFolder = promisify(mkdir);

/** Files kept open: more than readers and writers use at once, few enough for any limit of open files. */
const keptOpen = 48;
/** Files are spread over so many folders by their number. */
const folderCount = 256;

interface OpenFile {
  readonly descriptor: Promise<number>;
  /** Who uses it, the list of open files counted in; closed at 0. */
  users: number;
}

/** The files of extents, named by number, a few of them kept open. All work is done in the thread pool. */
export class ExtentFiles {
  readonly #folder: string;
  #isClosed = false;
  readonly #open = new LRUCache<number, OpenFile>({ max: keptOpen, dispose: (file) => letGo(file) });

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Fills the buffers from `position` on; returns how many bytes there were. @throws a system error */
  async read(file: number, buffers: readonly Uint8Array[], position: number): Promise<number> {
    const wantedBytes = total(buffers);
    return this.#use(file, constants.O_RDWR, async (descriptor) => {
      const { bytesRead } = await readInto(descriptor, buffers, position);
      // A short read in front of the end is allowed, and as rare as it is useless to us.
      return Math.min(bytesRead, wantedBytes);
    });
  }

  /** Writes at `position`; `isNew`: the file is made, or emptied. @throws a system error */
  async write(file: number, buffers: readonly Uint8Array[], position: number, isNew: boolean): Promise<void> {
    const flags = isNew ? constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC : constants.O_RDWR;
    await this.#use(file, flags, async (descriptor) => {
      let rest = buffers;
      let at = position;
      while (rest.length > 0) {
        const { bytesWritten } = await writeFrom(descriptor, rest, at);
        at += bytesWritten;
        rest = behind(rest, bytesWritten);
      }
    });
  }

  /** Removes it; that it is not there is fine. @throws a system error */
  async remove(file: number): Promise<void> {
    this.#open.delete(file);
    await removeFile(this.path(file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }

  path(file: number): string {
    return join(this.#folder, folderName(file), String(file));
  }

  /** For good. */
  closeAll(): void {
    this.#isClosed = true;
    this.#open.clear();
  }

  async #use<T>(file: number, flags: number, task: (descriptor: number) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new Error('The files of the cache are closed');
    let opened = this.#open.get(file);
    if (!opened) {
      opened = { descriptor: this.#openFile(file, flags), users: 1 };
      this.#open.set(file, opened);
    }
    opened.users++;
    try {
      return await task(await opened.descriptor);
    } catch (error) {
      // What failed once may be another file by now.
      if (this.#open.peek(file) === opened) this.#open.delete(file);
      throw error;
    } finally {
      letGo(opened);
    }
  }

  async #openFile(file: number, flags: number): Promise<number> {
    const path = this.path(file);
    try {
      return await openFile(path, flags, 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || (flags & constants.O_CREAT) === 0)
        throw error;
      // The folder above must be there: if it is not, somebody removed the cache.
      await makeFolder(join(this.#folder, folderName(file)), { mode: 0o700 }).catch(
        (failed: NodeJS.ErrnoException) => {
          if (failed.code !== 'EEXIST') throw failed;
        },
      );
      return openFile(path, flags, 0o600);
    }
  }
}

/** Two hexadecimal digits. */
function folderName(file: number): string {
  return (file % folderCount).toString(16).padStart(2, '0');
}

function letGo(file: OpenFile): void {
  file.users--;
  if (file.users > 0) return;
  // Nothing hangs on it: what was written is checked when it is read.
  file.descriptor.then(closeFile).catch(() => {});
}

function total(buffers: readonly Uint8Array[]): number {
  return buffers.reduce((sum, buffer) => sum + buffer.length, 0);
}

function behind(buffers: readonly Uint8Array[], writtenBytes: number): Uint8Array[] {
  let toSkipBytes = writtenBytes;
  const rest: Uint8Array[] = [];
  for (const buffer of buffers) {
    if (toSkipBytes < buffer.length) rest.push(buffer.subarray(toSkipBytes));
    toSkipBytes = Math.max(0, toSkipBytes - buffer.length);
  }
  return rest;
}
