import { readdir, readFile } from 'node:fs/promises';
import { expect, it, onTestFinished } from 'vitest';
import { startPowerCutDisk } from '../../scripts/crash/power/power-cut-disk.ts';
import { startMount } from './mounted-disk.ts';
import { standingDisk } from './standing-disk.ts';

const cuts = 8;

it(
  'after a loss of power the next mount comes up, whatever of the state folder was not synced',
  { timeout: 120_000 },
  async () => {
    const standing = await standingDisk({
      fill: ({ model }) => {
        for (let file = 0; file < 30; file++) model.putFile(`disk:/${file % 5}/${file}`, `text of ${file}`);
      },
    });
    onTestFinished(() => standing.close());
    const { environment, mountpoint, path } = standing;
    const powerCutDisk = await startPowerCutDisk(`${standing.folder}/state on a disk`);
    onTestFinished(() => powerCutDisk.close());
    for (let cut = 0; cut < cuts; cut++) {
      // Every other time from the beginning: what is made once is lost in its first moments only.
      const state = `${powerCutDisk.folder}/${Math.floor(cut / 2)}`;
      const mount = await startMount(mountpoint, { ...environment, YADISKFS_STATE_DIR: state });
      expect(await readdir(mountpoint, { recursive: true })).toHaveLength(35);
      expect(await readFile(path('3', '13'), 'utf8')).toBe('text of 13');
      await mount.kill();
      await powerCutDisk.cut(`cut ${cut}`);
    }
  },
);
