import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlockStore } from '../../src/content/block-store.ts';
import { blockCount } from '../../src/content/blocks.ts';
import { Database } from '../../src/database/database.ts';
import {
  blockFiles,
  contentOf,
  countRight,
  putWhole,
  type TestStore,
  takenBytes,
  testStore,
} from './stored-blocks.ts';

const run = promisify(execFile);
const film = contentOf('film', 9 << 20);
const filmBlocks = blockCount(film.sizeBytes);

/** A file system of its own around the folder: small, or not to be written. */
let root: string;
let folder: string;
let opened: TestStore[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
  folder = join(root, 'cache');
  opened = [];
});
afterEach(async () => {
  for (const { store } of opened) await store.close();
  await run('umount', ['-l', root]).catch(() => {});
  await rm(root, { recursive: true, force: true });
});

async function mountSmall(sizeBytes: number): Promise<void> {
  await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs', root]);
}

async function openStore(limitBytes?: number): Promise<TestStore> {
  const test = await testStore({ folder, ...(limitBytes === undefined ? {} : { limitBytes }) });
  opened.push(test);
  return test;
}

/** Puts again and again, as readers do, until the store has it all. */
async function putUntilKept(store: BlockStore, content = film): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    putWhole(store, content);
    await store.settled();
    if ((await countRight(store, content)) === blockCount(content.sizeBytes)) return;
    await sleep(20);
  }
  throw new Error('It is never kept');
}

