import { rm } from 'node:fs/promises';
import { expect } from 'vitest';
import { z } from 'zod';
import { type WritingDisk, writingDisk } from '../writing/writing-disk.ts';

const counts = { files: z.number(), filesHere: z.number(), bytes: z.number(), bytesHere: z.number() };
const pinsShape = z.object({
  pins: z.array(
    z.object({
      path: z.string(),
      kind: z.string(),
      state: z.string(),
      message: z.string().nullable(),
      ...counts,
    }),
  ),
});
const statusShape = z.object({
  mounts: z.array(
    z.object({
      state: z.string(),
      cache: z.object({ usedBytes: z.number() }),
      pins: z.object({ count: z.number(), usedBytes: z.number(), ...counts }),
    }),
  ),
});

type PinRow = z.infer<typeof pinsShape>['pins'][number];

/** A mount in which things can be pinned, and a network that can be taken away. */
export interface PinnedDisk extends WritingDisk {
  pin(...places: string[]): Promise<void>;
  unpin(...places: string[]): Promise<void>;
  pins(): Promise<readonly PinRow[]>;
  /** The pin of that path, once it is in that state. */
  until(path: string, state: string): Promise<PinRow>;
  status(): Promise<z.infer<typeof statusShape>['mounts'][number]>;
  /** Nothing and nobody answers any more, until `disk.wire.restore`. */
  goOffLine(how?: 'reset' | 'black-hole'): void;
  /** Between two mounts. */
  emptyCache(): Promise<void>;
}

export async function pinnedDisk(...options: Parameters<typeof writingDisk>): Promise<PinnedDisk> {
  const writing = await writingDisk(...options);
  const { disk, run, path, mountpoint, cacheFolder } = writing;
  const done = async (...args: string[]) => {
    const { code, stderr, stdout } = await run(...args);
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
    return stdout;
  };
  const pins = async () => pinsShape.parse(JSON.parse(await done('pins', '--json'))).pins;
  return {
    ...writing,
    pin: async (...places) => {
      await done('pin', ...places.map((place) => path(place)));
    },
    unpin: async (...places) => {
      await done('unpin', ...places.map((place) => path(place)));
    },
    pins,
    until: async (wanted, state) => {
      let row: PinRow | undefined;
      await expect
        .poll(
          async () => {
            row = (await pins()).find((one) => one.path === wanted);
            return row?.state;
          },
          { timeout: 25_000, interval: 300 },
        )
        .toBe(state);
      if (!row) throw new Error('Not pinned');
      return row;
    },
    status: async () => {
      const [status] = statusShape.parse(JSON.parse(await done('status', mountpoint, '--json'))).mounts;
      if (!status) throw new Error('Not mounted');
      return status;
    },
    goOffLine: (how = 'reset') =>
      disk.wire.cut(
        how === 'reset' ? { fresh: 'reset', existing: 'rst' } : { fresh: 'black-hole', existing: 'freeze' },
      ),
    emptyCache: () => rm(cacheFolder, { recursive: true, force: true }),
  };
}
