import { constants } from 'node:os';
import type { Operations, Stat } from '../../../src/fuse/binding/operations.ts';
import { DiskError, type FileInode, type Inode, type VolatileDisk } from './volatile-disk.ts';

const { EBADF, EIO, ENOTDIR } = constants.errno;
const folderType = 0o040_000;
const fileType = 0o100_000;

/** The disk as libfuse wants it. Handles end with a cut. */
export class VolatileOperations {
  readonly operations: Operations;
  readonly #disk: VolatileDisk;
  readonly #open = new Map<number, FileInode>();
  #nextHandle = 1;

  constructor(disk: VolatileDisk) {
    this.#disk = disk;
    this.operations = this.#make();
  }

  /** Nobody has anything open any more. */
  forgetHandles(): void {
    this.#open.clear();
  }

  #handle(file: FileInode): number {
    const handle = this.#nextHandle;
    this.#nextHandle += 1;
    this.#open.set(handle, file);
    return handle;
  }

  #file(handle: number): FileInode {
    const file = this.#open.get(handle);
    if (!file) throw new DiskError(EBADF);
    return file;
  }

  #make(): Operations {
    const disk = this.#disk;
    // Past the kernel's own pages: after a cut it must not know what is not there any more. SQLite's index of the write-ahead log is mapped,
    // which needs them; whoever opens it first makes it anew.
    const answerFor = (path: string) => ({ directIo: !path.endsWith('-shm') });
    return {
      getattr: (path, done) => attempt(done, () => done(0, statOf(disk.at(path)))),
      fgetattr: (_, handle, done) => attempt(done, () => done(0, statOf(this.#file(handle)))),
      access: (path, _, done) => settle(done, () => disk.at(path)),
      statfs: (_, done) =>
        done(0, {
          blockSizeBytes: 4096,
          fragmentSizeBytes: 4096,
          blocks: 1 << 24,
          blocksFree: 1 << 23,
          blocksAvailable: 1 << 23,
          files: 1 << 20,
          filesFree: 1 << 19,
          nameMaxBytes: 255,
        }),
      readdir: (path, done) =>
        attempt(done, () => {
          const folder = disk.at(path);
          if (folder.kind !== 'folder') throw new DiskError(ENOTDIR);
          done(0, [...folder.entries.keys()]);
        }),
      open: (path, _flags, done) =>
        attempt(done, () => {
          const file = disk.fileAt(path);
          done(0, this.#handle(file), answerFor(path));
        }),
      create: (path, mode, _, done) =>
        attempt(done, () => done(0, this.#handle(disk.create(path, mode & 0o777)), answerFor(path))),
      read: (_, handle, buffer, at, done) =>
        attempt(done, () => done(this.#file(handle).bytes.read(buffer, at))),
      write: (_, handle, buffer, at, done) =>
        attempt(done, () => {
          const file = this.#file(handle);
          file.bytes.write(buffer, at);
          file.modifiedMs = Date.now();
          done(buffer.length);
        }),
      flush: (_path, _handle, done) => done(0),
      release: (_, handle, done) => {
        this.#open.delete(handle);
        done(0);
      },
      fsync: (_path, _dataOnly, handle, done) => settle(done, () => disk.sync(this.#file(handle))),
      fsyncdir: (path, _dataOnly, _handle, done) => settle(done, () => disk.sync(disk.at(path))),
      truncate: (path, sizeBytes, done) => settle(done, () => cut(disk.fileAt(path), sizeBytes)),
      ftruncate: (_, handle, sizeBytes, done) => settle(done, () => cut(this.#file(handle), sizeBytes)),
      utimens: (path, _atime, mtime, done) =>
        attempt(done, () => {
          const inode = disk.at(path);
          if (mtime === 'now') inode.modifiedMs = Date.now();
          else if (mtime !== 'omit') inode.modifiedMs = mtime.sec * 1000 + mtime.nsec / 1e6;
          done(0);
        }),
      chmod: (path, mode, done) =>
        attempt(done, () => {
          disk.at(path).mode = mode & 0o777;
          done(0);
        }),
      chown: (path, _uid, _gid, done) => settle(done, () => disk.at(path)),
      mkdir: (path, mode, done) => settle(done, () => disk.makeFolder(path, mode & 0o777)),
      unlink: (path, done) => settle(done, () => disk.unlink(path)),
      rmdir: (path, done) => settle(done, () => disk.removeFolder(path)),
      rename: (source, target, done) => settle(done, () => disk.rename(source, target)),
    };
  }
}

/** As `attempt`, for what answers nothing else than that it was done. */
function settle(done: (result: number) => void, task: () => unknown): void {
  attempt(done, () => {
    task();
    done(0);
  });
}

function attempt(done: (result: number) => void, task: () => void): void {
  try {
    task();
  } catch (error) {
    if (!(error instanceof DiskError)) console.error(error);
    done(-(error instanceof DiskError ? error.errno : EIO));
  }
}

function cut(file: FileInode, sizeBytes: number): void {
  file.bytes.truncate(sizeBytes);
  file.modifiedMs = Date.now();
}

function statOf(inode: Inode): Stat {
  const sizeBytes = inode.kind === 'file' ? inode.bytes.sizeBytes : 0;
  const time = {
    sec: Math.floor(inode.modifiedMs / 1000),
    nsec: Math.floor((inode.modifiedMs % 1000) * 1e6),
  };
  return {
    mode: inode.mode | (inode.kind === 'folder' ? folderType : fileType),
    sizeBytes,
    ino: inode.ino,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    nlink: 1,
    atime: time,
    mtime: time,
    ctime: time,
    blocks: Math.ceil(sizeBytes / 512),
    blockSizeBytes: 4096,
  };
}
