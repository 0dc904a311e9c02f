import {
  closeSync,
  constants,
  fstat,
  fsync,
  ftruncate,
  ftruncateSync,
  futimes,
  open,
  openSync,
  read,
  readSync,
  write,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { Failure } from '../errors.ts';
import { localFailure } from './block-folder.ts';

const openFile = promisify(open);
const statFile = promisify(fstat);
const readInto = promisify(read);
const writeFrom = promisify(write);
const truncateFile = promisify(ftruncate);
const syncFile = promisify(fsync);
const dateFile = promisify(futimes);

/** The date of a file into which nobody has written since it was synced, in seconds since 1970: whoever writes makes it another. */
const syncedSec = 0;

/** Whether nothing was written since the last sync, by the date that the file has. */
export function isAsSynced({ mtimeMs }: { readonly mtimeMs: number }): boolean {
  return mtimeMs === syncedSec * 1000;
}

/**
 * One open file with holes. What fails is told as a `Failure`: 'no-space', 'local', 'bad-handle' after it was closed.
 *
 * INVARIANT: nobody uses the descriptor after it was closed: its number may be another file's by then.
 */
export class SparseFile {
  readonly path: string;
  readonly #descriptor: number;
  #uses = 0;
  #isClosed = false;
  #onUnused: (() => void) | undefined;

  private constructor(path: string, descriptor: number) {
    this.path = path;
    this.#descriptor = descriptor;
  }

  /** Makes a file of zeros. @throws Failure 'exists' too */
  static async create(path: string, sizeBytes: number): Promise<SparseFile> {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
    const file = new SparseFile(path, openNew(path, flags));
    try {
      if (sizeBytes > 0) await file.truncate(sizeBytes);
    } catch (error) {
      await file.close();
      throw error;
    }
    return file;
  }

  static async open(path: string): Promise<SparseFile> {
    return new SparseFile(path, await openFile(path, constants.O_RDWR).catch(failedOn(path)));
  }

  sizeBytes(): Promise<number> {
    return this.#use(async (descriptor) => (await statFile(descriptor)).size);
  }

  /** Returns how many bytes there were. */
  readNow(target: Uint8Array, offset: number): number {
    return this.#useNow((descriptor) => {
      let done = 0;
      while (done < target.length) {
        const readBytes = readSync(descriptor, target, done, target.length - done, offset + done);
        if (readBytes === 0) break;
        done += readBytes;
      }
      return done;
    });
  }

  /** Returns how many bytes there were. */
  read(target: Uint8Array, offset: number): Promise<number> {
    return this.#use(async (descriptor) => {
      let done = 0;
      while (done < target.length) {
        const { bytesRead } = await readInto(descriptor, target, done, target.length - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return done;
    });
  }

  writeNow(bytes: Uint8Array, offset: number): void {
    this.#useNow((descriptor) => {
      for (let done = 0; done < bytes.length; )
        done += writeSync(descriptor, bytes, done, bytes.length - done, offset + done);
    });
  }

  write(bytes: Uint8Array, offset: number): Promise<void> {
    return this.#use(async (descriptor) => {
      for (let done = 0; done < bytes.length; )
        done += (await writeFrom(descriptor, bytes, done, bytes.length - done, offset + done)).bytesWritten;
    });
  }

  truncate(sizeBytes: number): Promise<void> {
    return this.#use((descriptor) => truncateFile(descriptor, sizeBytes));
  }

  /** Takes away what a failed write has left behind the end. */
  cutBack(sizeBytes: number): void {
    this.#useNow((descriptor) => ftruncateSync(descriptor, sizeBytes));
  }

  /** Bytes and size are on the disk, and the date that says so for as long as nobody writes. */
  sync(): Promise<void> {
    return this.#use(async (descriptor) => {
      await dateFile(descriptor, syncedSec, syncedSec);
      await syncFile(descriptor);
    });
  }

  /** Writes what need not be synced: a file that counts as synced goes on doing so. Nobody else writes meanwhile. */
  writeBeside(bytes: Uint8Array, offset: number): Promise<void> {
    return this.#use(async (descriptor) => {
      const wasAsSynced = isAsSynced(await statFile(descriptor));
      for (let done = 0; done < bytes.length; )
        done += (await writeFrom(descriptor, bytes, done, bytes.length - done, offset + done)).bytesWritten;
      if (wasAsSynced) await dateFile(descriptor, syncedSec, syncedSec);
    });
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#uses > 0)
      await new Promise<void>((resolve) => {
        this.#onUnused = resolve;
      });
    try {
      // Nothing is written by that: it costs a few µs, and a way to the thread pool ten times as much.
      closeSync(this.#descriptor);
    } catch (error) {
      throw localFailure(error, this.path);
    }
  }

  #useNow<T>(task: (descriptor: number) => T): T {
    if (this.#isClosed) throw this.#closed();
    try {
      return task(this.#descriptor);
    } catch (error) {
      throw localFailure(error, this.path);
    }
  }

  async #use<T>(task: (descriptor: number) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw this.#closed();
    this.#uses++;
    try {
      return await task(this.#descriptor);
    } catch (error) {
      throw localFailure(error, this.path);
    } finally {
      this.#uses--;
      if (this.#uses === 0) this.#onUnused?.();
    }
  }

  #closed(): Failure {
    return new Failure('bad-handle', `Used after it was closed: ${this.path}`, { path: this.path });
  }
}

function openNew(path: string, flags: number): number {
  try {
    return openSync(path, flags, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new Failure('exists', `There is a draft of this name: ${path}`, { path, cause: error });
    throw localFailure(error, path);
  }
}

function failedOn(path: string): (error: unknown) => never {
  return (error) => {
    throw localFailure(error, path);
  };
}
