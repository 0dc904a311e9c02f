import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { escapedPath } from '../../src/daemon/service/unit.ts';
import { testFolder, yadiskfs } from '../mount/mounted-disk.ts';
import { standingDisk } from '../mount/standing-disk.ts';

const run = promisify(execFile);

/** Nothing of systemd is installed in bare containers, and none of this is of use there. */
const hasSystemd = ['systemd-escape', 'systemd-analyze', 'systemd-notify'].every((name) =>
  existsSync(join('/usr/bin', name)),
);

/** Prints each datagram that comes to a socket, one a line. Perl is a part of every Debian; Node has no such sockets. */
const listener = `use strict; use IO::Socket::UNIX; use Socket qw(SOCK_DGRAM); $| = 1;
my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die "$!";
print "listening\\n";
while (defined $socket->recv(my $words, 4096)) { $words =~ s/\\n/ /g; print "$words\\n"; }`;

describe.runIf(hasSystemd)('the unit', { timeout: 60_000 }, () => {
  it.each([
    '/',
    '/home/user/Disk',
    '/home/a b/Диск-1',
    '/.hidden/x',
    '/a//b/',
    '/with:colon_and.dots',
    '/back\\slash%"$',
  ])('is named after %j as systemd does it', async (path) => {
    const { stdout } = await run('systemd-escape', ['--path', path]);
    expect(escapedPath(path)).toBe(stdout.trimEnd());
  });

  it('is written, is what systemd understands, and is removed', async () => {
    const folder = await testFolder();
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const mountpoint = join(folder, 'My Disk 100%');
    const other = join(folder, 'other');
    await mkdir(mountpoint);
    await mkdir(other);
    const environment = {
      PATH: process.env['PATH'],
      HOME: folder,
      XDG_CONFIG_HOME: join(folder, 'config'),
      YADISKFS_STATE_DIR: join(folder, 'the $state'),
      YADISKFS_TOKEN: 'secret-token',
    };
    const units = join(folder, 'config', 'systemd', 'user');
    const service = (...args: string[]) => yadiskfs(environment, 'service', ...args);
    const installed = await service('install', mountpoint, '--no-start', '-o', 'root=/Фото "1",ro', '--json');
    expect(installed).toMatchObject({ code: 0, stderr: '' });
    const { unit, started, needsLogin } = JSON.parse(installed.stdout);
    expect({ started, needsLogin }).toEqual({ started: false, needsLogin: true });
    expect(await service('install', other, '--no-start')).toMatchObject({ code: 0 });
    expect((await readdir(units)).sort()).toEqual([
      'yadiskfs@.service',
      `${unit}.d`,
      expect.stringMatching(/^yadiskfs@.*other\.service\.d$/),
    ]);
    const template = await readFile(join(units, 'yadiskfs@.service'), 'utf8');
    expect(template).toContain('Type=notify');
    const dropIn = await readFile(join(units, `${unit}.d`, 'mount.conf'), 'utf8');
    expect(dropIn).toContain('mount %f "--root=/Фото \\"1\\"" "--read-only"');
    expect(dropIn).toContain('the $state"');
    expect(template + dropIn).not.toContain('secret-token');

    await symlink('yadiskfs@.service', join(units, unit));
    const verified = await run('systemd-analyze', ['verify', '--user', '--man=no', join(units, unit)], {
      env: { ...environment, XDG_RUNTIME_DIR: folder },
    });
    expect(verified.stderr).not.toMatch(/yadiskfs/);

    // No systemd runs here.
    await mkdir(join(units, 'default.target.wants'));
    for (const name of [unit, 'yadiskfs@other.service'])
      await symlink('../yadiskfs@.service', join(units, 'default.target.wants', name));
    await rm(join(units, unit));
    expect(await service('remove', mountpoint)).toMatchObject({ code: 0, stdout: `Removed: ${unit}\n` });
    expect(await readdir(units)).not.toContain(`${unit}.d`);
    expect(await readdir(units)).toContain('yadiskfs@.service');
    await rm(join(units, 'default.target.wants'), { recursive: true });
    expect(await service('remove', other)).toMatchObject({ code: 0 });
    expect(await readdir(units)).toEqual([]);

    expect(await service('install', join(folder, 'no', 'where'), '--no-start')).toMatchObject({ code: 1 });
    expect(await service('install', mountpoint, '-o', 'no-such')).toMatchObject({ code: 2 });
    expect(await service('start', mountpoint)).toMatchObject({ code: 2 });
  });
});

