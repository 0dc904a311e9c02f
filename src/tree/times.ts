/** A moment as POSIX has it: seconds since 1970, rounded down, and nanoseconds of that second. */
export interface Timestamp {
  readonly sec: number;
  readonly nsec: number;
}

export const epoch: Timestamp = { sec: 0, nsec: 0 };

/**
 * Reads RFC 3339, with up to nine digits of a second's fraction: the Disk's own `2024-07-11T18:02:06+00:00` and what rclone
 * stores, `2026-08-17T16:13:14.123456789+05:30`. Undefined for anything else.
 */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/i.exec(text);
  if (!match) return undefined;
  const [, moment, fraction, zone] = match;
  const ms = Date.parse(`${moment}${zone}`);
  return Number.isNaN(ms)
    ? undefined
    : { sec: Math.floor(ms / 1000), nsec: Number((fraction ?? '0').padEnd(9, '0')) };
}

const firstSec = Date.parse('0001-01-01T00:00:00Z') / 1000;
const lastSec = Date.parse('9999-12-31T23:59:59Z') / 1000;

/** As it can be kept on the Disk: what RFC 3339 has no form for becomes the nearest that it has, as a disk does with what is beyond its own bounds. */
export function storable({ sec, nsec }: Timestamp): Timestamp {
  return { sec: Math.min(lastSec, Math.max(firstSec, sec)), nsec };
}

export function later(one: Timestamp, other: Timestamp): Timestamp {
  const isLater = one.sec > other.sec || (one.sec === other.sec && one.nsec >= other.nsec);
  return isLater ? one : other;
}

/** This moment, to the millisecond. */
export function now(): Timestamp {
  return fromUnixMs(Date.now());
}

export function fromUnixMs(unixMs: number): Timestamp {
  const sec = Math.floor(unixMs / 1000);
  return { sec, nsec: (unixMs - sec * 1000) * 1_000_000 };
}
