import {
  close,
  constants,
  fdatasync,
  fstat,
  ftruncate,
  ftruncateSync,
  open,
  read,
  readSync,
  write,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { Failure } from '../errors.ts';
import { localFailure } from './block-folder.ts';

const openFile = promisify(open);
const closeFile = promisify(close);
const statFile = promisify(fstat);
const readInto = promisify(read);
const writeFrom = promisify(write);
const truncateFile = promisify(ftruncate);
const syncFile = promisify(fdatasync);

/** One open file with holes. What fails is told as a `Failure`: 'no-space', 'local'. */
export class SparseFile {
  readonly path: string;
  readonly #descriptor: number;

  private constructor(path: string, descriptor: number) {
    this.path = path;
    this.#descriptor = descriptor;
  }

  /** Makes a file of zeros. @throws Failure 'local' also when there is one */
  static async create(path: string, sizeBytes: number): Promise<SparseFile> {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
    const file = new SparseFile(path, await openFile(path, flags, 0o600).catch(failedOn(path)));
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

  async sizeBytes(): Promise<number> {
    return (await statFile(this.#descriptor).catch(failedOn(this.path))).size;
  }

  /** Returns how many bytes there were. */
  readNow(target: Uint8Array, offset: number): number {
    try {
      let done = 0;
      while (done < target.length) {
        const readBytes = readSync(this.#descriptor, target, done, target.length - done, offset + done);
        if (readBytes === 0) break;
        done += readBytes;
      }
      return done;
    } catch (error) {
      throw localFailure(error, this.path);
    }
  }

  async read(target: Uint8Array, offset: number): Promise<number> {
    let done = 0;
    while (done < target.length) {
      const { bytesRead } = await readInto(
        this.#descriptor,
        target,
        done,
        target.length - done,
        offset + done,
      ).catch(failedOn(this.path));
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  writeNow(bytes: Uint8Array, offset: number): void {
    try {
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#descriptor, bytes, done, bytes.length - done, offset + done);
    } catch (error) {
      throw localFailure(error, this.path);
    }
  }

  async write(bytes: Uint8Array, offset: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await writeFrom(
        this.#descriptor,
        bytes,
        done,
        bytes.length - done,
        offset + done,
      ).catch(failedOn(this.path));
      done += bytesWritten;
    }
  }

  async truncate(sizeBytes: number): Promise<void> {
    await truncateFile(this.#descriptor, sizeBytes).catch(failedOn(this.path));
  }

  /** Takes away what a failed write may have left behind the end. */
  cutBack(sizeBytes: number): void {
    try {
      ftruncateSync(this.#descriptor, sizeBytes);
    } catch (error) {
      throw localFailure(error, this.path);
    }
  }

  /** Bytes and size are on the disk; dates may not be. */
  async sync(): Promise<void> {
    await syncFile(this.#descriptor).catch(failedOn(this.path));
  }

  async close(): Promise<void> {
    await closeFile(this.#descriptor).catch(failedOn(this.path));
  }
}

function failedOn(path: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof Failure ? error : localFailure(error, path);
  };
}
