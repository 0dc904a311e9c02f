import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** A file that stays open, here and in the twin. */
export interface Held {
  readonly fd: number;
  readonly twinFd: number | undefined;
  readonly inode: number;
}

/** Everything beneath a folder, by path. */
export type Scan = ReadonlyMap<string, 'file' | 'folder'>;

/** As most programs write. */
const atOnceBytes = 128 << 10;

/**
 * Calls that block, in a folder of a mount, each with its twin after it: what failed in the mount is not done there.
 * Whoever replaces or removes something looks at it first, and holds it open meanwhile: so it is told which bytes he saw.
 */
export class Hands {
  readonly #folder: string;
  readonly #twin: string | undefined;
  readonly #held = new Set<Held>();
  /** Removed or replaced by this one while they were held open: what is written to them afterwards is nowhere. */
  readonly #removed = new WeakSet<Held>();

  constructor(folder: string, twin: string | undefined) {
    this.#folder = folder;
    this.#twin = twin;
  }

  scan(): Scan {
    return scanned(this.#folder);
  }

  twinScan(): Scan | undefined {
    return this.#twin === undefined ? undefined : scanned(this.#twin);
  }

  isRemoved(held: Held): boolean {
    return this.#removed.has(held);
  }

  read(path: string): Buffer {
    const fd = openSync(join(this.#folder, path), 'r');
    try {
      return this.#checked(path, readAll(fd));
    } finally {
      closeSync(fd);
    }
  }

  /** A new file. @param isSynced before it is closed */
  create(path: string, bytes: Buffer, isSynced: boolean): void {
    for (const side of this.#sides(path)) {
      const fd = openSync(side, 'wx');
      try {
        writeAll(fd, bytes, 0);
        if (isSynced) fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    }
  }

  /** To be closed by `close`. */
  open(path: string): Held {
    const fd = openSync(join(this.#folder, path), constants.O_RDWR);
    try {
      const twinFd = this.#twin === undefined ? undefined : openSync(join(this.#twin, path), 'r+');
      const held = { fd, twinFd, inode: fstatSync(fd).ino };
      this.#held.add(held);
      return held;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  readHeld({ fd, twinFd }: Held): Buffer {
    const bytes = readAll(fd);
    if (twinFd !== undefined && !readAll(twinFd).equals(bytes))
      throw new Wrong('a file that is held open has other bytes than its twin');
    return bytes;
  }

  /** All of it anew. @param isFirstCut as O_TRUNC does; else what is too much is cut off afterwards */
  overwrite({ fd, twinFd }: Held, bytes: Buffer, isFirstCut: boolean): void {
    for (const each of twinFd === undefined ? [fd] : [fd, twinFd]) {
      if (isFirstCut) ftruncateSync(each, 0);
      writeAll(each, bytes, 0);
      if (!isFirstCut) ftruncateSync(each, bytes.length);
    }
  }

  append({ fd, twinFd }: Held, atBytes: number, bytes: Buffer): void {
    writeAll(fd, bytes, atBytes);
    if (twinFd !== undefined) writeAll(twinFd, bytes, atBytes);
  }

  sync({ fd }: Held): void {
    fsyncSync(fd);
  }

  close(held: Held): void {
    this.#held.delete(held);
    const { fd, twinFd } = held;
    closeSync(fd);
    if (twinFd !== undefined) closeSync(twinFd);
  }

  /** @returns the bytes that were seen to be replaced */
  rename(from: string, to: string): Buffer | undefined {
    return this.#lookingAt(to, () => {
      const [old, fresh] = [this.#sides(from), this.#sides(to)];
      for (const [index, side] of old.entries()) renameSync(side, fresh[index] ?? '');
    });
  }

  /** @returns the bytes that were seen to be removed */
  unlink(path: string): Buffer | undefined {
    return this.#lookingAt(path, () => {
      for (const side of this.#sides(path)) unlinkSync(side);
    });
  }

  makeFolder(path: string): void {
    for (const side of this.#sides(path)) mkdirSync(side);
  }

  removeFolder(path: string): void {
    for (const side of this.#sides(path)) rmdirSync(side);
  }

  date(path: string, seconds: number): void {
    for (const side of this.#sides(path)) utimesSync(side, seconds, seconds);
  }

  #sides(path: string): string[] {
    return [this.#folder, ...(this.#twin === undefined ? [] : [this.#twin])].map((top) => join(top, path));
  }

  /** @returns the bytes of what is there, if that is a file */
  #lookingAt(path: string, task: () => void): Buffer | undefined {
    let fd: number;
    try {
      fd = openSync(join(this.#folder, path), 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      task();
      return undefined;
    }
    try {
      const stats = fstatSync(fd);
      if (stats.isDirectory()) {
        task();
        return undefined;
      }
      const bytes = this.#checked(path, readAll(fd));
      task();
      // A delete may come to nothing, and the same file be there again.
      for (const held of this.#held) if (held.inode === stats.ino) this.#removed.add(held);
      return bytes;
    } finally {
      closeSync(fd);
    }
  }

  #checked(path: string, bytes: Buffer): Buffer {
    if (this.#twin !== undefined) {
      const fd = openSync(join(this.#twin, path), 'r');
      try {
        if (!readAll(fd).equals(bytes)) throw new Wrong(`${path} has other bytes than its twin`);
      } finally {
        closeSync(fd);
      }
    }
    return bytes;
  }
}

/** Something that must not be. */
export class Wrong extends Error {
  override readonly name = 'Wrong';
}

function scanned(top: string): Map<string, 'file' | 'folder'> {
  const found = new Map<string, 'file' | 'folder'>();
  const look = (path: string): void => {
    for (const entry of readdirSync(join(top, path), { withFileTypes: true })) {
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      const isFolder = entry.isDirectory();
      found.set(inner, isFolder ? 'folder' : 'file');
      if (!isFolder) continue;
      try {
        look(inner);
      } catch (error) {
        // Others may have taken it away meanwhile.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  };
  look('');
  return found;
}

function readAll(fd: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const part = Buffer.alloc(atOnceBytes);
    const count = readSync(fd, part, 0, part.length, at);
    if (count === 0) return Buffer.concat(parts);
    parts.push(part.subarray(0, count));
    at += count;
  }
}

function writeAll(fd: number, bytes: Buffer, atBytes: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(fd, bytes, done, Math.min(atOnceBytes, bytes.length - done), atBytes + done);
}
