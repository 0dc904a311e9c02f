import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BlockFolder } from '../../src/content/block-folder.ts';
import { blockBytes } from '../../src/content/blocks.ts';
import { extentBlocks } from '../../src/content/extents.ts';
import { typescript } from '../programs/typescript.ts';
import { blockFiles, contentOf, countRight, takenBytes, testShape, testStore } from './stored-blocks.ts';

const writer = fileURLToPath(new URL('block-writer.ts', import.meta.url));
const limitBytes = 24 << 20;
/** More of them by hand: KILL_ROUNDS=50. */
const rounds = Number(process.env['KILL_ROUNDS'] ?? 8);
/** What the store makes of the shape that it is opened with. */
const shape = `${blockBytes}/${extentBlocks}/${testShape}`;

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

it(
  `starts right after kill -9 of a process that writes blocks, ${rounds} times`,
  async () => {
    const folder = join(root, 'cache');
    let found = 0;
    let orphans = 0;
    for (let round = 0; round < rounds; round++) {
      const child = spawn(process.execPath, [...typescript(writer), folder, String(limitBytes)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(child, 'exit');
      // By what it has done, and not by the clock: a slow machine gets as far.
      let turns = 1 + Math.random() * 60;
      for await (const _ of createInterface(child.stdout)) if (--turns < 0) break;
      await sleep(Math.random() * 20);
      child.kill('SIGKILL');
      expect(await exited).toEqual([null, 'SIGKILL']);

      const test = await testStore({ folder, limitBytes });
      for (let number = 0; number < 7; number++)
        found += await countRight(test.store, contentOf(`film ${number}`, (5 << 20) + number));
      for (let number = 0; number < 200; number++)
        found += await countRight(test.store, contentOf(`letter ${number}`, 3000));
      await test.store.settled();
      expect(test.store.usedBytes).toBeLessThanOrEqual(limitBytes);
      expect(test.troubles).toEqual([]);
      if (round % 2 === 0) {
        // Half of the time the next one comes before the first has looked for what nobody knows.
        await test.store.close();
        continue;
      }
      await test.store.close();
      orphans += await sweep(folder);
    }
    expect(found).toBeGreaterThan(rounds * 10);
    expect(orphans).toBeGreaterThan(0);
  },
  60_000 + rounds * 10_000,
);

/** Kills leave files without a row; the sweep after the next start finds them. Returns how many. */
async function sweep(path: string): Promise<number> {
  const before = await blockFiles(path);
  const folder = await BlockFolder.open(path, shape);
  try {
    await folder.sweep(new AbortController().signal);
    const after = await blockFiles(path);
    expect(after.filter((file) => !folder.index.knows(Number(file.split('/').at(-1))))).toEqual([]);
    expect(await takenBytes(path)).toBeLessThanOrEqual(folder.index.usedBytes);
    return before.length - after.length;
  } finally {
    folder.close(true);
  }
}
