import type { ContentName } from '../content/content-key.ts';
import type { Pinned } from './pin-walk.ts';

/**
 * How a pin stands. `complete`: all of it is here. `fetching`: it is on its way. `waiting`: for the Disk, for a login. `no-room`: nothing more is kept
 * until there is room on this machine. `failed`: parts of it cannot be had, and are tried again. `gone`: nothing stands there any more.
 */
type PinState = 'complete' | 'fetching' | 'waiting' | 'no-room' | 'failed' | 'gone';

/** Files that are to be here, and those that are. */
export interface PinCounts {
  readonly files: number;
  readonly filesHere: number;
  readonly bytes: number;
  readonly bytesHere: number;
}

export interface PinReport extends PinCounts {
  /** In the mount, without a leading slash. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly state: PinState;
  /** What hinders it, in words. */
  readonly message: string | undefined;
  readonly sinceMs: number;
}

/** What the pinner knows beside the pins. */
export interface PinStanding {
  readonly isHere: (name: ContentName) => boolean;
  /** What a file failed with. */
  readonly failureOf: (name: ContentName) => string | undefined;
  /** What hinders all. */
  readonly hindrance: { readonly state: 'waiting' | 'no-room'; readonly message: string } | undefined;
}

/** @param counted contents that were counted already: what two pins hold is there once */
export function countsOf(
  { files, unsent }: Pick<Pinned, 'files' | 'unsent'>,
  isHere: PinStanding['isHere'],
  counted = new Set<string>(),
): PinCounts {
  const counts = {
    files: unsent.files,
    filesHere: unsent.files,
    bytes: unsent.bytes,
    bytesHere: unsent.bytes,
  };
  for (const { name } of files) {
    if (counted.has(name.key)) continue;
    counted.add(name.key);
    const here = isHere(name);
    counts.files++;
    counts.bytes += name.sizeBytes;
    counts.filesHere += here ? 1 : 0;
    counts.bytesHere += here ? name.sizeBytes : 0;
  }
  return counts;
}

export function pinReport(pinned: Pinned, path: string, standing: PinStanding): PinReport {
  const counts = countsOf(pinned, standing.isHere);
  const { kind, sinceMs } = pinned.pin;
  return { path, kind, sinceMs, ...counts, ...stateOf(pinned, counts, standing) };
}

function stateOf(
  { isShown, isComplete, files }: Pinned,
  counts: PinCounts,
  { isHere, failureOf, hindrance }: PinStanding,
): Pick<PinReport, 'state' | 'message'> {
  if (!isShown && isComplete) return { state: 'gone', message: undefined };
  if (isComplete && counts.filesHere === counts.files) return { state: 'complete', message: undefined };
  if (hindrance) return hindrance;
  const failures = files.flatMap(({ name }) => (isHere(name) ? [] : (failureOf(name) ?? [])));
  const isStuck = failures.length > 0 && failures.length === counts.files - counts.filesHere;
  return isStuck ? { state: 'failed', message: failures[0] } : { state: 'fetching', message: undefined };
}
