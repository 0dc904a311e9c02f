import { rm } from 'node:fs/promises';
import { expect } from 'vitest';
import type { PinStatus } from '../../../src/daemon/control-messages.ts';
import { type WritingDisk, writingDisk } from '../writing/writing-disk.ts';

/** A mount in which things can be pinned, and a network that can be taken away. */
export interface PinnedDisk extends WritingDisk {
  pin(...places: string[]): Promise<void>;
  unpin(...places: string[]): Promise<void>;
  /** The pin of that path, once it is in that state. */
  until(path: string, state: string): Promise<PinStatus>;
  /** Nothing and nobody answers any more, until `disk.wire.restore`. */
  goOffLine(how?: 'reset' | 'black-hole'): void;
  /** Between two mounts. */
  emptyCache(): Promise<void>;
}

export async function pinnedDisk(...options: Parameters<typeof writingDisk>): Promise<PinnedDisk> {
  const writing = await writingDisk(...options);
  const { disk, run, path, cacheFolder, pins } = writing;
  const done = async (...args: string[]) => {
    const { code, stderr, stdout } = await run(...args);
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
    return stdout;
  };
  return {
    ...writing,
    pin: async (...places) => {
      await done('pin', ...places.map((place) => path(place)));
    },
    unpin: async (...places) => {
      await done('unpin', ...places.map((place) => path(place)));
    },
    until: async (wanted, state) => {
      let row: PinStatus | undefined;
      await expect
        .poll(
          async () => {
            row = (await pins()).find((one) => one.path === wanted);
            return row?.state;
          },
          { timeout: 25_000, interval: 100 },
        )
        .toBe(state);
      if (!row) throw new Error('Not pinned');
      return row;
    },
    goOffLine: (how = 'reset') =>
      disk.wire.cut(
        how === 'reset' ? { fresh: 'reset', existing: 'rst' } : { fresh: 'black-hole', existing: 'freeze' },
      ),
    emptyCache: () => rm(cacheFolder, { recursive: true, force: true }),
  };
}
