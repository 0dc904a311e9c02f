import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { writable, yadiskfs } from '../mounted-disk.ts';
import { standingDisk } from '../standing-disk.ts';

const run = promisify(execFile);
const mebibyte = 1 << 20;
/** Pins leave 256 MiB to others, unsent work 64. */
const roomBytes = 272 * mebibyte;
const pinsShape = z.object({
  pins: z.array(z.object({ path: z.string(), state: z.string(), message: z.string().nullable() })),
});

// Only root may mount a disk that is small enough to be full.
describe('what is pinned, with little room on this machine', () => {
  it.runIf(process.getuid?.() === 0)(
    'stops before others need the room, says so, and goes on when there is room; what is unsent goes first',
    async () => {
      const small = Buffer.alloc(3 * mebibyte, 'small ');
      const large = Buffer.alloc(40 * mebibyte, 'large ');
      const standing = await standingDisk({
        standIn: { settings: { finalAfterMs: 0, operationMs: 20 } },
        fill: ({ model }) => {
          model.putFile('disk:/small', small);
          model.putFile('disk:/large', large);
          model.putFile('disk:/tiny', 'tiny');
        },
      });
      const { environment, mountpoint, path, disk } = standing;
      const stateFolder = String(environment['YADISKFS_STATE_DIR']);
      await mkdir(stateFolder);
      await run('mount', ['-t', 'tmpfs', '-o', `size=${roomBytes}`, 'tmpfs', stateFolder]);
      const states = async () => {
        const { stdout } = await yadiskfs(environment, 'pins', '--json');
        return Object.fromEntries(
          pinsShape.parse(JSON.parse(stdout)).pins.map((pin) => [pin.path, pin.state]),
        );
      };
      try {
        const mount = await standing.mount(writable, '--write-back', '200ms', '--poll-interval', '500ms');
        expect((await yadiskfs(environment, 'pin', path('small'))).code).toBe(0);
        await expect.poll(states, { timeout: 30_000 }).toEqual({ small: 'complete' });
        expect((await yadiskfs(environment, 'pin', path('large'))).code).toBe(0);
        await expect.poll(states, { timeout: 60_000 }).toEqual({ small: 'complete', large: 'no-room' });
        expect((await yadiskfs(environment, 'pins')).stdout).toContain('NO ROOM on this machine');

        const unsent = Buffer.alloc(100 * mebibyte, 'unsent ');
        await writeFile(path('unsent'), unsent);
        const flushed = await yadiskfs(environment, 'flush', mountpoint, '--timeout', '60s');
        expect({ code: flushed.code, stderr: flushed.stderr }).toEqual({ code: 0, stderr: '' });
        expect(disk.model.read('disk:/unsent').equals(unsent)).toBe(true);
        expect(await states()).toEqual({ small: 'complete', large: 'no-room' });
        disk.wire.cut({ fresh: 'reset', existing: 'rst' });
        expect((await readFile(path('small'))).equals(small)).toBe(true);
        await disk.wire.restore();

        await run('mount', ['-o', `remount,size=${roomBytes + 400 * mebibyte}`, stateFolder]);
        // Whoever changes what is pinned does not wait until it is looked again.
        await expect
          .poll(() => readFile(path('tiny'), 'utf8').catch(() => ''), { timeout: 30_000 })
          .toBe('tiny');
        expect((await yadiskfs(environment, 'pin', path('tiny'))).code).toBe(0);
        await expect
          .poll(states, { timeout: 60_000 })
          .toEqual({ small: 'complete', large: 'complete', tiny: 'complete' });
        expect(await mount.end()).toBe(0);
      } finally {
        await run('umount', ['-l', stateFolder]);
        await standing.close();
      }
    },
    240_000,
  );
});
