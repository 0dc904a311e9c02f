import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, open, readFile, rename, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { atTerminal, ctrlC } from '../auth/terminal.ts';
import { isMounted, program, yadiskfs } from './mounted-disk.ts';
import { type StandingDisk, standingDisk } from './standing-disk.ts';

const waiting = { timeout: 20_000 };

async function ownDisk(): Promise<StandingDisk> {
  const disk = await standingDisk();
  onTestFinished(async () => {
    await yadiskfs(disk.environment, 'umount', disk.mountpoint);
    await disk.close();
  });
  return disk;
}

/** In the foreground, with its stderr where the test wants it. */
function mounting(
  { mountpoint, environment }: StandingDisk,
  stderr: number,
  more: NodeJS.ProcessEnv = {},
): ChildProcess {
  const child = spawn(process.execPath, [program, 'mount', mountpoint], {
    env: { ...environment, ...more },
    stdio: ['ignore', 'ignore', stderr],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

test('a mount puts a long log aside, notices that it was moved, and goes on when it is sent SIGHUP', async () => {
  const disk = await ownDisk();
  const logFile = join(disk.folder, 'mount.log');
  await writeFile(logFile, '');
  await truncate(logFile, 8 << 20);
  const mounted = await yadiskfs(
    disk.environment,
    'mount',
    disk.mountpoint,
    '--daemon',
    '--log-file',
    logFile,
  );
  expect(mounted).toMatchObject({ code: 0 });
  const pid = Number(/process (\d+)/.exec(mounted.stdout)?.[1]);
  await expect.poll(() => readFile(logFile, 'utf8'), waiting).toContain('"mounted"');
  expect((await stat(`${logFile}.1`)).size).toBe(8 << 20);
  expect((await stat(logFile)).mode & 0o777).toBe(0o600);

  await rename(logFile, `${logFile}.moved`);
  process.kill(pid, 'SIGHUP');
  await expect.poll(() => readFile(logFile, 'utf8').catch(() => ''), waiting).toContain('SIGHUP is heard');
  expect(await isMounted(disk.mountpoint)).toBe(true);
  expect(await readFile(`${logFile}.moved`, 'utf8')).not.toContain('SIGHUP');
});

test('to the journal a mount speaks with priorities, to another stderr in JSON', async () => {
  const disk = await ownDisk();
  const said = join(disk.folder, 'stderr');
  const stderr = await open(said, 'w');
  const { dev, ino } = await stderr.stat({ bigint: true });
  const inJournal = mounting(disk, stderr.fd, { JOURNAL_STREAM: `${dev}:${ino}` });
  await expect
    .poll(() => readFile(said, 'utf8'), waiting)
    .toContain(`<6>mounted mountpoint="${disk.mountpoint}"\n`);
  inJournal.kill('SIGTERM');
  await expect.poll(() => inJournal.exitCode, waiting).toBe(0);
  for (const line of (await readFile(said, 'utf8')).trimEnd().split('\n'))
    expect(line).toMatch(/^<[3467]>\w/);

  await stderr.truncate(0);
  const elsewhere = mounting(disk, stderr.fd, { JOURNAL_STREAM: `${dev}:${ino + 1n}` });
  await expect.poll(() => readFile(said, 'utf8'), waiting).toContain('"msg":"mounted"');
  elsewhere.kill('SIGTERM');
  await expect.poll(() => elsewhere.exitCode, waiting).toBe(0);
  await stderr.close();
});

test('a mount ends in good order with the terminal that it was started in', async () => {
  const disk = await ownDisk();
  const logFile = join(disk.folder, 'mount.log');
  const line = `exec '${process.execPath}' '${program}' mount '${disk.mountpoint}' --log-file '${logFile}'`;
  const terminal = spawn('/usr/bin/script', ['-qec', line, '/dev/null'], {
    env: { ...disk.environment, SHELL: '/bin/bash' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  onTestFinished(() => void terminal.kill('SIGKILL'));
  await expect.poll(() => isMounted(disk.mountpoint), waiting).toBe(true);
  await expect.poll(() => readFile(logFile, 'utf8'), waiting).toContain('"mounted"');
  // The window is gone, and with it the terminal: the kernel says so to whoever sits at it.
  terminal.kill('SIGKILL');
  await expect.poll(() => isMounted(disk.mountpoint), waiting).toBe(false);
  await expect.poll(() => readFile(logFile, 'utf8'), waiting).toContain('"unmounted"');
});

test('at a terminal it says where the Disk is and how it ends, and the log is for people', async () => {
  const disk = await ownDisk();
  const terminal = await atTerminal(disk.environment, 'mount', disk.mountpoint);
  onTestFinished(() => terminal.close());
  await terminal.shows(`Mounted at ${disk.mountpoint}. Ctrl-C unmounts it.`);
  terminal.type(ctrlC);
  expect((await terminal.end()).code).toBe(0);
  const screen = terminal.screen();
  expect(screen).toMatch(/^\d\d:\d\d:\d\d mounted mountpoint=/m);
  expect(screen).not.toContain('{"level"');
});

test('a log in the mount that it is about is refused', async () => {
  const disk = await ownDisk();
  await mkdir(join(disk.mountpoint, 'logs'));
  const logFile = join(disk.mountpoint, 'logs', 'mount.log');
  for (const more of [[], ['--daemon']]) {
    const { code, stderr } = await yadiskfs(
      disk.environment,
      'mount',
      disk.mountpoint,
      '--log-file',
      logFile,
      ...more,
    );
    expect(code).toBe(2);
    expect(stderr).toContain('The log cannot be in the mount that it is about');
  }
});

test('a signal ends a start that waits for the Disk, and nothing is mounted', async () => {
  const disk = await ownDisk();
  disk.disk.wire.faults.add({ role: 'api', fault: { kind: 'delay', delayMs: 60_000 } });
  const said = await open(join(disk.folder, 'stderr'), 'w');
  const child = mounting(disk, said.fd);
  await expect.poll(() => disk.disk.wire.describe().network.openConnections, waiting).toBeGreaterThan(0);
  child.kill('SIGINT');
  await expect.poll(() => child.signalCode ?? child.exitCode, waiting).toBe('SIGINT');
  expect(await isMounted(disk.mountpoint)).toBe(false);
  await said.close();
});
