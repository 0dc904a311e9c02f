import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { yadiskfs } from '../../scripts/benchmark/contenders.ts';
import { plant } from '../../scripts/benchmark/planting.ts';
import { photoHeads } from '../../scripts/benchmark/scenes/small-files.ts';
import { openSite } from '../../scripts/benchmark/site.ts';
import { rootOf, Stage } from '../../scripts/benchmark/stage.ts';
import { isWhole } from '../all-tests.ts';
import { typescript } from '../programs/typescript.ts';

const project = join(import.meta.dirname, '../..');

/** Starts the real program with a folder for temporary files that is its own. */
async function start(...args: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'yadiskfs-test-bench-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const child = spawn(
    process.execPath,
    [...typescript(join(project, 'scripts/benchmark/main.ts')), ...args],
    {
      cwd: project,
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (piece: Buffer) => {
    stdout += piece;
  });
  child.stderr.on('data', (piece: Buffer) => {
    stderr += piece;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { child, folder, ended, said: () => stderr };
}

/** What a run left in its folder for temporary files, the cache of the loader of TypeScript apart. */
async function left(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => !name.startsWith('tsx-'));
}

const trafficSchema = z.object({ apiRequests: z.int(), dataRequests: z.int(), bytes: z.number() });
const rowSchema = z.object({
  scene: z.int(),
  measure: z.string(),
  by: z.string(),
  values: z.array(z.number().nonnegative()),
  median: z.number().nonnegative(),
  least: z.number(),
  most: z.number(),
  traffic: trafficSchema.nullable(),
  trafficInAll: trafficSchema.nullable(),
  peakBytes: z.number(),
  timesRclone: z.number().nullable(),
  timesBound: z.number().nullable(),
  boundValue: z.number().nullable(),
  goal: z.string().nullable(),
  compared: z.int().positive(),
  mistakes: z.array(z.string()),
});
const resultSchema = z.object({
  machine: z.object({ processor: z.string(), cores: z.int().positive(), node: z.literal(process.version) }),
  rows: z.array(rowSchema),
});

test.runIf(isWhole)(
  'a tiny run counts what each mount asked for, beside rclone, and compares what it read',
  {
    timeout: 90_000,
  },
  async () => {
    const run = await start('--scale', '0.04', '--rounds', '2', '--scene', '1,4', '--json');
    const { code, stdout, stderr } = await run.ended;
    expect(code, stderr).toBe(0);
    const { rows } = resultSchema.parse(JSON.parse(stdout));
    expect(rows.map(({ scene, by }) => `${scene} ${by}`)).toEqual([
      '1 yadiskfs',
      '1 yadiskfs --api-rate 0',
      '1 rclone',
      '4 yadiskfs',
      '4 rclone',
    ]);
    for (const { least, median, most, values, mistakes, goal, peakBytes } of rows) {
      expect(values).toHaveLength(2);
      expect([least, most]).toEqual([Math.min(...values), Math.max(...values)]);
      expect(median).toBeCloseTo((least + most) / 2);
      expect(peakBytes).toBeGreaterThan(1e7);
      expect({ mistakes, goal }).toEqual({ mistakes: [], goal: null });
    }
    const [find, lifted, rcloneFind, random, rcloneRandom] = rows;
    // A folder with one folder in it, which holds all 20 files; the root was listed while mounting.
    expect(find?.traffic).toMatchObject({ apiRequests: 2, dataRequests: 0 });
    // The names of all, and then the files with sizes and dates.
    expect(find?.compared).toBe(2 * (22 + 20));
    // Three levels of folders, a round trip each: so few listings meet no limit.
    for (const row of [find, lifted, rcloneFind]) {
      expect(row?.timesBound).toBeCloseTo((row?.median ?? 0) / 0.15);
    }
    // Mounting asks for the Disk and for the root, at least.
    expect(find?.trafficInAll?.apiRequests).toBeGreaterThanOrEqual(4);
    expect(find?.timesRclone).toBeCloseTo((find?.median ?? 0) / (rcloneFind?.median ?? 0));
    expect(rcloneFind?.timesRclone).toBeNull();
    // A link redirects once; each read is a request of one block.
    expect(random?.traffic?.dataRequests).toBeGreaterThanOrEqual(3);
    expect(random?.traffic?.bytes).toBeLessThan(rcloneRandom?.traffic?.bytes ?? 0);
    expect(await left(run.folder)).toEqual([]);
  },
);

test(
  'without rclone it prints a table, and says that all was right',
  {
    timeout: 60_000,
  },
  async () => {
    const run = await start('--scale', '0.02', '--scene', '5', '--no-rclone', '--api-rate', '20');
    const { code, stdout, stderr } = await run.ended;
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/ cores, .* Node v20\..*, load average /);
    expect(stdout).toContain('50 ms a request, 100 ms more on a new connection');
    expect(stdout).toMatch(/^ 5 {2}first 64 KB of 1 photos of 4 MB$/m);
    expect(stdout).toMatch(/^ {4}yadiskfs --api-rate 20 +\d\.\d\d +[01] +2 +0\.\d+ /m);
    expect(stdout).toContain('compared with the Disk (2 names, sizes, dates and hashes): the same.');
    expect(stdout).not.toContain('rclone v');
  },
);