describe('a block store in trouble', () => {
  it('gives way when the local disk fills, and leaves room for others', async () => {
    await mountSmall(40 << 20);
    const { store, troubles } = await openStore();
    for (let number = 0; number < 20; number++) {
      putWhole(store, contentOf(`film ${number}`, 9 << 20));
      await store.settled();
    }
    expect(await countRight(store, contentOf('film 19', 9 << 20))).toBe(filmBlocks);
    // 8 MiB are left free whatever was asked for.
    expect(await takenBytes(folder)).toBeLessThanOrEqual(32 << 20);
    expect(store.usedBytes).toBeGreaterThan(16 << 20);
    // Somebody else needs nearly all of it.
    await run('dd', ['if=/dev/zero', `of=${join(root, 'other')}`, 'bs=1M', 'count=7']);
    await sleep(1_100);
    putWhole(store, film);
    await store.settled();
    expect(await takenBytes(folder)).toBeLessThanOrEqual(25 << 20);
    expect(troubles).toEqual([]);
  });

  it('goes without a disk that is full, says so once, and comes back when there is room', async () => {
    await mountSmall(24 << 20);
    const other = join(root, 'other');
    await run('dd', ['if=/dev/zero', `of=${other}`, 'bs=1M', 'count=30']).catch(() => {});
    const { store, troubles, recoveries } = await openStore();
    for (let tries = 0; tries < 5; tries++) {
      putWhole(store, film);
      await store.settled();
      expect(await countRight(store, film)).toBe(0);
      await sleep(60);
    }
    expect(troubles.length).toBeLessThanOrEqual(1);
    await rm(other);
    await sleep(1_100);
    await putUntilKept(store);
    expect(recoveries.count).toBe(troubles.length);
  });

  it('can read on when the disk is suddenly full', async () => {
    await mountSmall(48 << 20);
    const { store, troubles } = await openStore();
    const films = [1, 2, 3].map((number) => contentOf(`film ${number}`, 9 << 20));
    for (const one of films) await putUntilKept(store, one);
    await run('dd', ['if=/dev/zero', `of=${join(root, 'other')}`, 'bs=1M', 'count=60']).catch(() => {});
    putWhole(store, contentOf('song', 5 << 20));
    await store.settled();
    // It may have looked just before, and made room.
    expect(troubles.filter(({ code }) => code !== 'no-space')).toEqual([]);
    const kept = await Promise.all(films.map((one) => countRight(store, one)));
    expect(kept.reduce((sum, count) => sum + count)).toBeGreaterThan(0);
  });

  it('goes without a folder that cannot be written, says so once, and tries again', async () => {
    await mountSmall(64 << 20);
    await run('mount', ['-o', 'remount,ro', root]);
    const { store, troubles, recoveries } = await openStore();
    for (let tries = 0; tries < 3; tries++) {
      putWhole(store, film);
      expect(await countRight(store, film)).toBe(0);
      await sleep(60);
    }
    expect(troubles.length).toBe(1);
    expect(recoveries.count).toBe(0);
    await run('mount', ['-o', 'remount,rw', root]);
    await putUntilKept(store);
    expect(recoveries.count).toBe(1);
  });

  it('goes without a folder that can no longer be written', async () => {
    await mountSmall(64 << 20);
    const { store, troubles } = await openStore();
    await putUntilKept(store);
    await store.settled();
    // A kernel refuses that while a file is open for writing; so the file system dies instead.
    await run('mount', ['-o', 'remount,size=1', root]).catch(() => {});
    await run('umount', ['-l', root]);
    const song = contentOf('song', 5 << 20);
    await sleep(1_100);
    await putUntilKept(store, song);
    expect(troubles.length).toBe(1);
    expect(await countRight(store, song)).toBe(40);
  });

  it.each([
    'the folder',
    'blocks',
    'cache.db',
    'one folder of blocks',
  ])('stands it that %s is deleted while it works', async (what) => {
    const { store, troubles, recoveries } = await openStore();
    await putUntilKept(store);
    const [file = ''] = await blockFiles(folder);
    const path =
      { 'the folder': folder, 'one folder of blocks': join(file, '..') }[what] ?? join(folder, what);
    await rm(path, { recursive: true });
    await sleep(1_100);
    await putUntilKept(store, contentOf('song', 5 << 20));
    await putUntilKept(store);
    await store.close();
    expect(troubles.length).toBe(what === 'one folder of blocks' ? 0 : 1);
    expect(recoveries.count).toBe(troubles.length);
    const again = await openStore();
    // What was read through a descriptor that was still open is gone by now.
    if (what === 'one folder of blocks') await putUntilKept(again.store);
    expect(await countRight(again.store, film)).toBe(filmBlocks);
  });

  it('leaves what a newer version wrote alone', async () => {
    await mkdir(join(folder, 'blocks'), { recursive: true });
    await writeFile(join(folder, 'blocks', 'theirs'), 'x');
    const index = join(folder, 'cache.db');
    const db = new Database(
      index,
      { applicationId: 0x79616231, steps: Array(9).fill('SELECT 1') },
      { commitDelayMs: 1, cacheBytes: 1 << 20 },
    );
    db.close();
    const before = await readFile(index);
    const { store, troubles } = await openStore();
    putWhole(store, film);
    await sleep(60);
    putWhole(store, film);
    await store.close();
    expect(troubles.map(({ code }) => code)).toEqual(['too-new']);
    expect((await readFile(index)).equals(before)).toBe(true);
    expect((await stat(join(folder, 'blocks', 'theirs'))).size).toBe(1);
  });

  it('leaves the folder to another one that is at work there, until that has ended', async () => {
    const first = await openStore();
    await putUntilKept(first.store);
    const second = await openStore();
    expect(second.troubles.map(({ code }) => code)).toEqual(['in-use']);
    putWhole(second.store, film);
    expect(await countRight(second.store, film)).toBe(0);
    await first.store.close();
    await sleep(60);
    await putUntilKept(second.store, contentOf('song', 5 << 20));
    expect(await countRight(second.store, film)).toBe(filmBlocks);
    expect(second.recoveries.count).toBe(1);
  });

  it('throws a damaged index away while it works', async () => {
    const test = await openStore();
    await putUntilKept(test.store);
    await test.store.close();
    const again = await openStore();
    const index = await open(join(folder, 'cache.db'), 'r+');
    const { size } = await index.stat();
    await index.write(Buffer.alloc(size - 4096, 0xa5), 0, size - 4096, 4096);
    await index.close();
    await sleep(60);
    await putUntilKept(again.store);
    expect(again.troubles.map(({ code }) => code)).toEqual(['damaged-store']);
    expect(again.recoveries.count).toBe(1);
  });
});
