import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const run = promisify(execFile);
const library = join(import.meta.dirname, '../../scripts/shell/mounts.sh');

/** Runs a line of bash that knows the functions of mounts.sh. */
const bash = (line: string, ...args: string[]) =>
  run('bash', ['-c', `source '${library}'; ${line}`, 'bash', ...args]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yadiskfs-test-left-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('a process whose TMPDIR lay below is named and ended, and only that one', async () => {
  const folder = await makeFolder();
  const start = (TMPDIR: string) =>
    spawn('sleep', ['61'], { env: { ...process.env, TMPDIR }, stdio: 'ignore' });
  const [below, beside] = [start(join(folder, 'inner')), start(`${folder}-beside`)];
  onTestFinished(() => void beside.kill());
  const ended = once(below, 'exit');
  const { code, stderr } = await bash('clear_leftovers "$1"', folder);
  expect(code).toBe(1);
  expect(stderr).toBe(`left behind: process ${below.pid}: sleep 61 \n`);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(beside.exitCode).toBeNull();
  expect(beside.signalCode).toBeNull();
});

test('a mount below is named and detached, whatever its name', async () => {
  const folder = await makeFolder();
  const point = join(folder, 'a b\\c é');
  await mkdir(point);
  await run('mount', ['-t', 'tmpfs', 'none', point]);
  onTestFinished(() =>
    run('umount', ['-l', point]).then(
      () => {},
      () => {},
    ),
  );
  expect((await bash('mounts_under "$1"', folder)).stdout).toBe(`${point}\n`);
  const { code, stderr } = await bash('clear_leftovers "$1"', folder);
  expect({ code, stderr }).toEqual({ code: 1, stderr: `left behind: mount ${point}\n` });
  expect((await bash('mounts_under "$1"', folder)).stdout).toBe('');
});

test('nothing left is nothing said', async () => {
  expect(await bash('clear_leftovers "$1"', await makeFolder())).toEqual({ code: 0, stdout: '', stderr: '' });
});
