import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { typescript } from '../programs/typescript.ts';
import { type StandIn, startStandIn } from '../stand-in/index.ts';

/** The probe in a process of its own and with its real waits; at a terminal it is scripts/probe, as somebody starts it. */

const command = fileURLToPath(new URL('../../scripts/probe', import.meta.url));
const program = fileURLToPath(new URL('../../scripts/probing/main.ts', import.meta.url));
/** Short questions, without long waits. */
const quick = ['--only', 'list-limits,name-length'];

/** What is to be ended when all is over. Tests run at the same time, so not one by one. */
const endings: (() => unknown)[] = [];
afterAll(() => Promise.all(endings.map((end) => end())));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
  endings.push(() => rm(path, { recursive: true }));
  return path;
}

async function started(): Promise<StandIn> {
  const disk = await startStandIn({ token: 'y0_the-token-of-the-test' });
  endings.push(() => disk.close());
  disk.model.putFile('disk:/Letters/notary.txt', 'mine');
  return disk;
}

function environment(disk: StandIn | undefined): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    ...(disk && {
      YADISKFS_TOKEN: disk.token,
      YADISKFS_API_URL: disk.apiUrl,
      YADISKFS_OAUTH_URL: disk.oauthUrl,
    }),
  };
}

function start(disk: StandIn | undefined, words: readonly string[], extra: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [...typescript(program), ...words], {
    cwd: '/',
    env: { ...environment(disk), ...extra },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endings.push(() => child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  const ended: Promise<Ended> = once(child, 'close').then(([code]) => ({ code, ...said }));
  return { child, said, ended };
}

function probe(
  disk: StandIn | undefined,
  words: readonly string[],
  extra?: NodeJS.ProcessEnv,
): Promise<Ended> {
  return start(disk, words, extra).ended;
}

async function until(what: () => boolean, child?: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (what()) return;
    if (child && child.exitCode !== null) throw new Error('it ended before');
    await sleep(20);
  }
  throw new Error('it never came to that');
}

const scratchFolders = async (disk: StandIn) =>
  (await disk.control.tree()).entries
    .filter(({ path }) => path.includes('yadiskfs-probe'))
    .map(({ path }) => path);

describe.concurrent('scripts/probe', () => {
  test('says what it will do, and refuses where nobody can agree', async () => {
    const disk = await started();
    const ended = await probe(disk, []);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('disk:/yadiskfs-probe-');
    expect(ended.stderr).toMatch(/send \d+ requests at most/);
    expect(ended.stderr).toContain('--yes');
    expect(disk.wire.statistics.snapshot().all.count).toBe(0);
  });

  test('with --yes it asks, cleans up, reports in text and JSON, and keeps to its rate', async () => {
    const disk = await started();
    const file = join(await folder(), 'report.json');
    const before = await disk.control.tree();
    const { code, stdout, stderr } = await probe(disk, ['--yes', '--rate', '9', '--json', file, ...quick]);
    expect(stderr).not.toContain('rror');
    expect(code).toBe(0);
    expect(stdout).toContain('nameUnit = "utf16"');
    const json = await readFile(file, 'utf8');
    expect(JSON.parse(json)).toMatchObject({
      complete: true,
      settings: { nameUnit: 'utf16', limitAboveMax: 'lower' },
      cleaning: { complete: true },
    });
    expect([stdout, stderr, json].join('')).not.toContain(disk.token);
    const { all } = disk.wire.statistics.snapshot();
    expect(all.count).toBeGreaterThan(18);
    expect(all.maxPerSecond).toBeLessThanOrEqual(9);
    const after = await disk.control.tree();
    expect([after.entries, after.trash]).toEqual([before.entries, before.trash]);
  });

  test('after Ctrl-C nothing is left, and what was found is told', async () => {
    const disk = await started();
    const { child, said, ended } = start(disk, [
      '--yes',
      '--rate',
      '10',
      '--only',
      'list-limits,name-characters',
    ]);
    await until(() => said.stderr.includes('[2/2]'), child);
    await sleep(400);
    expect(await scratchFolders(disk)).not.toEqual([]);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect(stderr).toContain('cleaning up');
    expect(stdout).toContain('interrupted');
    expect(stdout).toContain('limitAboveMax = "lower"');
    expect(stdout).toContain('Cleaned');
    expect(code).toBe(1);
    expect(await scratchFolders(disk)).toEqual([]);
  });

  test('SIGTERM while an upload is held at its commit', async () => {
    const disk = await started();
    const gate = disk.wire.hold({ route: 'uploader.put', stage: 'before-commit' });
    const { child, ended } = start(disk, ['--yes', '--rate', '10', '--only', 'upload-links']);
    await gate.arrived();
    child.kill('SIGTERM');
    expect((await ended).code).toBe(1);
    gate.release();
    await sleep(100);
    expect(await scratchFolders(disk)).toEqual([]);
  });

  test('what a killed run left is told by the next one, and taken away by --clean', async () => {
    const disk = await started();
    const killed = start(disk, ['--yes', '--rate', '10', ...quick]);
    await until(() => killed.said.stderr.includes('[2/2]'), killed.child);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const left = await scratchFolders(disk);
    expect(left).not.toEqual([]);

    const next = await probe(disk, ['--yes', '--rate', '10', '--only', 'list-limits']);
    expect(next.code).toBe(0);
    expect(next.stderr).toContain(`An earlier run has left ${left[0]}`);
    expect(await scratchFolders(disk)).toEqual(left);

    expect((await probe(disk, ['--clean'])).code).toBe(2);
    expect(await scratchFolders(disk)).toEqual(left);
    const cleaned = await probe(disk, ['--clean', '--yes', '--rate', '10']);
    expect(cleaned.code).toBe(0);
    expect(cleaned.stderr).toContain(`${left[0]} is gone`);
    expect((await disk.control.tree()).entries.map(({ path }) => path)).toEqual([
      'disk:/Letters',
      'disk:/Letters/notary.txt',
    ]);
  });

  test('at a terminal it asks: "n" does nothing, "y" starts, and offers to clean', async () => {
    const disk = await started();
    const scratch = 'disk:/yadiskfs-probe-20261123-140509-0123456789';
    disk.model.putFile(`${scratch}/left/file.txt`, 'left');
    const words = `${command} --rate 10 --only list-limits`;
    const refused = await atTerminal(disk, words, ['n']);
    expect(refused).toContain('Start? [y/N]');
    expect(refused).toContain('Nothing was done');
    expect(disk.wire.statistics.snapshot().all.count).toBe(0);
    const agreed = await atTerminal(disk, words, ['y', 'y']);
    expect(agreed).toContain(`${scratch} is gone`);
    expect(agreed).toContain('limitAboveMax = "lower"');
    expect(await scratchFolders(disk)).toEqual([]);
  });

  test.each([
    [2, 'an unknown option', ['--everything']],
    [2, 'a rate that is not polite', ['--yes', '--rate', '11']],
    [2, 'an unknown question', ['--yes', '--only', 'nonsense']],
    [2, 'a report into nowhere', ['--yes', '--json', '/nonexistent/report.json']],
    [2, 'login questions without an application', ['--yes', '--oauth']],
  ] as const)('exit code %i for %s', async (code, _, words) => {
    const disk = await started();
    const ended = await probe(disk, words);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain('yadiskfs: ');
    expect(disk.wire.statistics.snapshot().all.count).toBe(0);
  });

  test('without a token, with a bad one, with an address that is no Disk’s, and without a Disk', async () => {
    const disk = await started();
    expect((await probe(undefined, ['--yes'])).code).toBe(3);
    const bad = await probe(disk, ['--yes', ...quick], { YADISKFS_TOKEN: 'y0_wrong' });
    expect(bad.code).toBe(3);
    expect(bad.stderr).not.toContain('y0_wrong');
    expect((await probe(disk, ['--yes'], { YADISKFS_API_URL: 'http://example.org/v1/disk' })).code).toBe(2);
    expect((await probe(disk, ['--yes'], { YADISKFS_API_URL: 'http://127.0.0.1:9/v1/disk' })).code).toBe(4);
  });

  test('--list names every question without a token', async () => {
    const { code, stdout } = await probe(undefined, ['--list']);
    expect(code).toBe(0);
    expect(stdout).toContain('cut-body: ');
    expect(stdout).toContain('decides: cutBody');
    expect(stdout).toContain('publication (--public): ');
  });
});

/** Runs a line of shell with a terminal before it, and answers each of its questions when it comes. */
async function atTerminal(disk: StandIn, line: string, answers: readonly string[]): Promise<string> {
  const child = spawn('script', ['-qefc', line, '/dev/null'], { cwd: '/', env: environment(disk) });
  endings.push(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const closed = once(child, 'close');
  for (const [index, answer] of answers.entries()) {
    await until(() => said.split('[y/N]').length > index + 1, child);
    child.stdin.write(`${answer}\n`);
  }
  await closed;
  return said;
}
