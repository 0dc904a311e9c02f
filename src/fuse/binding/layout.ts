import { constants } from 'node:fs';
import type { EntryKind, FolderInos, Stat, Statfs, Time, TimeChange } from './operations.ts';

/** How values cross into the compiled part, which differs between the mended one and the one as it comes. */
export interface Layout {
  stat(stat: Stat | undefined): Uint32Array | Float64Array;
  statfs(statfs: Statfs | undefined): Uint32Array | Float64Array;
  /** atime and mtime, from what the compiled part passes after the path. */
  timeChanges(values: readonly number[]): readonly [TimeChange, TimeChange];
  createFlags(flag: number | undefined): number;
  /** The two values of a listing's answer. "." and ".." are added here. */
  listing(
    names: readonly string[],
    kinds: readonly EntryKind[] | undefined,
    folders: FolderInos | undefined,
  ): readonly [unknown, unknown];
}

const FOLDER_MODE = 0o040000;
/** What readdir(3) shows of an entry whose inode number is not told: not 0, which would hide it. */
const UNTOLD_INO = 0xffff_ffff;

/** fuse-native 2.2.6 as it comes: 32 bits, but for sizes and milliseconds, which are two words. */
export const unmendedLayout: Layout = {
  stat(stat) {
    const words = new Uint32Array(18);
    if (!stat) return words;
    words[0] = stat.mode;
    words[1] = stat.uid;
    words[2] = stat.gid;
    setDoubleWord(words, 3, stat.sizeBytes);
    words[6] = stat.nlink;
    // Taken modulo 2^32, and 0 would hide the file from `ls`.
    words[7] = stat.ino;
    words[7] ||= 1;
    words[9] = stat.blockSizeBytes;
    setDoubleWord(words, 10, stat.blocks);
    setDoubleWord(words, 12, milliseconds(stat.atime));
    setDoubleWord(words, 14, milliseconds(stat.mtime));
    setDoubleWord(words, 16, milliseconds(stat.ctime));
    return words;
  },

  statfs(statfs) {
    const words = new Uint32Array(11);
    if (!statfs) return words;
    // Counts beyond 32 bits are kept right, roughly, by a larger unit.
    const scale = 2 ** Math.max(0, Math.ceil(Math.log2((statfs.blocks + 1) / 2 ** 32)));
    words[0] = statfs.blockSizeBytes;
    words[1] = statfs.fragmentSizeBytes * scale;
    words[2] = statfs.blocks / scale;
    words[3] = statfs.blocksFree / scale;
    words[4] = statfs.blocksAvailable / scale;
    words[5] = Math.min(statfs.files, 0xffff_ffff);
    words[6] = Math.min(statfs.filesFree, 0xffff_ffff);
    words[7] = words[6];
    words[10] = statfs.nameMaxBytes;
    return words;
  },

  /** The C passes the atime in both places: it is the best that can be had of either. */
  timeChanges([atimeLow = 0, atimeHigh = 0, mtimeLow = 0, mtimeHigh = 0]) {
    return [timeOfMs(doubleWord(atimeLow, atimeHigh)), timeOfMs(doubleWord(mtimeLow, mtimeHigh))];
  },

  createFlags() {
    return constants.O_RDWR | constants.O_CREAT;
  },

  listing(names) {
    return [['.', '..', ...names], []];
  },
};

/** The mended binding: doubles, which hold whole numbers up to 2^53. Its other end is native/wire.c. */
export const mendedLayout: Layout = {
  stat(stat) {
    if (!stat) return NO_DOUBLES;
    return Float64Array.of(
      stat.mode,
      stat.uid,
      stat.gid,
      stat.sizeBytes,
      stat.nlink,
      stat.ino,
      stat.blockSizeBytes,
      stat.blocks,
      stat.atime.sec,
      stat.atime.nsec,
      stat.mtime.sec,
      stat.mtime.nsec,
      stat.ctime.sec,
      stat.ctime.nsec,
    );
  },

  statfs(statfs) {
    if (!statfs) return NO_DOUBLES;
    return Float64Array.of(
      statfs.blockSizeBytes,
      statfs.fragmentSizeBytes,
      statfs.blocks,
      statfs.blocksFree,
      statfs.blocksAvailable,
      statfs.files,
      statfs.filesFree,
      statfs.nameMaxBytes,
    );
  },

  /** Four values in the old form come first. */
  timeChanges([, , , , atimeSec = 0, atimeNsec = 0, mtimeSec = 0, mtimeNsec = 0]) {
    return [timeChange(atimeSec, atimeNsec), timeChange(mtimeSec, mtimeNsec)];
  },

  createFlags(flags = 0) {
    return flags;
  },

  listing(names, kinds, folders = { own: UNTOLD_INO, above: UNTOLD_INO }) {
    const bytes = Buffer.from(['.', '..', ...names, ''].join('\0'));
    if (!kinds) return [bytes, NO_DOUBLES];
    const numbers = new Float64Array(4 + 2 * kinds.length);
    numbers.set([FOLDER_MODE, folders.own, FOLDER_MODE, folders.above]);
    let index = 4;
    for (const { mode, ino } of kinds) {
      numbers[index++] = mode;
      numbers[index++] = ino;
    }
    return [bytes, numbers];
  },
};

const NO_DOUBLES = new Float64Array(0);

/** Source: utimensat(2) and <linux/stat.h>. */
const UTIME_NOW = 0x3fff_ffff;
const UTIME_OMIT = 0x3fff_fffe;

function timeChange(sec: number, nsec: number): TimeChange {
  if (nsec === UTIME_NOW) return 'now';
  if (nsec === UTIME_OMIT) return 'omit';
  return { sec, nsec };
}

/** The value of two 32-bit words, the lower first. */
export function doubleWord(low: number, high: number): number {
  return low + high * 2 ** 32;
}

function setDoubleWord(words: Uint32Array, index: number, value: number): void {
  words[index] = value % 2 ** 32;
  words[index + 1] = Math.floor(value / 2 ** 32);
}

/** Years before 1970 cannot be told. */
function milliseconds(time: Time): number {
  return Math.max(0, time.sec * 1000 + Math.floor(time.nsec / 1e6));
}

function timeOfMs(ms: number): Time {
  return { sec: Math.floor(ms / 1000), nsec: (ms % 1000) * 1e6 };
}