/** Some of each kind: all of them take minutes of two cores. */
const someScenes = isWhole ? [2, 3, 6, 10, 12, 17, 19] : [3, 6, 12];

test('a tiny run of scenes of every kind finds all as it is on the Disk', { timeout: 300_000 }, async () => {
  const run = await start('--scale', '0.01', '--no-rclone', '--json', '--scene', someScenes.join(','));
  const { code, stdout, stderr } = await run.ended;
  expect(code, stderr).toBe(0);
  const { rows } = resultSchema.parse(JSON.parse(stdout));
  expect([...new Set(rows.map(({ scene }) => scene))].sort((left, right) => left - right)).toEqual(
    someScenes,
  );
  expect(rows.flatMap(({ mistakes }) => mistakes)).toEqual([]);
  for (const { traffic, trafficInAll } of rows) {
    expect(trafficInAll?.apiRequests ?? 0).toBeGreaterThanOrEqual(traffic?.apiRequests ?? 0);
  }
  expect(await left(run.folder)).toEqual([]);
});

test('bytes and dates that are not what the Disk should hold are noticed', { timeout: 60_000 }, async () => {
  const site = await openSite({ withRclone: false });
  onTestFinished(() => site.close());
  const scene = photoHeads(0.04);
  const root = rootOf(scene.number);
  const dates = await plant(site.control, root, scene.plots, scene.files);
  await site.control.post('put', { path: `disk:/${root}/photo-1.jpg`, text: 'not a photo' });
  const { signal } = new AbortController();
  const play = async (stage: Stage) => {
    await scene.run(stage);
    return stage;
  };
  const { mistakes, compared } = await Stage.use(site, yadiskfs(), scene.number, dates, signal, play);
  expect({ mistakes, compared }).toEqual({
    mistakes: ['beginnings: 1 of 2 are not as on the Disk', 'sizes and dates: 1 of 2 are not as on the Disk'],
    compared: 4,
  });
});

test('stopped midway it takes its mounts away and leaves no file', { timeout: 60_000 }, async () => {
  const run = await start('--scale', '1', '--scene', '13', '--no-rclone');
  await expect.poll(run.said, { timeout: 30_000 }).toContain('scene 13, yadiskfs');
  await expect
    .poll(() => readdir(run.folder, { recursive: true }))
    .toContainEqual(expect.stringMatching(/stage\/mount$/));
  run.child.kill('SIGTERM');
  const { code, stdout, stderr } = await run.ended;
  expect({ code, stdout }, stderr).toEqual({ code: 130, stdout: '' });
  expect(await left(run.folder)).toEqual([]);
});

test('a wrong option is said with how to use it', async () => {
  const run = await start('--rounds', 'many');
  const { code, stderr } = await run.ended;
  expect(code).toBe(2);
  expect(stderr).toContain('--rounds: not a number of at least 1: many\nUsage: npm run bench');
});
