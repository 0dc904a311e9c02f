import { spawn } from 'node:child_process';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { takenBytes } from '../content/stored-blocks.ts';
import { syntheticContent } from '../stand-in/content/synthetic.ts';
import { serverSide, shownByWalk, untilEqual } from './mirror.ts';
import { type StandingDisk, standingDisk } from './standing-disk.ts';

/** More of them by hand: KILL_ROUNDS=50. */
const rounds = Number(process.env['KILL_ROUNDS'] ?? 3);
/** In some rounds all of it fits into the cache, in others it does not. */
const cacheSizes = [96 << 20, 96 << 20, 16 << 20];
const patience = { timeout: 30_000, interval: 200 };
const filmBytes = (12 << 20) + 345;
const films = ['one', 'two', 'three'];
const folders = 12;
const filesInFolder = 15;

/** What was read in full before the kill. */
interface ReadBefore {
  readonly films: Set<string>;
  readonly small: Set<string>;
}

it(
  `after kill -9 in the middle of reading the next mount is right, and fetches little again: ${rounds} times`,
  async () => {
    const standing = await standingDisk({
      standIn: { wire: { delayMs: 5 } },
      fill: ({ model }) => {
        for (const seed of films)
          model.putFile(`disk:/films/${seed}`, { synthetic: { sizeBytes: filmBytes, seed } });
        for (let folder = 0; folder < folders; folder++) {
          for (let file = 0; file < filesInFolder; file++)
            model.putFile(`disk:/small/${folder}/${file}`, `${folder}/${file} `.repeat(300));
        }
      },
    });
    try {
      const fetchedAgain: number[] = [];
      const readTwice: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const cacheBytes = cacheSizes[round % cacheSizes.length] ?? 0;
        const fits = cacheBytes > 3 * filmBytes;
        const mountAgain = () =>
          standing.mount(
            '--poll-interval',
            '1s',
            '--cache-size',
            String(cacheBytes),
            '--cache-min-free',
            '0',
          );
        const mount = await mountAgain();
        const before: ReadBefore = { films: new Set(), small: new Set() };
        const reading = readInManyWays(standing, before, round);
        const atMs = 150 + Math.random() * 1_500;
        await sleep(atMs);
        await mount.kill();
        await reading;

        // The dead mount is still there.
        await expect(readdir(standing.mountpoint)).rejects.toMatchObject({ code: 'ENOTCONN' });
        standing.requests();
        const next = await mountAgain();
        const mounting = standing.requests();
        expect(mounting.listings).toBeLessThanOrEqual(1);
        for (const path of before.small)
          expect(await readFile(standing.path(path), 'utf8')).toBe(smallContent(path));
        for (const seed of before.films)
          expect((await readFile(standing.path('films', seed))).equals(filmOf(seed))).toBe(true);
        const again = standing.requests();
        if (fits) fetchedAgain.push(again.dataBytes);
        if (fits)
          readTwice.push(
            before.films.size * filmBytes +
              [...before.small].reduce((sum, path) => sum + smallContent(path).length, 0),
          );
        await untilEqual(standing.disk.model, () => shownByWalk(standing.mountpoint), 30_000);
        standing.requests();
        await untilEqual(standing.disk.model, () => shownByWalk(standing.mountpoint), 30_000);
        const warm = standing.requests();
        // One of the folders that are looked at is checked every five seconds.
        if (fits) expect(warm.listings).toBeLessThanOrEqual(4);
        if (fits) expect(warm.data).toBe(0);
        expect(next.log()).not.toMatch(/damaged|cannot be used|not kept/);
        // A bound that was lowered holds from the next block on that is kept.
        const fresh = `fresh ${round}`;
        standing.disk.model.putFile(`disk:/films/${fresh}`, {
          synthetic: { sizeBytes: 1 << 20, seed: fresh },
        });
        const content = syntheticContent(fresh, 1 << 20).read(0, 1 << 20);
        const fetched = () => readFile(standing.path('films', fresh)).catch(() => Buffer.alloc(0));
        await expect.poll(async () => (await fetched()).equals(content), patience).toBe(true);
        const isBounded = async () => (await takenBytes(await cacheOf(standing))) <= cacheBytes;
        await expect.poll(isBounded, patience).toBe(true);
        standing.disk.model.remove(`disk:/films/${fresh}`);
        expect(await next.end()).toBe(0);
      }
      const [fetched, read] = [fetchedAgain, readTwice].map((list) =>
        list.reduce((sum, bytes) => sum + bytes, 0),
      );
      expect(read).toBeGreaterThan(0);
      expect(fetched).toBeLessThan((read ?? 0) / 4);
      expect(serverSide(standing.disk.model).size).toBe(2 + films.length + folders * (1 + filesInFolder));
    } finally {
      await standing.close();
    }
  },
  60_000 + rounds * 20_000,
);

function filmOf(seed: string): Buffer {
  return syntheticContent(seed, filmBytes).read(0, filmBytes);
}

function smallContent(path: string): string {
  return `${path.slice('small/'.length)} `.repeat(300);
}

async function cacheOf(standing: StandingDisk): Promise<string> {
  const [name] = await readdir(standing.cacheFolder);
  return join(standing.cacheFolder, name ?? '');
}

/** Until the mount dies. What is read is right; that it ends with an error is what the kill does. */
async function readInManyWays(standing: StandingDisk, before: ReadBefore, round: number): Promise<void> {
  const untilKilled = async (task: () => Promise<void>) => {
    for (;;) {
      try {
        await task();
      } catch (error) {
        if (['ENOTCONN', 'ECONNABORTED', 'EIO'].includes(String((error as NodeJS.ErrnoException).code)))
          return;
        throw error;
      }
    }
  };
  // Into a pipe: tar reads nothing of what it writes to /dev/null.
  const script = 'tar -cf - -C "$1" . | cat > /dev/null';
  const tar = spawn('sh', ['-c', script, 'sh', standing.path('small')], { stdio: 'ignore' });
  const tarred = new Promise((resolve) => tar.once('exit', resolve));
  const walk = untilKilled(async () => {
    for (const folder of await readdir(standing.path('small'))) {
      for (const name of await readdir(standing.path('small', folder))) {
        const path = `small/${folder}/${name}`;
        await stat(standing.path(path));
        expect(await readFile(standing.path(path), 'utf8')).toBe(smallContent(path));
        before.small.add(path);
      }
    }
  });
  const whole = untilKilled(async () => {
    const seed = films[round % films.length] ?? '';
    expect((await readFile(standing.path('films', seed))).equals(filmOf(seed))).toBe(true);
    before.films.add(seed);
  });
  const random = untilKilled(async () => {
    const seed = films[(round + 1) % films.length] ?? '';
    const expected = filmOf(seed);
    const handle = await open(standing.path('films', seed));
    try {
      for (let turn = 0; turn < 40; turn++) {
        const offset = Math.floor(Math.random() * (filmBytes - 10_000));
        // A read that is cut by the kill gives what it has.
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(10_000), 0, 10_000, offset);
        const right = expected.subarray(offset, offset + bytesRead);
        expect(buffer.subarray(0, bytesRead).equals(right)).toBe(true);
      }
    } finally {
      await handle.close().catch(() => {});
    }
  });
  await Promise.all([walk, whole, random, tarred]);
}