describe('the command', { timeout: 60_000 }, () => {
  /** A systemctl that writes down what it is asked for, and fails where its line says so. */
  const systemctl = `#!/bin/sh
echo "$*" >> "$ASKED"
case "$*" in *"$FAILS_AT"*) [ -z "$FAILS_AT" ] || { echo "no $FAILS_AT" >&2; exit 1; };; esac
`;

  async function user() {
    const folder = await testFolder();
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const asked = join(folder, 'asked');
    await mkdir(join(folder, 'bin'));
    await writeFile(join(folder, 'bin', 'systemctl'), systemctl, { mode: 0o755 });
    const environment = { PATH: `${folder}/bin:${process.env['PATH']}`, HOME: folder, ASKED: asked };
    const units = join(folder, '.config', 'systemd', 'user');
    return {
      folder,
      logIn: async () => {
        const accounts = join(folder, '.config', 'yadiskfs', 'accounts');
        await mkdir(accounts, { recursive: true });
        await writeFile(join(accounts, 'default.json'), '{}', { mode: 0o600 });
      },
      service: async (failsAt: string, ...args: string[]) => {
        await rm(asked, { force: true });
        const result = await yadiskfs({ ...environment, FAILS_AT: failsAt }, 'service', ...args);
        const lines = await readFile(asked, 'utf8').catch(() => '');
        return { ...result, asked: lines.trim().split('\n') };
      },
      written: () => readdir(units).catch(() => []),
    };
  }

  it('leaves nothing written where no systemd is at work, and says how to have it all the same', async () => {
    const { folder, service, written } = await user();
    expect(await service('show-environment', 'install', folder)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no show-environment.*Nothing was written; --no-start/s),
    });
    expect(await written()).toEqual([]);
  });

  it('takes away what was installed, and says where nothing was', async () => {
    const { folder, service, written, logIn } = await user();
    await logIn();
    const other = join(folder, 'other');
    expect(await service('', 'install', folder)).toMatchObject({
      code: 0,
      asked: [
        '--user show-environment',
        '--user daemon-reload',
        expect.stringMatching(/^--user enable yadiskfs@/),
        expect.stringMatching(/^--user start yadiskfs@/),
      ],
    });
    const before = await written();
    expect(await service('disable', 'remove', other, '--json')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"removed":false'),
    });
    expect((await service('', 'remove', other)).stdout).toContain(`Nothing was installed for ${other}`);
    expect(await written()).toEqual(before);
    expect(await service('', 'remove', folder, '--json')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"removed":true'),
    });
    expect(await written()).toEqual([]);
  });

  it('does not start what wants a login, and says where to read why a start failed', async () => {
    const { folder, service, logIn } = await user();
    const early = await service('', 'install', folder);
    expect(early).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/with each login.*yadiskfs setup/s),
    });
    expect(early.asked.join()).not.toContain('start yadiskfs');
    await logIn();
    expect(await service('start', 'install', folder)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/journalctl --user -u 'yadiskfs@.*yadiskfs service remove/s),
    });
  });
});

describe.runIf(hasSystemd)('a mount that is a service', { timeout: 60_000 }, () => {
  it('says when it is ready and when it ends', async () => {
    const disk = await standingDisk();
    onTestFinished(() => disk.close());
    const socket = join(disk.folder, 'notify');
    const child = spawn('perl', ['-e', listener, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill());
    let heard = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      heard += chunk;
    });
    await once(child.stdout, 'data');
    disk.environment['NOTIFY_SOCKET'] = socket;
    const mount = await disk.mount();
    await expect
      .poll(() => heard, { timeout: 10_000 })
      .toMatch(new RegExp(`^READY=1 STATUS=Mounted at ${disk.mountpoint} ?$`, 'm'));
    expect(heard).not.toContain('STOPPING=1');
    expect(await mount.end()).toBe(0);
    await expect.poll(() => heard, { timeout: 10_000 }).toContain('STOPPING=1');
  });

  it('is a mount all the same where nobody listens', async () => {
    const disk = await standingDisk();
    onTestFinished(() => disk.close());
    disk.environment['NOTIFY_SOCKET'] = join(disk.folder, 'nobody');
    const mount = await disk.mount();
    await expect.poll(() => mount.log(), { timeout: 10_000 }).toContain('systemd could not be told');
    expect(await mount.end()).toBe(0);
  });
});
