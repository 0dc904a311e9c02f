import type { EnclosedOptions } from '../../test/rclone/enclosed-disk.ts';

/** What every measurement goes through: each request after 50 ms, two round trips more on a new connection, rates in bytes a second. */
export const wire = {
  delayMs: 50,
  connectDelayMs: 100,
  upBytesPerSecond: 20e6,
  downBytesPerSecond: 20e6,
  upBytesPerSecondTotal: 100e6,
  downBytesPerSecondTotal: 100e6,
} satisfies EnclosedOptions['wire'];

/** Room for a million files; one redirect on downloads, as the real Disk does it. */
export const settings = { totalSpaceBytes: 1e13, redirectHops: 1 } satisfies EnclosedOptions['settings'];

/** The network in words. */
export const networkWords =
  `${wire.delayMs} ms a request, ${wire.connectDelayMs} ms more on a new connection, ` +
  `${wire.downBytesPerSecond / 1e6} MB/s a connection, ${wire.downBytesPerSecondTotal / 1e6} MB/s in all, one redirect on downloads`;
