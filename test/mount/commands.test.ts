import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type StandIn, startStandIn } from '../stand-in/index.ts';
import {
  isMounted,
  output,
  privateEnvironment,
  program,
  startMount,
  testFolder,
  yadiskfs,
} from './mounted-disk.ts';

describe('mount and umount', () => {
  let disk: StandIn;
  let folder: string;
  let mountpoint: string;
  let environment: NodeJS.ProcessEnv;

  beforeEach(async () => {
    disk = await startStandIn();
    disk.model.putFile('disk:/Photos/one.jpg', 'one');
    disk.model.putFile('disk:/two.txt', 'two');
    folder = await testFolder();
    mountpoint = join(folder, "a 'folder' $(touch x)");
    await mkdir(mountpoint);
    environment = privateEnvironment(folder, disk);
  });

  afterEach(async () => {
    if (await isMounted(mountpoint)) await yadiskfs(environment, 'umount', '--force', mountpoint);
    await disk.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('--daemon returns when the mount answers, umount when its process has ended', async () => {
    const started = await yadiskfs(environment, 'mount', mountpoint, '--read-only', '--daemon');
    expect(started).toMatchObject({ code: 0, stderr: '' });
    expect(await readdir(mountpoint)).toEqual(['Photos', 'two.txt']);
    const pid = Number(/process (\d+)/.exec(started.stdout)?.[1]);
    expect(await readFile(`/proc/${pid}/environ`, 'latin1')).not.toContain(disk.token);
    expect(await yadiskfs(environment, 'umount', mountpoint)).toMatchObject({ code: 0, stderr: '' });
    expect(await isMounted(mountpoint)).toBe(false);
    await expect(stat(`/proc/${pid}`)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('both tell programs what they did', async () => {
    const started = await yadiskfs(environment, 'mount', mountpoint, '--daemon', '--json');
    expect(JSON.parse(started.stdout)).toEqual({ mountpoint, pid: expect.any(Number), readOnly: false });
    const { stdout } = await yadiskfs(environment, 'umount', mountpoint, '--wait', '--json');
    expect(JSON.parse(stdout)).toEqual({ unmounted: mountpoint });
  });

  it('umount takes away what another runtime folder knows of', async () => {
    expect(await yadiskfs(environment, 'mount', mountpoint, '--daemon')).toMatchObject({ code: 0 });
    const elsewhere = { ...environment, YADISKFS_RUNTIME_DIR: '/etc/hosts' };
    expect(await yadiskfs(elsewhere, 'umount', mountpoint)).toMatchObject({ code: 0, stderr: '' });
  });

  it('--daemon tells why it failed', async () => {
    const failed = await yadiskfs(
      { ...environment, YADISKFS_TOKEN: 'wrong' },
      'mount',
      mountpoint,
      '--daemon',
    );
    expect(failed.code).toBe(3);
    expect(failed.stderr).toContain('UnauthorizedError');
    expect(failed.stderr).not.toContain('wrong');
    expect(await isMounted(mountpoint)).toBe(false);
  });

  it('takes its options in the form of mount(8), and a root', async () => {
    const options = 'ro,root=/Photos,umask=077,uid=12,gid=34,noauto,x-systemd.automount';
    expect(await yadiskfs(environment, 'mount', mountpoint, '--daemon', '-o', options)).toMatchObject({
      code: 0,
    });
    expect(await readdir(mountpoint)).toEqual(['one.jpg']);
    const shown = await stat(join(mountpoint, 'one.jpg'));
    expect([shown.mode & 0o777, shown.uid, shown.gid]).toEqual([0o600, 12, 34]);
  });

  it('keeps to a limit of bytes a second', async () => {
    disk.model.putFile('disk:/film', { synthetic: { sizeBytes: 3 << 20, seed: 'film' } });
    expect(await yadiskfs(environment, 'mount', mountpoint, '--daemon', '--down-limit', '1M')).toMatchObject({
      code: 0,
    });
    const startedAtMs = performance.now();
    expect((await readFile(join(mountpoint, 'film'))).length).toBe(3 << 20);
    expect(performance.now() - startedAtMs).toBeGreaterThan(1_500);
  });

  it.each([
    ['an unknown option', ['--no-such-option'], 2, 'no-such-option'],
    ['a value that is none', ['--poll-interval', 'soon'], 2, '--poll-interval'],
    ['an unknown -o option', ['-o', 'pony=1'], 2, 'pony'],
    ['a root that is not there', ['--root', '/Nowhere'], 1, 'no such folder on the Disk: disk:/Nowhere'],
    ['a root that is a file', ['--root', '/two.txt'], 1, 'two.txt'],
  ])('explains %s', async (_, args, code, word) => {
    const refused = await yadiskfs(environment, 'mount', mountpoint, ...args);
    expect(refused.code).toBe(code);
    expect(refused.stderr).toContain(word);
    expect(refused.stderr.split('\n').length).toBeLessThan(6);
    // Nothing is kept of a mount that did not come about.
    const kept = await readdir(String(environment['YADISKFS_STATE_DIR'])).catch(() => []);
    expect(kept.filter((name) => name !== 'identities.json')).toEqual([]);
  });

  it('explains a folder that is missing, full, or no folder, and what to do', async () => {
    const missing = await yadiskfs(environment, 'mount', join(folder, 'nowhere'));
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringMatching(/does not exist.*\n.*mkdir/) });
    await writeFile(join(mountpoint, 'mine'), '');
    const full = await yadiskfs(environment, 'mount', mountpoint);
    expect(full).toMatchObject({ code: 1, stderr: expect.stringContaining('not empty') });
    const file = await yadiskfs(environment, 'mount', join(mountpoint, 'mine'));
    expect(file).toMatchObject({ code: 1, stderr: expect.stringContaining('Not a folder') });
    const json = await yadiskfs(environment, 'mount', mountpoint, '--json');
    expect(JSON.parse(json.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
      error: { code: 'local', path: mountpoint, hint: expect.any(String), message: expect.any(String) },
    });
  });

  it('needs a login, and tells when there is no network', async () => {
    const { YADISKFS_TOKEN: _, ...loggedOut } = environment;
    expect(await yadiskfs(loggedOut, 'mount', mountpoint)).toMatchObject({ code: 3 });
    await disk.close();
    expect(await yadiskfs(environment, 'mount', mountpoint)).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/No connection.*The first mount of a login/s),
    });
    disk = await startStandIn();
  });

  it('refuses an API address that would send the token in the clear', async () => {
    const refused = await yadiskfs(
      { ...environment, YADISKFS_API_URL: 'http://example.com/v1/disk' },
      'mount',
      mountpoint,
    );
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('https') });
  });

  it('umount, mount and status say that a process was stopped, and none of them hangs with it', async () => {
    const started = await yadiskfs(environment, 'mount', mountpoint, '--daemon', '--json');
    const { pid } = JSON.parse(started.stdout);
    process.kill(pid, 'SIGSTOP');
    try {
      const goOn = { hint: expect.stringContaining(`kill -CONT ${pid}`) };
      const status = await yadiskfs(environment, 'status', '--json');
      expect(status.code).toBe(5);
      expect(JSON.parse(status.stderr)).toMatchObject({ error: { code: 'timed-out', ...goOn } });
      expect(await yadiskfs(environment, 'mount', mountpoint, '--daemon')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('is mounted at'),
      });
      const ended = await yadiskfs(environment, 'umount', mountpoint, '--json');
      expect(ended.code).toBe(1);
      expect(JSON.parse(ended.stderr)).toMatchObject({ error: { code: 'local', ...goOn } });
      expect(await isMounted(mountpoint)).toBe(false);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await expect.poll(() => readdir('/proc'), { timeout: 10_000 }).not.toContain(String(pid));
    expect(await yadiskfs(environment, 'mount', mountpoint, '--daemon')).toMatchObject({ code: 0 });
  }, 60_000);

  it('umount --force ends a stopped process, also of a mount that is gone already; the next mount is not held up', async () => {
    for (const isGone of [false, true]) {
      const mounted = await yadiskfs(environment, 'mount', mountpoint, '--daemon');
      const pid = Number(/process (\d+)/.exec(mounted.stdout)?.[1]);
      process.kill(pid, 'SIGSTOP');
      try {
        if (isGone) await output('fusermount3', '-u', '-z', mountpoint);
        expect(await yadiskfs(environment, 'umount', '--force', mountpoint)).toEqual({
          code: 0,
          stdout: '',
          stderr: '',
        });
      } finally {
        if ((await readdir('/proc')).includes(String(pid))) process.kill(pid, 'SIGCONT');
      }
      expect(await yadiskfs(environment, 'mount', mountpoint, '--daemon')).toMatchObject({ code: 0 });
      expect(await yadiskfs(environment, 'umount', mountpoint)).toMatchObject({ code: 0 });
    }
  }, 60_000);

  it('a second mount of the same folder is told where the first is, or what has become of it', async () => {
    const elsewhere = join(folder, 'elsewhere');
    await mkdir(elsewhere);
    const mounted = await yadiskfs(environment, 'mount', mountpoint, '--daemon');
    const pid = Number(/process (\d+)/.exec(mounted.stdout)?.[1]);
    const refused = async () => {
      const { code, stderr } = await yadiskfs(environment, 'mount', elsewhere, '--daemon', '--json');
      expect(code).toBe(1);
      return JSON.parse(stderr).error;
    };
    expect(await refused()).toMatchObject({
      code: 'in-use',
      hint: expect.stringContaining(`yadiskfs umount '${mountpoint}'`),
    });
    process.kill(pid, 'SIGSTOP');
    try {
      await output('fusermount3', '-u', '-z', mountpoint);
      expect(await refused()).toMatchObject({ hint: expect.stringContaining(`kill -CONT ${pid}`) });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await expect.poll(() => readdir('/proc'), { timeout: 10_000 }).not.toContain(String(pid));
  }, 60_000);

  it('heals the mount of a killed process, by mount and by umount', async () => {
    const first = await yadiskfs(environment, 'mount', mountpoint, '--daemon');
    process.kill(Number(/process (\d+)/.exec(first.stdout)?.[1]), 'SIGKILL');
    await expect.poll(() => readdir(mountpoint).catch((error) => error.code)).toBe('ENOTCONN');
    const second = await yadiskfs(environment, 'mount', mountpoint, '--daemon');
    expect(second).toMatchObject({ code: 0 });
    expect(await readdir(mountpoint)).toEqual(['Photos', 'two.txt']);
    await writeFile(join(mountpoint, 'new'), 'not sent');
    process.kill(Number(/process (\d+)/.exec(second.stdout)?.[1]), 'SIGKILL');
    await expect.poll(() => readdir(mountpoint).catch((error) => error.code)).toBe('ENOTCONN');
    const told = await yadiskfs(environment, 'unsent', 'list');
    expect(told).toMatchObject({ code: 1, stderr: expect.stringContaining('is gone') });
    expect(told.stdout).toContain('disk:/ is not mounted: 1 file (8 bytes) kept on this machine');
    expect(await yadiskfs(environment, 'umount', mountpoint)).toMatchObject({ code: 0 });
    expect(await isMounted(mountpoint)).toBe(false);
    expect(await readdir(mountpoint)).toEqual([]);
  });

  it('says that a Disk is mounted already, and that none is', async () => {
    expect(await yadiskfs(environment, 'umount', mountpoint)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No Disk is mounted'),
    });
    expect(await yadiskfs(environment, 'mount', mountpoint, '--daemon')).toMatchObject({ code: 0 });
    expect(await yadiskfs(environment, 'mount', mountpoint)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('already'),
    });
  });

  it('does not take away a mount in use, unless told to', async () => {
    await yadiskfs(environment, 'mount', mountpoint, '--daemon');
    const holder = spawn('sleep', ['60'], { cwd: mountpoint });
    try {
      expect(await yadiskfs(environment, 'umount', mountpoint)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('In use'),
      });
      expect(await readdir(mountpoint)).toEqual(['Photos', 'two.txt']);
    } finally {
      holder.kill();
    }
    await sleep(100);
    expect(await yadiskfs(environment, 'umount', '--force', mountpoint)).toMatchObject({ code: 0 });
    expect(await isMounted(mountpoint)).toBe(false);
  });

  it('opens no port for a debugger at SIGUSR1, and goes on at SIGUSR2', async () => {
    const mounted = await startMount(mountpoint, environment);
    mounted.process.kill('SIGUSR1');
    await expect.poll(() => mounted.log()).toMatch(/SIGUSR1|Debugger/);
    expect(mounted.log()).not.toContain('Debugger');
    mounted.process.kill('SIGUSR2');
    await expect.poll(() => mounted.log()).toContain('SIGUSR2 is heard');
    expect(await readdir(mountpoint)).toEqual(['Photos', 'two.txt']);
    expect(await mounted.end()).toBe(0);
  });

  it('umount of a folder that is not there does not say to make it', async () => {
    const nowhere = join(folder, 'no', 'such');
    const { code, stderr } = await yadiskfs(environment, 'umount', nowhere, '--json');
    expect([code, JSON.parse(stderr)]).toEqual([
      1,
      { error: { code: 'local', message: `No Disk is mounted at ${nowhere}`, path: nowhere } },
    ]);
  });

  it('in the foreground ends with 0 on a signal that would end it, and when somebody else unmounts', async () => {
    for (const end of ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGXCPU', 'fusermount3'] as const) {
      const child = spawn(process.execPath, [program, 'mount', mountpoint, '--read-only'], {
        env: environment,
        stdio: 'ignore',
      });
      await expect.poll(() => isMounted(mountpoint), { timeout: 10_000 }).toBe(true);
      expect(await readdir(mountpoint)).toEqual(['Photos', 'two.txt']);
      const exited = new Promise((resolve) => child.once('exit', resolve));
      if (end === 'fusermount3') await output('fusermount3', '-u', mountpoint);
      else child.kill(end);
      expect(await exited).toBe(0);
      expect(await isMounted(mountpoint)).toBe(false);
    }
  });

  it('names the path that it is about, also in the background', async () => {
    const fails = async (changed: NodeJS.ProcessEnv, ...options: string[]) => {
      const own = { ...environment, ...changed };
      const { code, stderr } = await yadiskfs(own, 'mount', mountpoint, '--daemon', '--json', ...options);
      expect(code).toBe(1);
      return JSON.parse(stderr).error;
    };
    for (const [root, code] of [
      ['disk:/missing', 'not-found'],
      ['disk:/two.txt', 'not-a-folder'],
    ] as const)
      expect(await fails({}, '--root', root)).toMatchObject({ code, path: root, hint: expect.any(String) });
    expect(await fails({ YADISKFS_STATE_DIR: '/proc/yadiskfs/deep' })).toMatchObject({
      message: expect.stringMatching('^The state folder cannot be made: /proc/yadiskfs/deep/'),
      path: expect.stringMatching('^/proc/yadiskfs/deep/'),
    });
  }, 60_000);
});
