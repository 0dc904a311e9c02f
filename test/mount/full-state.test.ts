import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { shownByWalk, untilEqual } from './mirror.ts';
import { isMounted, yadiskfs } from './mounted-disk.ts';
import { type StandingDisk, standingDisk } from './standing-disk.ts';

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
      expect(mount.log()).toContain('what is known of the Disk is not kept');
      expect(mount.log()).not.toContain('damaged');
    } finally {
      await run('umount', ['-l', stateFolder]);
      await standing.close();
    }
  },
  150_000,
);

/** A Disk with a state folder that is a disk of its own. */
async function withStateDisk(task: (standing: StandingDisk, stateFolder: string) => Promise<void>) {
  const standing = await standingDisk({
    fill: ({ model }) => {
      for (let folder = 0; folder < 5; folder++) model.putFile(`disk:/folder ${folder}/inside/file`, 'x');
    },
  });
  const stateFolder = String(standing.environment['YADISKFS_STATE_DIR']);
  await mkdir(stateFolder);
  await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', stateFolder]);
  try {
    await task(standing, stateFolder);
  } finally {
    await run('umount', ['-l', stateFolder]);
    await standing.close();
  }
}

/** Takes all the room that is left. */
async function fillUp(folder: string): Promise<void> {
  await writeFile(join(folder, 'filler'), Buffer.alloc(2 << 20)).catch(() => {});
}

async function shownInFull(standing: StandingDisk): Promise<void> {
  const mount = await standing.mount('--poll-interval', '400ms');
  const equal = () => untilEqual(standing.disk.model, () => shownByWalk(standing.mountpoint), 60_000);
  await equal();
  standing.disk.model.putFile('disk:/folder 1/inside/new', 'new');
  standing.disk.model.move('disk:/folder 2', 'disk:/folder 3/moved');
  await equal();
  expect(await mount.end()).toBe(0);
  expect(mount.log()).toContain('what is known of the Disk is not kept');
  standing.disk.model.move('disk:/folder 3/moved', 'disk:/folder 2');
  standing.disk.model.remove('disk:/folder 1/inside/new');
}

describe.runIf(process.getuid?.() === 0)('a state folder that takes nothing from the start', () => {
  it(
    'full, the first time and when something is known: the Disk is shown from memory, and the log says so',
    () =>
      withStateDisk(async (standing, stateFolder) => {
        await fillUp(stateFolder);
        await shownInFull(standing);
        await run('rm', [join(stateFolder, 'filler')]);
        const first = await standing.mount();
        await shownByWalk(standing.mountpoint);
        const { ino } = await stat(standing.path('folder 0', 'inside', 'file'));
        expect(await first.end()).toBe(0);
        expect(first.log()).not.toContain('not kept');
        await fillUp(stateFolder);
        await shownInFull(standing);
        const again = await standing.mount();
        expect((await stat(standing.path('folder 0', 'inside', 'file'))).ino).toBe(ino);
        expect(await again.end()).toBe(0);
      }),
    150_000,
  );

  it(
    'read-only, empty and with what is known: the same',
    () =>
      withStateDisk(async (standing, stateFolder) => {
        const remount = (how: string) => run('mount', ['-o', `remount,${how}`, stateFolder]);
        await remount('ro');
        await shownInFull(standing);
        await remount('rw');
        const first = await standing.mount();
        await shownByWalk(standing.mountpoint);
        expect(await first.end()).toBe(0);
        await remount('ro');
        await shownInFull(standing);
      }),
    150_000,
  );

  it(
    'full, with the log of a mount in the background on it: the mount goes on',
    () =>
      withStateDisk(async (standing, stateFolder) => {
        const start = () =>
          yadiskfs(standing.environment, 'mount', standing.mountpoint, '--read-only', '--daemon');
        const end = async () => {
          expect((await yadiskfs(standing.environment, 'umount', standing.mountpoint)).code).toBe(0);
          expect(await isMounted(standing.mountpoint)).toBe(false);
        };
        await fillUp(stateFolder);
        expect((await start()).stderr).toBe('');
        await untilEqual(standing.disk.model, () => shownByWalk(standing.mountpoint), 60_000);
        await end();
        await run('mount', ['-o', 'remount,ro', stateFolder]);
        expect((await start()).stderr).toBe('');
        await untilEqual(standing.disk.model, () => shownByWalk(standing.mountpoint), 60_000);
        await end();
        // Whoever wants to write there hears it from the command: the log cannot be read.
        const wished = await yadiskfs(
          standing.environment,
          'mount',
          standing.mountpoint,
          '--daemon',
          '--json',
        );
        expect(wished).toMatchObject({ code: 0, stderr: expect.stringContaining('for reading only') });
        expect(JSON.parse(wished.stdout)).toMatchObject({ readOnly: true });
        await end();
      }),
    150_000,
  );
});

describe('the note of whose state it is', () => {
  it('torn: is set aside and said; by a newer program: is refused untouched', async () => {
    const standing = await standingDisk({ fill: ({ model }) => model.putFile('disk:/file', 'x') });
    try {
      const first = await standing.mount();
      await readdir(standing.mountpoint);
      expect(await first.end()).toBe(0);
      const [folder = ''] = await standing.stateFolders();
      const note = join(folder, 'format.json');
      const whole = await readFile(note, 'utf8');
      for (const torn of ['', whole.slice(0, 20), '{"version":1}']) {
        await writeFile(note, torn);
        const mount = await standing.mount();
        expect(await readdir(standing.mountpoint)).toEqual(['file']);
        expect(await mount.end()).toBe(0);
        expect(mount.log()).toContain('format.json.damaged-');
        expect(await readFile(note, 'utf8')).toBe(whole);
      }
      const aside = (await readdir(folder)).filter((name) => name.startsWith('format.json.damaged-'));
      expect(aside.length).toBe(3);
      for (const newer of ['{"version":2,"other":"shape"}', whole.replace('1', '2')]) {
        await writeFile(note, newer);
        const refused = await yadiskfs(standing.environment, 'mount', standing.mountpoint, '--read-only');
        expect(refused.code).not.toBe(0);
        expect(refused.stderr).toContain('newer yadiskfs');
        expect(await readFile(note, 'utf8')).toBe(newer);
      }
    } finally {
      await standing.close();
    }
  }, 90_000);
});
