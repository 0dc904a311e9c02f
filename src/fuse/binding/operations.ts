/**
 * What a file system answers, one function per operation of libfuse 2.9's path interface.
 *
 * Every result is 0 (or a count) when it went well and a negative errno when it did not. Each callback must be
 * called exactly once; the calling process waits until then, without any time-out. A buffer belongs to the
 * operation only until it has answered.
 */

/** A moment: whole seconds since 1970, negative before it, and 0 … 999,999,999 nanoseconds after those. */
export interface Time {
  readonly sec: number;
  readonly nsec: number;
}

/** What `utimens` asks of one of the two times: a moment, the moment of the call, or to leave it as it is. */
export type TimeChange = Time | 'now' | 'omit';

export interface Stat {
  readonly mode: number;
  readonly sizeBytes: number;
  /** Shown to programs as `st_ino`; 0 … 2^53-1, of which an unmended binding keeps the lowest 32 bits. */
  readonly ino: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  readonly atime: Time;
  readonly mtime: Time;
  readonly ctime: Time;
  /** Unit of `blocks` is 512 bytes, whatever `blockSizeBytes` says. */
  readonly blocks: number;
  /** What programs take as the best size of one read or write. */
  readonly blockSizeBytes: number;
}

export interface Statfs {
  readonly blockSizeBytes: number;
  /** Unit of the three counts of blocks below. */
  readonly fragmentSizeBytes: number;
  readonly blocks: number;
  readonly blocksFree: number;
  readonly blocksAvailable: number;
  readonly files: number;
  readonly filesFree: number;
  readonly nameMaxBytes: number;
}

/** What `readdir` may tell of an entry beside its name, for the type and inode number that `readdir(3)` shows. */
export interface EntryKind {
  readonly mode: number;
  readonly ino: number;
}

/** What "." and ".." stand for in a listing. */
export interface FolderInos {
  readonly own: number;
  readonly above: number;
}

/** Flags with which `open` and `create` may answer beside the handle. */
export interface OpenAnswer {
  /** Every read and write comes here, past the page cache. */
  readonly directIo?: boolean;
  /** What the page cache holds of this file is still right. */
  readonly keepCache?: boolean;
}

/** 0 or a negative errno. */
export type DoneCallback = (result: number) => void;
/** A count of bytes or a negative errno. */
type CountCallback = (result: number) => void;
type ValueCallback<Value> = (result: number, value?: Value) => void;
/** The handle is a number of 1 … 2^31-1. */
export type HandleCallback = (result: number, handle?: number, answer?: OpenAnswer) => void;
type ReaddirCallback = (
  result: number,
  names?: readonly string[],
  kinds?: readonly EntryKind[],
  folders?: FolderInos,
) => void;

/** An operation that is left out is answered ENOSYS or by libfuse's own default. */
export interface Operations {
  /** Called once, before the first operation. */
  init?(done: DoneCallback): void;
  access?(path: string, mode: number, done: DoneCallback): void;
  statfs?(path: string, done: ValueCallback<Statfs>): void;
  getattr(path: string, done: ValueCallback<Stat>): void;
  /**
   * Asked instead of `getattr` where the kernel names the handle, which it does after reads and writes past the
   * known end; `fstat` comes as `getattr`. A mended binding asks so of every file that is open, by one of its handles, which may be closed by then.
   * The path is empty when the folder of the file is gone.
   */
  fgetattr?(path: string, handle: number, done: ValueCallback<Stat>): void;
  readlink?(path: string, done: ValueCallback<string>): void;
  opendir?(path: string, flags: number, done: HandleCallback): void;
  /** Without "." and "..". `kinds`, where given, has one element per name; without it `folders` does not count. */
  readdir?(path: string, done: ReaddirCallback): void;
  releasedir?(path: string, handle: number, done: DoneCallback): void;
  fsyncdir?(path: string, dataOnly: boolean, handle: number, done: DoneCallback): void;

  /** `flags` as in open(2), without O_CREAT and O_EXCL; O_TRUNC only with the option `atomicTruncate`. */
  open?(path: string, flags: number, done: HandleCallback): void;
  /** `flags` as in open(2); an unmended binding does not know them and passes O_RDWR | O_CREAT. */
  create?(path: string, mode: number, flags: number, done: HandleCallback): void;
  /** Fills `buffer`, whose length is what is asked, at most 128 KiB. A short count means the end of the file. */
  read?(path: string, handle: number, buffer: Buffer, positionBytes: number, done: CountCallback): void;
  write?(path: string, handle: number, buffer: Buffer, positionBytes: number, done: CountCallback): void;
  /** One per close(2), before it returns: its error is close's error. */
  flush?(path: string, handle: number, done: DoneCallback): void;
  fsync?(path: string, dataOnly: boolean, handle: number, done: DoneCallback): void;
  /** Once per open file, after its last close has returned. The result reaches nobody. */
  release?(path: string, handle: number, done: DoneCallback): void;

  truncate?(path: string, sizeBytes: number, done: DoneCallback): void;
  ftruncate?(path: string, handle: number, sizeBytes: number, done: DoneCallback): void;
  utimens?(path: string, atime: TimeChange, mtime: TimeChange, done: DoneCallback): void;
  /** An id of 2^32-1 means "leave it". */
  chown?(path: string, uid: number, gid: number, done: DoneCallback): void;
  chmod?(path: string, mode: number, done: DoneCallback): void;

  mknod?(path: string, mode: number, device: number, done: DoneCallback): void;
  mkdir?(path: string, mode: number, done: DoneCallback): void;
  unlink?(path: string, done: DoneCallback): void;
  rmdir?(path: string, done: DoneCallback): void;
  rename?(source: string, target: string, done: DoneCallback): void;
  link?(source: string, target: string, done: DoneCallback): void;
  symlink?(linkTarget: string, path: string, done: DoneCallback): void;

  /** `flags` is 0, XATTR_CREATE (1) or XATTR_REPLACE (2), or both. */
  setxattr?(path: string, name: string, value: Buffer, flags: number, done: DoneCallback): void;
  /** A value of `null` means that there is no such attribute. */
  getxattr?(path: string, name: string, done: ValueCallback<Buffer | null>): void;
  listxattr?(path: string, done: ValueCallback<readonly string[]>): void;
  removexattr?(path: string, name: string, done: DoneCallback): void;
}
