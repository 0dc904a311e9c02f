import { spawnSync } from 'node:child_process';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { helperRequest } from '../../src/cli/mount-helper-words.ts';
import { expandMountOptions } from '../../src/cli/mount-options.ts';
import { program, testFolder } from '../mount/mounted-disk.ts';

/** The command line as `yadiskfs mount` reads it. */
function expanded(...args: string[]): string[] {
  return expandMountOptions(helperRequest(args).words);
}

describe('what mount(8) says to mount.yadiskfs', () => {
  it('becomes a mount in the background, each option under its long name', () => {
    const options = 'ro,allow_other,uid=1000,gid=100,umask=077,root=/Photos,cache_size=20G,poll_interval=1m';
    expect(expanded('yandex', '/mnt/disk', '-o', options)).toEqual([
      'mount',
      '/mnt/disk',
      '--daemon',
      '--read-only',
      '--allow-other',
      '--uid=1000',
      '--gid=100',
      '--umask=077',
      '--root=/Photos',
      '--cache-size=20G',
      '--poll-interval=1m',
    ]);
  });

  it('leaves out what is for mount(8) and systemd', () => {
    const options =
      'rw,nosuid,nodev,noexec,relatime,lazytime,user=anna,_netdev,noauto,nofail,x-systemd.automount,X-mount.mkdir';
    expect(expanded('yandex', '/mnt/disk', '-o', options)).toEqual(['mount', '/mnt/disk', '--daemon']);
    expect(expanded('none', '/mnt/disk', '-sv', '-n', '-t', 'fuse.yadiskfs', '-N', '/proc/1/ns/mnt')).toEqual(
      ['mount', '/mnt/disk', '--daemon'],
    );
  });

  it('may be for reading only by default: rw is a word of mount(8), which it says to everybody', () => {
    expect(expanded('yandex', '/mnt/disk', '-o', 'rw,noatime').slice(3)).toEqual([]);
    expect(expanded('yandex', '/mnt/disk', '-o', 'noatime,rw').slice(3)).toEqual(['--read-only=false']);
  });

  it('takes a login and a folder from the source; what the options say goes before', () => {
    expect(expanded('work', '/mnt/disk').slice(3)).toEqual(['--account=work']);
    expect(expanded('yandex:/Photos/2019', '/mnt/disk').slice(3)).toEqual(['--root=/Photos/2019']);
    expect(expanded('work:/a:b', '/mnt/disk', '-o', 'root=/c').slice(3)).toEqual([
      '--account=work',
      '--root=/a:b',
      '--root=/c',
    ]);
  });

  it('keeps for itself who it is to be, and whether it is only to look', () => {
    const request = helperRequest(['yandex', '/mnt/disk', '-o', 'setuid=root,ro,setuid=anna', '-vf']);
    expect(request).toEqual({
      words: ['mount', '/mnt/disk', '--daemon', '-o', 'ro'],
      user: 'anna',
      isPretended: true,
    });
    expect(helperRequest(['yandex', '/mnt/disk'])).toMatchObject({ user: undefined, isPretended: false });
  });

  it('refuses what it does not know', () => {
    expect(() => expanded('yandex', '/mnt/disk', '-o', 'cash_size=1G')).toThrow('cash_size');
    expect(() => expanded('yandex', '/mnt/disk', '-o', 'remount,ro')).toThrow('other options');
    expect(() => expanded('yandex')).toThrow('A source and a folder');
    expect(() => expanded('yandex', '/mnt/disk', '/mnt/other')).toThrow('A source and a folder');
    expect(() => expanded('yandex', '/mnt/disk', '-x')).toThrow('-x');
  });
});

describe.skipIf(process.getuid?.() !== 0)('what root mounts', () => {
  it('without a login of root says how somebody else is meant, and else whose login is missing', async () => {
    const folder = await testFolder();
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await chmod(folder, 0o755);
    const dir = join(folder, 'disk');
    await mkdir(dir);
    const mounted = (options: string, more: NodeJS.ProcessEnv = {}) => {
      const { status, stderr } = spawnSync(
        process.execPath,
        [join(dirname(program), 'mount-helper.js'), 'work', dir, '-o', options],
        { env: { PATH: process.env['PATH'], HOME: folder, ...more }, encoding: 'utf8' },
      );
      return { status, lines: stderr.split('\n') };
    };
    const setup = '  Log in with `yadiskfs setup --account work`.';
    expect(mounted('rw')).toEqual({
      status: 3,
      lines: [
        'yadiskfs: Not logged in',
        setup,
        '  What root mounts is with a login of root. With the login of somebody else: -o setuid=NAME',
        '',
      ],
    });
    expect(mounted('rw,setuid=nobody')).toEqual({
      status: 3,
      lines: ['yadiskfs: Not logged in', setup, '  Do it as nobody, whose logins setuid means.', ''],
    });
    expect(mounted('rw', { LC_ALL: 'ru_RU.UTF-8' }).lines[2]).toContain('setuid=ИМЯ');
  });
});
