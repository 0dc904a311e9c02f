import { readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { casesOf } from '../../all-tests.ts';
import { writable, yadiskfs } from '../mounted-disk.ts';
import { standingDisk } from '../standing-disk.ts';

const dayMs = 86_400_000;
const settable = fileURLToPath(new URL('./wall-clock.mjs', import.meta.url));

describe('a wall clock that is set while the Disk is mounted', () => {
  const jumps = { 'forward by a day': dayMs, 'back by a day': -dayMs, 'back by ten years': -3650 * dayMs };

  it.each(casesOf(jumps, ['back by a day']))(
    '%s holds up nothing and makes nothing forgotten',
    async (_, jumpMs) => {
      const standing = await standingDisk({
        standIn: { settings: { finalAfterMs: 0, operationMs: 20 } },
        fill: ({ model }) => {
          model.putFile('disk:/folder/file', 'one');
          model.putFile('disk:/folder/deleted', 'to be deleted');
          model.putFile('disk:/folder/moved', 'moved');
          model.mkdir('disk:/elsewhere');
        },
      });
      onTestFinished(() => standing.close());
      const { disk, path, mountpoint, environment } = standing;
      const clockFile = join(standing.folder, 'clock');
      Object.assign(environment, { NODE_OPTIONS: `--import=${settable}`, WALL_CLOCK_FILE: clockFile });
      const options = [writable, '--write-back', '1s', '--poll-interval', '500ms'];
      const served = (name: string) => {
        const node = disk.model.find(`disk:/${name}`);
        return node?.kind === 'file' ? disk.model.read(`disk:/${name}`).toString() : undefined;
      };
      let mount = await standing.mount(...options);
      await readdir(path('folder'));
      await readdir(path('elsewhere'));
      const { ino } = await stat(path('folder', 'moved'));

      // Between the write and the end of its delay.
      await writeFile(path('folder', 'file'), 'two');
      // Refused, and to be tried again some seconds later.
      disk.wire.faults.add({
        route: 'resources.upload',
        path: 'disk:/folder/refused',
        count: 3,
        fault: { kind: 'status', status: 500 },
      });
      disk.wire.faults.add({
        route: 'resources.upload',
        path: 'disk:/folder/refused',
        count: 6,
        skip: 3,
        fault: { kind: 'status', status: 423, error: 'DiskResourceLockedError' },
      });
      await writeFile(path('folder', 'refused'), 'in the end');
      await writeFile(clockFile, `${jumpMs}`);
      await expect.poll(() => served('folder/file'), { timeout: 40_000 }).toBe('two');
      await expect.poll(() => served('folder/refused'), { timeout: 40_000 }).toBe('in the end');
      // What is done after it.
      await writeFile(path('folder', 'later'), 'written later');
      await unlink(path('folder', 'deleted'));
      await rename(path('folder', 'later'), path('elsewhere', 'later'));
      await expect.poll(() => served('elsewhere/later'), { timeout: 40_000 }).toBe('written later');
      await expect.poll(() => served('folder/deleted'), { timeout: 40_000 }).toBeUndefined();
      // Changes made elsewhere come in, and what moved there keeps its number.
      disk.model.move('disk:/folder/moved', 'disk:/elsewhere/moved');
      disk.model.putFile('disk:/folder/file', 'three');
      // What is open stays as it is, and the kernel tells of a close late: looks without a pause would keep it open on a busy machine.
      await expect
        .poll(() => readFile(path('folder', 'file'), 'utf8'), { timeout: 40_000, interval: 1_000 })
        .toBe('three');
      await expect.poll(() => readdir(path('elsewhere')), { timeout: 40_000 }).toEqual(['later', 'moved']);
      expect((await stat(path('elsewhere', 'moved'))).ino).toBe(ino);

      // The clock is right again: what an earlier process noted in the future is no reason to wait for it.
      await writeFile(path('folder', 'unsent'), 'for the next mount');
      await mount.kill();
      await writeFile(clockFile, '0');
      mount = await standing.mount(...options);
      await expect.poll(() => served('folder/unsent'), { timeout: 40_000 }).toBe('for the next mount');
      const { code, stderr } = await yadiskfs(environment, 'flush', mountpoint, '--timeout', '25s');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      await mount.end();
    },
    150_000,
  );
});
