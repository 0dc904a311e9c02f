import { chmod, chown, mkdir, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { announce } from '../../src/daemon/announcement.ts';
import { askMount } from '../../src/daemon/control-client.ts';
import { readRecord, writeRecord } from '../../src/daemon/mount-record.ts';
import { testFolder } from '../mount/mounted-disk.ts';
import { ScriptedControl, statusOf } from './scripted-control.ts';

const mountpoint = '/mnt/disk';
const never = new AbortController().signal;

describe('the announcement of a mount', () => {
  let folder: string;
  let runtimeFolder: string;
  let warnings: Record<string, unknown>[];

  beforeEach(async () => {
    folder = await testFolder();
    runtimeFolder = join(folder, 'runtime');
    warnings = [];
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  function announced() {
    const log = pino({ level: 'warn' }, { write: (line: string) => warnings.push(JSON.parse(line)) });
    const control = new ScriptedControl(statusOf(mountpoint));
    return announce({ runtimeFolder, mountpoint, root: 'disk:/', account: 'default', control, log });
  }

  it('leads commands to it, and goes with it', async () => {
    const announcement = await announced();
    const record = await readRecord(runtimeFolder, mountpoint);
    if (!record) throw new Error('no record');
    expect(record).toMatchObject({ mountpoint, pid: process.pid, root: 'disk:/' });
    expect(await askMount(record, { command: 'status' }, { signal: never })).toMatchObject({ mountpoint });
    expect((await stat(runtimeFolder)).mode & 0o777).toBe(0o700);
    announcement.close();
    expect(await readdir(runtimeFolder)).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('leaves the place to whoever has it by now', async () => {
    const announcement = await announced();
    const other = { version: 2, mountpoint, pid: process.pid + 1, root: 'disk:/', socket: null } as const;
    await writeRecord(runtimeFolder, other);
    announcement.close();
    expect(await readRecord(runtimeFolder, mountpoint)).toEqual(other);
  });

  it('is not believed of somebody else, who was there first', async () => {
    const announcement = await announced();
    const [name = ''] = (await readdir(runtimeFolder)).filter((file) => file.endsWith('.mount.json'));
    const file = join(runtimeFolder, name);
    expect(await readRecord(runtimeFolder, mountpoint)).toBeDefined();
    await rename(file, `${file}.own`);
    await symlink(`${file}.own`, file);
    expect(await readRecord(runtimeFolder, mountpoint)).toBeUndefined();
    await rename(`${file}.own`, file);
    expect(await readRecord(runtimeFolder, mountpoint)).toBeDefined();
    // Only root can give a file away.
    if (process.getuid?.() === 0) {
      await chown(file, 12345, 12345);
      expect(await readRecord(runtimeFolder, mountpoint)).toBeUndefined();
    }
    announcement.close();
  });

  it('closes a folder that others may look into', async () => {
    await mkdir(runtimeFolder);
    await chmod(runtimeFolder, 0o777);
    (await announced()).close();
    expect((await stat(runtimeFolder)).mode & 0o777).toBe(0o700);
    expect(warnings).toEqual([]);
  });

  it.each<[string, () => Promise<void>]>([
    ['a file', () => writeFile(runtimeFolder, '')],
    [
      'a link',
      async () => {
        await mkdir(join(folder, 'elsewhere'));
        await symlink('elsewhere', runtimeFolder);
      },
    ],
    [
      "somebody else's",
      async () => {
        await mkdir(runtimeFolder);
        // Only root can give it away; for all others root's own is somebody else's.
        if (process.getuid?.() === 0) await chown(runtimeFolder, 12345, 12345);
        else runtimeFolder = '/var/lib';
      },
    ],
  ])('is not made where the folder is %s: the log tells, and nothing is put there', async (_, put) => {
    await put();
    const before = await readdir(folder, { recursive: true });
    const announcement = await announced();
    expect(warnings).toEqual([
      expect.objectContaining({ msg: expect.stringContaining('commands cannot find') }),
    ]);
    expect(await readRecord(runtimeFolder, mountpoint)).toBeUndefined();
    announcement.close();
    expect(await readdir(folder, { recursive: true })).toEqual(before);
  });

  it('without a socket says so to whoever asks', async () => {
    // A folder under the name of the socket cannot be replaced by it.
    const first = await announced();
    const [name = ''] = (await readdir(runtimeFolder)).filter((file) => file.endsWith('.sock'));
    first.close();
    await mkdir(join(runtimeFolder, name, 'full'), { recursive: true });
    const announcement = await announced();
    expect(warnings).toMatchObject([{ msg: expect.stringContaining('its socket cannot be made') }]);
    const record = await readRecord(runtimeFolder, mountpoint);
    if (!record) throw new Error('no record');
    await expect(askMount(record, { command: 'status' }, { signal: never })).rejects.toMatchObject({
      code: 'local',
      message: expect.stringContaining('no socket'),
    });
    announcement.close();
    expect((await readdir(runtimeFolder)).every((file) => file === name)).toBe(true);
  });
});
