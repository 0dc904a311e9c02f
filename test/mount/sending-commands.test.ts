import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ControlServer } from '../../src/daemon/control-server.ts';
import { writeRecord } from '../../src/daemon/mount-record.ts';
import { Failure } from '../../src/errors.ts';
import { atTerminal, ctrlC } from '../auth/terminal.ts';
import { ScriptedControl, someQueue, statusOf } from '../daemon/scripted-control.ts';
import { isMounted, type MountedDisk, mountDisk, program, yadiskfs } from './mounted-disk.ts';

/**
 * The commands as a person runs them, on a real mount; its record leads them to a socket of this test, so that the queue behind it is whatever
 * the test wants.
 */
describe('commands about what is being sent', { timeout: 120_000 }, () => {
  let mounted: MountedDisk;
  let control: ScriptedControl;
  let server: ControlServer;
  let run: (...args: string[]) => ReturnType<typeof yadiskfs>;

  beforeEach(async () => {
    mounted = await mountDisk();
    const { mountpoint, environment } = mounted;
    const runtime = environment['YADISKFS_RUNTIME_DIR'] ?? '';
    const socket = join(runtime, 'scripted.sock');
    control = new ScriptedControl(statusOf(mountpoint));
    server = await ControlServer.listen(socket, control, (error) => {
      throw error;
    });
    const pid = mounted.process.pid ?? 0;
    await writeRecord(runtime, { version: 2, mountpoint, pid, root: 'disk:/', socket });
    run = (...args) => yadiskfs(environment, ...args);
  });

  afterEach(async () => {
    server.close();
    await mounted.close();
  });

  it('flush waits for what it was asked for', async () => {
    const { mountpoint, path } = mounted;
    await symlink(mountpoint, `${mountpoint} too`);
    for (const [args, asked] of [
      [[], ''],
      [[mountpoint], ''],
      [[path('a'), path('b c/d')], 'a,b c/d'],
      [[`${mountpoint} too/a`, 'disk:/x/'], 'a,x'],
      [[path('a'), mountpoint], ''],
    ] as const) {
      control.calls.length = 0;
      const flushed = run('flush', '--json', ...args);
      await expect.poll(() => control.waiting, { timeout: 10_000 }).toBe(1);
      expect(control.calls).toEqual([`flush ${asked}`]);
      control.endFlushes();
      expect(await flushed).toMatchObject({ code: 0, stderr: '' });
    }
  });

  it('flush waits for months where it may', async () => {
    const flushed = run('flush', '--timeout', '60d', '--json');
    await expect.poll(() => control.waiting, { timeout: 10_000 }).toBe(1);
    control.endFlushes();
    expect(await flushed).toMatchObject({ code: 0, stderr: '' });
  });

  it('flush gives up in time, and says what is left', async () => {
    const late = await run('flush', '--timeout', '500ms', '--json');
    expect(late).toMatchObject({ code: 5, stdout: '' });
    expect(JSON.parse(late.stderr)).toEqual({
      error: {
        code: 'timed-out',
        message: 'Not everything is on the server after 0.5 s: 2 files (3.0 MiB) and 1 other change left',
        hint: expect.stringContaining('yadiskfs status'),
      },
    });
    await expect.poll(() => control.calls.at(-1)).toContain('has gone');
    expect(await run('flush', '--timeout', 'soon')).toMatchObject({ code: 2 });
    const queue = { ...someQueue, uploads: 0, uploadBytes: 0, operations: 0, active: [], unconfirmed: 1 };
    control.current = statusOf(mounted.mountpoint, { queue });
    expect(await run('flush', '--timeout', '500ms')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining(
        'Not everything is on the server after 0.5 s: 1 sent change to be looked at once more\n',
      ),
    });
  });

  it('flush passes on why something cannot be sent', async () => {
    for (const [code, exitCode] of [
      ['refused', 3],
      ['login-needed', 3],
      ['offline', 4],
      ['no-space', 1],
    ] as const) {
      const flushed = run('flush');
      await expect.poll(() => control.waiting, { timeout: 10_000 }).toBe(1);
      control.endFlushes(new Failure(code, 'Not sent: \u001b[2J: no', { hint: 'Do something.\nOr not.' }));
      expect(await flushed).toMatchObject({
        code: exitCode,
        stderr: 'yadiskfs: Not sent: ?[2J: no\n  Do something.\n  Or not.\n',
      });
    }
  });

  it('a flush that is killed or interrupted is given up by the mount too', async () => {
    for (const [signal, end] of [
      ['SIGKILL', [null, 'SIGKILL']],
      ['SIGINT', [130, null]],
    ] as const) {
      control.calls.length = 0;
      const child = spawn(process.execPath, [program, 'flush'], {
        env: mounted.environment,
        stdio: 'ignore',
      });
      await expect.poll(() => control.calls, { timeout: 10_000 }).toEqual(['flush ']);
      child.kill(signal);
      expect(await once(child, 'exit')).toEqual(end);
      await expect.poll(() => control.calls.at(-1)).toContain('has gone');
    }
  });

  it('umount --wait takes the mount away when all is sent, and not before', async () => {
    const { mountpoint } = mounted;
    const refused = run('umount', '--wait', mountpoint);
    await expect.poll(() => control.waiting, { timeout: 10_000 }).toBe(1);
    control.endFlushes(new Failure('refused', 'The Disk says no'));
    expect(await refused).toMatchObject({ code: 3, stderr: expect.stringContaining('The Disk says no') });
    expect(await isMounted(mountpoint)).toBe(true);

    const waited = run('umount', mountpoint, '--wait');
    await expect.poll(() => control.waiting, { timeout: 10_000 }).toBe(1);
    expect(await isMounted(mountpoint)).toBe(true);
    let endSending = () => {};
    control.drained = new Promise((resolve) => {
      endSending = resolve;
    });
    control.endFlushes();
    await expect.poll(() => isMounted(mountpoint), { timeout: 10_000 }).toBe(false);
    expect(await Promise.race([waited, 'waiting'])).toBe('waiting');
    endSending();
    expect(await waited).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await isMounted(mountpoint)).toBe(false);
  });

  it('unsent tells, tries again, copies and gives up', async () => {
    const { mountpoint, path } = mounted;
    const since = '2026-11-26T10:00:00.000Z';
    const unsent = [
      { path: 'a/bad\u001b[2Jname', code: 'refused', message: 'The Disk says no', since },
      { path: 'big', code: 'too-large', message: 'Too large', since },
    ];
    control.current = statusOf(mountpoint, { unsent });
    expect(JSON.parse((await run('unsent', 'list', '--json')).stdout)).toEqual({
      unsent: unsent.map((one) => ({ mountpoint, ...one })),
    });
    const people = await run('unsent', 'list');
    expect(people.stdout).toContain(`${path('a', 'bad?[2Jname')}\n  The Disk says no (refused, since `);
    expect(people.stdout).not.toContain('\u001b');
    expect(JSON.parse((await run('unsent', 'list', path('a'), '--json')).stdout).unsent).toHaveLength(1);
    expect(JSON.parse((await run('unsent', 'list', path('b'), '--json')).stdout).unsent).toEqual([]);

    expect((await run('unsent', 'retry', path('a'), '--json')).stdout).toBe('{"retried":2}\n');
    expect(await run('unsent', 'retry')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^2 to be/),
    });
    expect(await run('unsent', 'discard', path('big'))).toMatchObject({ code: 0, stdout: 'Given up: big\n' });
    expect(await run('unsent', 'discard', path('gone'), '--json')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"code":"not-found"'),
    });
    expect(await run('unsent', 'discard', mountpoint)).toMatchObject({ code: 2 });
    expect(await run('unsent', 'discard')).toMatchObject({ code: 2 });
    expect(await run('unsent')).toMatchObject({ code: 2 });
    expect(await run('unsent', 'forget')).toMatchObject({ code: 2 });
    const out = `${mountpoint} out`;
    expect(JSON.parse((await run('unsent', 'export', out, '--json')).stdout)).toEqual({
      files: unsent.map((one) => join(out, one.path)),
    });
    await symlink(mountpoint, `${mountpoint} too`);
    for (const into of [path('x'), `${mountpoint} too/x`]) {
      expect(await run('unsent', 'export', into)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('outside'),
      });
    }
    expect(control.calls).toEqual(['retry a', 'retry ', 'discard big', 'discard gone', `export ${out}`]);
  });

  it('status tells people what is on its way, and the terminal nothing that it would obey', async () => {
    const { mountpoint } = mounted;
    const since = new Date().toISOString();
    control.current = statusOf(mountpoint, {
      queue: { ...someQueue, active: [{ path: 'a\u009b31mb', sentBytes: 5, sizeBytes: 10 }] },
      unsent: Array.from({ length: 12 }, (_, index) => ({
        path: `u${index}`,
        code: 'refused',
        message: 'no',
        since,
      })),
      conflicts: [{ path: 'doc', copy: 'doc (conflict)', since }],
    });
    const { stdout } = await run('status');
    expect(stdout).toContain('To be sent: 2 files (3.0 MiB) and 1 other change\n');
    expect(stdout).toContain('a?31mb  5 bytes of 10 bytes\n');
    expect(stdout).toMatch(/Unsent: +u0: no \(since .*\n(.*u\d: no.*\n){9} +… and 2 more\n/);
    expect(stdout).toContain('doc: yours is doc (conflict) (since');
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  it('shows progress at a terminal, and redraws what it watches', async () => {
    const { environment } = mounted;
    const flush = await atTerminal(environment, 'flush');
    try {
      await flush.shows('Sending 2 files (3.0 MiB) and 1 other change: a/film.mkv 50 %');
      control.endFlushes();
      await flush.shows('Everything is on the server.');
      expect((await flush.end()).code).toBe(0);
    } finally {
      await flush.close();
    }
    const watch = await atTerminal(environment, 'status', '--watch');
    try {
      await watch.shows('1.0 MiB of 2.0 MiB');
      const active = [{ path: 'a/film.mkv', sentBytes: 2 << 20, sizeBytes: 2 << 20 }];
      control.current = { ...control.current, queue: { ...someQueue, active } };
      const screen = await watch.shows('2.0 MiB of 2.0 MiB');
      // Between the two looks it had a speed.
      expect(screen).toContain('\u001b[H\u001b[J');
      expect(screen).toMatch(/To be sent: .* [KM]iB\/s\r\n/);
      watch.type(ctrlC);
      expect((await watch.end()).code).toBe(0);
    } finally {
      await watch.close();
    }
  });
});

describe('on a mount that has nothing to send', { timeout: 120_000 }, () => {
  it('flush, unsent and umount --wait come back at once', async () => {
    const mounted = await mountDisk({ fill: ({ model }) => model.putFile('disk:/a', 'a') });
    const { environment, mountpoint, path } = mounted;
    try {
      for (const args of [['flush'], ['flush', path('a')], ['flush', 'disk:/', '--timeout', '20']])
        expect(await yadiskfs(environment, ...args)).toEqual({ code: 0, stdout: '', stderr: '' });
      expect((await yadiskfs(environment, 'unsent', 'list', '--json')).stdout).toBe('{"unsent":[]}\n');
      expect((await yadiskfs(environment, 'unsent', 'retry', '--json')).stdout).toBe('{"retried":0}\n');
      expect(await yadiskfs(environment, 'unsent', 'discard', path('a'))).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Nothing is unsent at a'),
      });
      expect(await yadiskfs(environment, 'umount', mountpoint, '--wait')).toMatchObject({ code: 0 });
      expect(await isMounted(mountpoint)).toBe(false);
    } finally {
      await mounted.close();
    }
  });
});
