import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { shownByWalk } from './mirror.ts';
import { standingDisk } from './standing-disk.ts';

/** Longer by hand: IDLE_SEC=30. */
const idleSec = Number(process.env['IDLE_SEC'] ?? 12);

it(
  'an idle mount asks for the revision once an interval, and for nothing else',
  async () => {
    const standing = await standingDisk({
      fill: ({ model }) => {
        for (let folder = 0; folder < 10; folder++)
          for (let file = 0; file < 10; file++) model.putFile(`disk:/${folder}/${file}`, `${folder}/${file}`);
        model.putFile('disk:/not/looked/at', 'x');
      },
    });
    try {
      const mount = await standing.mount('--poll-interval', '1s');
      await shownByWalk(standing.mountpoint);
      // What was begun ahead of the walk may come to its end.
      await sleep(3_000);
      standing.requests();
      await sleep(idleSec * 1_000);
      const { polls, api, data } = standing.requests();
      expect(polls).toBeLessThanOrEqual(idleSec + 2);
      expect(polls).toBeGreaterThan(idleSec / 3);
      expect(api).toBe(polls);
      expect(data).toBe(0);
      expect(await mount.end()).toBe(0);
    } finally {
      await standing.close();
    }
  },
  60_000 + idleSec * 1_000,
);
