import { isMended, loadAddon, type NativeFuse } from './addon.ts';

/** What the installed binding can do. All false: fuse-native 2.2.6 as it comes. */
export interface Features {
  /** Corrected by scripts/mend-fuse-native. */
  readonly mended: boolean;
  /** mtime and atime arrive apart, alone, and as "now"; nanoseconds and years before 1970 both ways. */
  readonly exactTimes: boolean;
  /** Worker threads that end leave nothing behind. */
  readonly boundedMemory: boolean;
  readonly createFlags: boolean;
  /** `open` and `create` may answer `directIo` and `keepCache`. */
  readonly openAnswers: boolean;
  /** `st_ino` up to 2^53-1 and sizes of statfs beyond 32 bits. */
  readonly wideNumbers: boolean;
  /** `readdir` can tell types and inode numbers. */
  readonly entryKinds: boolean;
  /** The kernel looks names of one folder up beside each other. */
  readonly parallelLookups: boolean;
  /** A name that is not UTF-8 is refused, in place of being changed. */
  readonly exactNames: boolean;
  /** The kernel can be told to forget. */
  readonly invalidation: boolean;
  /** The end of a mount, and why mounting failed, are known at once. */
  readonly lifecycle: boolean;
}

/** One plain sentence for each feature that may be missing. */
const SENTENCES = {
  exactTimes:
    'dates: a change of the modification time alone does not arrive (touch -m, cp -p, tar), and fractions end at milliseconds',
  boundedMemory: 'memory: grows slowly while many programs use the mount at once',
  createFlags: 'new files: how they are opened is not known, so each is prepared for reading and writing',
  openAnswers: 'page cache: is dropped at each open',
  wideNumbers: 'inode numbers and sizes in df: cut to 32 bits',
  entryKinds: 'listings: do not tell files from folders until each is asked for',
  parallelLookups: 'speed: programs that look into one folder at a time wait for each other',
  exactNames: 'names that are not UTF-8: are changed without a word',
  invalidation: 'changes made elsewhere: show only when the kernel asks again by itself',
  lifecycle:
    'an unmount by somebody else is noticed a second late, and why a mount failed is told on stderr only',
} satisfies Record<Exclude<keyof Features, 'mended'>, string>;

/** The mended binding has them all. */
export function featuresOf(native: NativeFuse): Features {
  const mended = isMended(native);
  return {
    mended,
    exactTimes: mended,
    boundedMemory: mended,
    createFlags: mended,
    openAnswers: mended,
    wideNumbers: mended,
    entryKinds: mended,
    parallelLookups: mended,
    exactNames: mended,
    invalidation: mended,
    lifecycle: mended,
  };
}

/** Of the binding that is installed here. @throws MountError when it cannot be loaded */
export function installedFeatures(): Features {
  return featuresOf(loadAddon().native);
}

/** What a user misses on this binding, in sentences for a log or a report; empty when nothing. */
export function missingFeatures(features: Features): readonly string[] {
  return Object.entries(SENTENCES).flatMap(([name, sentence]) =>
    features[name as keyof typeof SENTENCES] ? [] : [sentence],
  );
}
