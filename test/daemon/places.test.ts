import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPlace, liesInMount, requireMounts } from '../../src/daemon/places.ts';
import type { MountedDisks } from '../../src/daemon/running-mounts.ts';
import { testFolder } from '../mount/mounted-disk.ts';

/** Only names are looked at: the mounts of these tests are plain folders. */
describe('a PATH', () => {
  let folder: string;
  let disks: MountedDisks;

  beforeAll(async () => {
    folder = await testFolder();
    const mount = (name: string, root: string) => ({
      mountpoint: join(folder, name),
      pid: 1,
      root,
      socket: null,
    });
    disks = {
      mounts: [
        mount('disk', 'disk:/'),
        mount('disk/inner', 'disk:/Photos/2024'),
        mount('disk 2', 'disk:/Music'),
      ],
      strangers: [join(folder, 'theirs')],
    };
    await mkdir(join(folder, 'disk'));
    await mkdir(join(folder, 'elsewhere'));
    await symlink('../disk', join(folder, 'elsewhere', 'link'));
    await symlink('link/a', join(folder, 'elsewhere', 'to a'));
    await symlink('loop', join(folder, 'loop'));
    // In the mount nothing is followed: that would touch it.
    await symlink('elsewhere', join(folder, 'disk', 'link'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ['disk', 'disk', ''],
    ['disk/', 'disk', ''],
    ['disk/a/b c', 'disk', 'a/b c'],
    ['disk/a//./x/../b/', 'disk', 'a/b'],
    ['disk/link/x', 'disk', 'link/x'],
    ['disk/inner/x', 'disk/inner', 'x'],
    ['disk/inner too', 'disk', 'inner too'],
    ['disk 2/x', 'disk 2', 'x'],
    ['elsewhere/link', 'disk', ''],
    ['elsewhere/link/a/b', 'disk', 'a/b'],
    ['elsewhere/link/inner/b', 'disk/inner', 'b'],
    ['elsewhere/to a/b', 'disk', 'a/b'],
  ])('%s is in %s', async (path, mountpoint, place) => {
    const found = await findPlace(join(folder, path), disks);
    expect([found.mount.mountpoint, found.place]).toEqual([join(folder, mountpoint), place]);
    // A path that was typed with a slash at its end says the same.
    expect(await liesInMount(`${folder}/${path}`, disks)).toBe(true);
  });

  it('may be relative', async () => {
    const before = process.cwd();
    process.chdir(join(folder, 'elsewhere'));
    try {
      expect(await findPlace('../disk 2/a', disks)).toMatchObject({ place: 'a' });
    } finally {
      process.chdir(before);
    }
  });

  it.each([
    ['disk:/', 'disk', ''],
    ['disk:/Photos', 'disk', 'Photos'],
    ['disk:/Photos/2024', 'disk/inner', ''],
    ['disk:/Photos/2024/a.jpg', 'disk/inner', 'a.jpg'],
    ['disk:/Photos/20245', 'disk', 'Photos/20245'],
    ['disk:Music/x/', 'disk 2', 'x'],
    // As the name is shown: its zero byte cannot stand in a folder.
    [`disk:/${'long'.repeat(100)}.txt`, 'disk', expect.stringMatching(/^(long)+.*␛~[0-9a-f]{16}\.txt$/)],
  ])('%s is in %s', async (path, mountpoint, place) => {
    const found = await findPlace(path, disks);
    expect([found.mount.mountpoint, found.place]).toEqual([join(folder, mountpoint), place]);
  });

  it.each([
    'elsewhere',
    'elsewhere/x',
    'disk 3',
    'loop/x',
    'nowhere/at/all',
  ])('%s is in none, which is said', async (path) => {
    await expect(findPlace(join(folder, path), disks)).rejects.toMatchObject({
      code: 'local',
      message: expect.stringContaining('No Disk is mounted'),
      hint: expect.stringContaining('yadiskfs status'),
    });
    expect(await liesInMount(join(folder, path), disks)).toBe(false);
  });

  it('of somebody else, of several mounts, of none, of no Disk is explained', async () => {
    await expect(findPlace(join(folder, 'theirs/x'), disks)).rejects.toMatchObject({
      code: 'local',
      hint: expect.stringContaining('another user'),
    });
    expect(await liesInMount(join(folder, 'theirs/x'), disks)).toBe(true);
    const [one] = disks.mounts;
    if (!one) throw new Error('no mount');
    const twice = { ...disks, mounts: [one, { ...one, mountpoint: '/mnt/again' }] };
    await expect(findPlace('disk:/a', twice)).rejects.toMatchObject({ code: 'invalid' });
    const none = { mounts: [], strangers: [] };
    await expect(findPlace('disk:/a', none)).rejects.toMatchObject({ code: 'local' });
    expect(() => requireMounts(none)).toThrow('Nothing is mounted');
    await expect(findPlace('disk:/a/../b', disks)).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe('a PATH where two logins have mounts', () => {
  const mounts = [
    { mountpoint: '/mnt/home', pid: 1, root: 'disk:/', socket: null, account: 'default' },
    { mountpoint: '/mnt/work', pid: 2, root: 'disk:/', socket: null, account: 'work' },
    { mountpoint: '/mnt/photos', pid: 3, root: 'disk:/Photos', socket: null, account: 'work' },
  ];
  const disks = (account?: string): MountedDisks => ({ mounts, strangers: [], account });

  it('is on the Disk of the login that is named, and of none where none is', async () => {
    for (const path of ['disk:/a', 'disk:/Photos/a'])
      await expect(findPlace(path, disks())).rejects.toMatchObject({
        code: 'invalid',
        hint: expect.stringContaining('--account'),
      });
    const placeOf = async (path: string, account: string) =>
      (await findPlace(path, disks(account))).mount.mountpoint;
    expect(await placeOf('disk:/Photos/a', 'default')).toBe('/mnt/home');
    expect(await placeOf('disk:/Photos/a', 'work')).toBe('/mnt/photos');
    expect(await placeOf('disk:/a', 'work')).toBe('/mnt/work');
    await expect(findPlace('disk:/a', disks('nobody'))).rejects.toMatchObject({
      code: 'local',
      message: 'Nothing is mounted with the login nobody',
    });
  });

  it('in a mount is not that of another login', async () => {
    expect((await findPlace('/mnt/work/a', disks())).mount.mountpoint).toBe('/mnt/work');
    expect((await findPlace('/mnt/work/a', disks('work'))).place).toBe('a');
    await expect(findPlace('/mnt/work/a', disks('default'))).rejects.toMatchObject({
      code: 'invalid',
      message: 'The Disk at /mnt/work is mounted with another login (work)',
    });
  });

  it('all mounts are those of the login', () => {
    expect(requireMounts(disks('work'))).toEqual(mounts.slice(1));
    expect(() => requireMounts(disks('nobody'))).toThrow('Nothing is mounted with the login nobody');
  });
});
