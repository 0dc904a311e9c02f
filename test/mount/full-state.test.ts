import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { shownByWalk, untilEqual } from './mirror.ts';
import { standingDisk } from './standing-disk.ts';

const run = promisify(execFile);
/** Room for the tree's tables, and for little in them. */
const roomBytes = 260 << 10;

// Only root may mount a disk that is small enough to be full.
it.runIf(process.getuid?.() === 0)(
  'a Disk that does not fit into the state folder is shown in full',
  async () => {
    const standing = await standingDisk({
      fill: ({ model }) => {
        for (let folder = 0; folder < 25; folder++) {
          for (let file = 0; file < 40; file++)
            model.putFile(
              `disk:/folder ${folder}/inside/${'long name '.repeat(12)}${file}`,
              `${folder}/${file}`,
            );
        }
      },
    });
    const stateFolder = String(standing.environment['YADISKFS_STATE_DIR']);
    await mkdir(stateFolder);
    await run('mount', ['-t', 'tmpfs', '-o', `size=${roomBytes}`, 'tmpfs', stateFolder]);
    try {
      const mount = await standing.mount('--poll-interval', '400ms');
      await untilEqual(standing.disk.model, () => shownByWalk(standing.mountpoint), 60_000);
      standing.disk.model.move('disk:/folder 3', 'disk:/folder 4/moved');
      standing.disk.model.putFile('disk:/folder 5/inside/new', 'new');
      await untilEqual(standing.disk.model, () => shownByWalk(standing.mountpoint), 60_000);
      expect(await mount.end()).toBe(0);
    } finally {
      await run('umount', ['-l', stateFolder]);
      await standing.close();
    }
  },
  150_000,
);
