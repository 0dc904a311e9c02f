import { open, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blockBytes, blockCount } from '../../src/content/blocks.ts';
import {
  blockFiles,
  blockOf,
  contentOf,
  countRight,
  getBlock,
  putWhole,
  type TestStore,
  takenBytes,
  testStore,
} from './stored-blocks.ts';

const film = contentOf('film', (9 << 20) + 777);
const filmBlocks = blockCount(film.sizeBytes);
const letter = contentOf('letter', 100);

let test: TestStore;
let { store } = {} as TestStore;

beforeEach(async () => {
  test = await testStore();
  store = test.store;
});
afterEach(async () => {
  await store.close();
  await test.remove();
  expect(test.troubles).toEqual([]);
});

async function restart(): Promise<void> {
  await store.close();
  store = await test.reopen();
}

async function flip(path: string, offset: number): Promise<void> {
  const file = await open(path, 'r+');
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, offset);
  await file.write(Buffer.of((buffer[0] ?? 0) ^ 0x10), 0, 1, offset);
  await file.close();
}

describe('a block store', () => {
  it('has what was put, before and after it is written, and after a restart', async () => {
    putWhole(store, film);
    store.put(letter, 0, blockOf(letter, 0));
    expect(await countRight(store, film)).toBe(filmBlocks);
    await store.settled();
    expect(await countRight(store, film)).toBe(filmBlocks);
    await restart();
    expect(store.has(film, filmBlocks - 1)).toBe(true);
    expect(await countRight(store, film)).toBe(filmBlocks);
    expect(await countRight(store, letter)).toBe(1);
    expect(store.has(film, filmBlocks)).toBe(false);
  });

  it('gives several blocks in one read, with gaps where there are none', async () => {
    for (const index of [0, 1, 3]) store.put(film, index, blockOf(film, index));
    await restart();
    const blocks = await store.get(film, { first: 0, end: 5 });
    expect(blocks.map((block) => block?.length)).toEqual([
      blockBytes,
      blockBytes,
      undefined,
      blockBytes,
      undefined,
    ]);
    expect(blocks.every((block, index) => !block || blockOf(film, index).equals(block))).toBe(true);
  });

  it('takes no more room than the blocks that are there', async () => {
    store.put(film, 31, blockOf(film, 31));
    store.put(letter, 0, blockOf(letter, 0));
    await store.settled();
    expect(store.usedBytes).toBe(blockBytes + 4096);
    expect(await takenBytes(test.folder)).toBeLessThanOrEqual(store.usedBytes);
    await restart();
    expect(store.usedBytes).toBe(blockBytes + 4096);
  });

  it('keeps nothing whose name is not a hash', async () => {
    const version = { ...letter, lasting: false };
    store.put(version, 0, blockOf(letter, 0));
    await store.settled();
    expect(store.has(version, 0)).toBe(false);
    expect(await blockFiles(test.folder)).toEqual([]);
  });

  it('forgets a content that is dropped, on disk and in the queue, and takes it anew', async () => {
    putWhole(store, film);
    store.drop(film);
    expect(await countRight(store, film)).toBe(0);
    putWhole(store, film, 1);
    await store.settled();
    expect(await countRight(store, film, 1)).toBe(filmBlocks);
    store.drop(film);
    await restart();
    expect(await countRight(store, film)).toBe(0);
    expect(await blockFiles(test.folder)).toEqual([]);
    expect(store.usedBytes).toBe(0);
  });

  it('notices a wrong byte, a file that is cut off and one that is gone, and lets go of them', async () => {
    for (let index = 0; index < filmBlocks; index++) {
      store.put(film, index, blockOf(film, index));
      // One extent after the other, so that their files are in order.
      if (index % 32 === 31) await store.settled();
    }
    await store.settled();
    const [first = '', second = '', third = ''] = await blockFiles(test.folder);
    await flip(first, 2 * blockBytes + 5);
    await truncate(second, 10 * blockBytes + 17);
    await rm(third);
    await restart();
    expect(await getBlock(store, film, 2)).toBeUndefined();
    expect(await getBlock(store, film, 32 + 10)).toBeUndefined();
    expect(await getBlock(store, film, 64)).toBeUndefined();
    await store.settled();
    expect(store.usedBytes).toBe(0);
    expect(await blockFiles(test.folder)).toEqual([]);
    putWhole(store, film);
    await restart();
    expect(await countRight(store, film)).toBe(filmBlocks);
  });

  it('lets sums whose hash was right stand for the content', async () => {
    putWhole(store, film);
    await store.settled();
    const sums = Uint32Array.from({ length: filmBlocks }, (_, index) => crc32(blockOf(film, index)));
    expect(store.proof(film)).toBeUndefined();
    sums[40] = 1;
    store.prove(film, sums);
    expect(store.has(film, 31)).toBe(true);
    expect(store.has(film, 32)).toBe(false);
    store.put(film, 40, blockOf(film, 40));
    expect(store.has(film, 40)).toBe(false);
    store.put(film, 41, blockOf(film, 41));
    await restart();
    expect(store.has(film, 41)).toBe(true);
    expect(store.proof(film)).toEqual(sums);
    store.drop(film);
    expect(store.proof(film)).toBeUndefined();
  });

  it('lets go of what was not used for longest, and stays within its bound', async () => {
    await store.close();
    await test.remove();
    const limitBytes = 4 << 20;
    test = await testStore({ limitBytes });
    store = test.store;
    const files = Array.from({ length: 100 }, (_, number) => contentOf(`photo ${number}`, 100_000));
    for (const [number, file] of files.entries()) {
      putWhole(store, file);
      await store.settled();
      expect(store.usedBytes).toBeLessThanOrEqual(limitBytes);
      // The first one is looked at all the time.
      if (number < 60) expect(await countRight(store, files[0] ?? file)).toBe(1);
      if (number === 30) await restart();
    }
    expect(await takenBytes(test.folder)).toBeLessThanOrEqual(limitBytes);
    const present = files.map((file, number) => (store.has(file, 0) ? number : -1)).filter((n) => n >= 0);
    expect(present.length).toBeGreaterThan(35);
    // The youngest, in a row, and none else.
    expect(present).toEqual(Array.from({ length: present.length }, (_, turn) => 100 - present.length + turn));
  });

  it('keeps what is in use while everything else goes', async () => {
    await store.close();
    await test.remove();
    test = await testStore({ limitBytes: 1 << 20 });
    store = test.store;
    putWhole(store, letter);
    for (let number = 0; number < 50; number++) {
      putWhole(store, contentOf(`photo ${number}`, 100_000));
      await store.settled();
      expect(await countRight(store, letter)).toBe(1);
    }
  });

  it('throws away blocks whose owner vouches for something else', async () => {
    putWhole(store, film);
    await store.close();
    const { BlockStore } = await import('../../src/content/block-store.ts');
    store = await BlockStore.open(
      {
        folder: test.folder,
        limitBytes: 1 << 30,
        minFreeBytes: 0,
        onTrouble: (failure) => test.troubles.push(failure),
        onRecovered: () => {},
      },
      'another shape',
    );
    expect(await countRight(store, film)).toBe(0);
    expect(store.usedBytes).toBe(0);
  });

  it('begins anew when the index or the blocks were deleted between two runs', async () => {
    for (const name of ['blocks', 'cache.db', '']) {
      putWhole(store, film);
      await store.close();
      expect(await takenBytes(test.folder)).toBeGreaterThan(film.sizeBytes);
      await rm(join(test.folder, name), { recursive: true });
      store = await test.reopen();
      expect(await countRight(store, film)).toBe(0);
      expect(await blockFiles(test.folder)).toEqual([]);
    }
  });
});
