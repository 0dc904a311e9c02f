import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blockBytes } from '../../src/content/blocks.ts';
import { failedWith } from '../../src/errors.ts';
import { syntheticContent } from '../stand-in/content/synthetic.ts';
import { type ReadingDisk, readingDisk } from './reading-disk.ts';
import { blockFiles } from './stored-blocks.ts';

const filmBytes = (9 << 20) + 4321;
const film = syntheticContent('film', filmBytes);
const photo = syntheticContent('photo', 700_000);
const smallCount = 30;

let root: string;
let disk: ReadingDisk;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
  disk = await readingDisk({ folder: join(root, 'cache') });
  const { model } = disk.disk;
  model.putFile('disk:/film', { synthetic: { sizeBytes: filmBytes, seed: 'film' } });
  model.putFile('disk:/photo', { synthetic: { sizeBytes: photo.sizeBytes, seed: 'photo' } });
  for (let number = 0; number < smallCount; number++)
    model.putFile(`disk:/small ${number}`, `content ${number}`);
});
afterEach(async () => {
  await disk.close();
  await rm(root, { recursive: true, force: true });
});

async function readFrom(path: string, start: number, end: number): Promise<Buffer> {
  const reader = disk.contents.openReader(await disk.content(path));
  const parts: Buffer[] = [];
  try {
    for (let offset = start; offset < end; ) {
      const part = Buffer.alloc(Math.min(blockBytes, end - offset));
      const length = await reader.read(part, offset);
      parts.push(part.subarray(0, length));
      if (length === 0) break;
      offset += length;
    }
  } finally {
    reader.close();
  }
  return Buffer.concat(parts);
}

const readWhole = (path: string) => readFrom(path, 0, 1 << 30);
const wholeFilm = film.read(0, filmBytes);
const wholePhoto = photo.read(0, photo.sizeBytes);

/** One wrong byte in each file of blocks. */
async function spoilBlocks(offset: number): Promise<void> {
  for (const path of await blockFiles(join(root, 'cache'))) {
    const file = await open(path, 'r+');
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, offset);
    await file.write(Buffer.of((buffer[0] ?? 0) ^ 1), 0, 1, offset);
    await file.close();
  }
}

describe('contents kept on the local disk', () => {
  it('cost no request after a restart, and none under another name', async () => {
    expect((await readWhole('disk:/film')).equals(wholeFilm)).toBe(true);
    expect((await readWhole('disk:/photo')).equals(wholePhoto)).toBe(true);
    await disk.restart();
    disk.traffic();
    disk.disk.model.putFile('disk:/renamed film', { synthetic: { sizeBytes: filmBytes, seed: 'film' } });
    expect((await readWhole('disk:/renamed film')).equals(wholeFilm)).toBe(true);
    expect((await readWhole('disk:/photo')).equals(wholePhoto)).toBe(true);
    expect(disk.traffic().requests).toBe(0);
  });

  it('are given in any piece that somebody asks for', async () => {
    await readWhole('disk:/film');
    await disk.restart();
    const reader = disk.contents.openReader(await disk.content('disk:/film'));
    disk.traffic();
    const lengths = [1, 4096, blockBytes - 1, blockBytes, blockBytes + 1, 3 * blockBytes, 8 * blockBytes];
    const offsets = [
      0,
      1,
      1000,
      blockBytes,
      5 * blockBytes - 1,
      31 * blockBytes + 7,
      32 * blockBytes,
      71 * blockBytes,
    ];
    for (const offset of offsets) {
      for (const length of lengths) {
        const target = Buffer.alloc(length);
        const read = await reader.read(target, offset);
        expect(read).toBe(Math.min(length, filmBytes - offset));
        expect(target.subarray(0, read).equals(wholeFilm.subarray(offset, offset + read))).toBe(true);
      }
    }
    reader.close();
    expect(disk.traffic().requests).toBe(0);
  });

  it('are not taken for those of a changed file', async () => {
    await readWhole('disk:/film');
    disk.disk.model.putFile('disk:/film', { synthetic: { sizeBytes: filmBytes, seed: 'remake' } });
    await disk.restart();
    const remake = syntheticContent('remake', filmBytes);
    expect((await readWhole('disk:/film')).equals(remake.read(0, filmBytes))).toBe(true);
  });

  it('are fetched again where the local disk has wrong bytes, and only there', async () => {
    await readWhole('disk:/film');
    await readWhole('disk:/photo');
    await disk.restart();
    await spoilBlocks(50_000);
    disk.traffic();
    expect((await readWhole('disk:/film')).equals(wholeFilm)).toBe(true);
    expect((await readWhole('disk:/photo')).equals(wholePhoto)).toBe(true);
    expect(disk.traffic().bytes).toBeLessThanOrEqual(filmBytes + photo.sizeBytes);
    // What lay beside a wrong block, and was in memory by then, is missing now.
    await disk.restart();
    expect((await readWhole('disk:/film')).equals(wholeFilm)).toBe(true);
    disk.traffic();
    await disk.restart();
    expect((await readWhole('disk:/film')).equals(wholeFilm)).toBe(true);
    expect(disk.traffic().requests).toBe(0);
  });

  it('were checked once: what is fetched again must be what was hashed', async () => {
    await readWhole('disk:/film');
    await disk.restart();
    // Everything on the local disk is wrong, and so is everything that comes.
    await spoilBlocks(10);
    disk.disk.wire.faults.add({ id: 'bad', route: 'storage.get', fault: { kind: 'corrupt', offset: 7 } });
    await expect(readFrom('disk:/film', 0, 100)).rejects.toMatchObject({ code: 'damaged' });
    disk.disk.wire.faults.clear();
    expect((await readWhole('disk:/film')).equals(wholeFilm)).toBe(true);
  });

  it('are dropped altogether when the hash is wrong', async () => {
    disk.disk.wire.faults.add({ id: 'bad', route: 'storage.get', fault: { kind: 'corrupt', offset: 7 } });
    await expect(readWhole('disk:/film')).rejects.toMatchObject({ code: 'damaged' });
    await expect(readWhole('disk:/photo')).rejects.toMatchObject({ code: 'damaged' });
    disk.disk.wire.faults.clear();
    await disk.restart();
    expect(await blockFiles(join(root, 'cache'))).toEqual([]);
    expect((await readWhole('disk:/film')).equals(wholeFilm)).toBe(true);
  });

  it('are checked as a whole though one half was read in an earlier life', async () => {
    // The first half is wrong on the way, and nobody can tell before what is read ahead has come to the end.
    disk.disk.wire.faults.add({ id: 'bad', route: 'storage.get', fault: { kind: 'corrupt', offset: 7 } });
    await readFrom('disk:/film', 0, 5 << 20).catch((error: unknown) => {
      if (!failedWith(error, 'damaged')) throw error;
    });
    disk.disk.wire.faults.clear();
    await disk.restart();
    const rest = await readFrom('disk:/film', 5 << 20, filmBytes).catch((error: unknown) => error);
    expect(rest instanceof Error || (rest as Buffer).equals(wholeFilm.subarray(5 << 20))).toBe(true);
    expect((await readWhole('disk:/film').catch(() => readWhole('disk:/film'))).equals(wholeFilm)).toBe(true);
  });

  it('work with hardly any memory', async () => {
    await disk.close();
    disk = await readingDisk({ folder: join(root, 'cache'), memoryBytes: 1 << 20 });
    disk.disk.model.putFile('disk:/film', { synthetic: { sizeBytes: filmBytes, seed: 'film' } });
    expect((await readWhole('disk:/film')).equals(wholeFilm)).toBe(true);
    await disk.restart();
    disk.traffic();
    expect((await readWhole('disk:/film')).equals(wholeFilm)).toBe(true);
    expect(disk.traffic().requests).toBe(0);
  });
});

describe('what is fetched ahead', () => {
  it('is there for the reader, now and after a restart', async () => {
    const contents = await Promise.all(
      Array.from({ length: smallCount }, (_, number) => disk.content(`disk:/small ${number}`)),
    );
    expect(contents.some((content) => disk.contents.holds(content, 100))).toBe(false);
    const done = await Promise.all(
      contents.map((content) => disk.contents.fetchAhead(content, 1 << 20).done),
    );
    expect(done.every((is) => is)).toBe(true);
    expect(disk.traffic().requests).toBe(smallCount);
    expect(contents.every((content) => disk.contents.holds(content, 100))).toBe(true);
    await disk.restart();
    expect(contents.every((content) => disk.contents.holds(content, 100))).toBe(true);
    for (let number = 0; number < smallCount; number++)
      expect((await readWhole(`disk:/small ${number}`)).toString()).toBe(`content ${number}`);
    expect(await disk.contents.fetchAhead(await disk.content('disk:/small 3'), 10).done).toBe(true);
    expect(disk.traffic().requests).toBe(0);
  });

  it('is the head alone of a large file', async () => {
    const content = await disk.content('disk:/film');
    expect(await disk.contents.fetchAhead(content, 200_000).done).toBe(true);
    expect(disk.contents.holds(content, 2 * blockBytes)).toBe(true);
    expect(disk.contents.holds(content, 2 * blockBytes + 1)).toBe(false);
    expect(disk.traffic()).toEqual({ requests: 1, bytes: 2 * blockBytes });
    expect((await readFrom('disk:/film', 0, 1000)).equals(wholeFilm.subarray(0, 1000))).toBe(true);
    expect(disk.traffic().requests).toBe(0);
  });

  it('is one request with a reader that comes meanwhile, and goes on for it when it is cancelled', async () => {
    for (const path of ['disk:/photo', 'disk:/film']) {
      const gate = disk.disk.wire.hold({ route: 'storage.get', stage: 'before', count: null });
      const ahead = disk.contents.fetchAhead(await disk.content(path), 1000);
      await gate.arrived();
      const read = readFrom(path, 0, 1000);
      await disk.content(path);
      ahead.cancel();
      expect(await ahead.done).toBe(false);
      gate.release();
      expect((await read).length).toBe(1000);
      expect(disk.traffic().requests).toBe(1);
    }
  });

  it('is given up when it is cancelled and nobody reads', async () => {
    const content = await disk.content('disk:/photo');
    const gate = disk.disk.wire.hold({ route: 'storage.get', stage: 'before', count: null });
    const ahead = disk.contents.fetchAhead(content, 1000);
    await gate.arrived();
    ahead.cancel();
    expect(await ahead.done).toBe(false);
    gate.release();
    expect(disk.contents.holds(content, 1)).toBe(false);
    expect((await readWhole('disk:/photo')).equals(wholePhoto)).toBe(true);
  });

  it('lets readers go first, also one that waits for what was only hoped for', async () => {
    const { model, wire } = disk.disk;
    for (let number = 0; number < 60; number++)
      model.putFile(`disk:/many ${number}`, `one of many, ${number}`);
    const contents = await Promise.all(
      Array.from({ length: 60 }, (_, number) => disk.content(`disk:/many ${number}`)),
    );
    const other = await disk.content('disk:/small 1');
    // As many requests as nobody waits for may be under way, and none of them is answered.
    const gate = wire.hold({ route: 'storage.get', stage: 'before', count: null });
    const ahead = contents.map((content) => disk.contents.fetchAhead(content, 1000));
    const underWay = () => wire.statistics.snapshot().routes['storage.get']?.inFlight ?? 0;
    let full = -1;
    while (full !== underWay()) {
      full = underWay();
      await sleep(100);
    }
    expect(full).toBeLessThan(contents.length / 2);
    // One of those that still wait for a place is wanted now, and something else.
    const readers = [contents[59] ?? other, other].map((content) => disk.contents.openReader(content));
    const targets = readers.map(() => Buffer.alloc(100));
    const lengths = Promise.all(
      readers.map((reader, turn) => reader.read(targets[turn] ?? Buffer.alloc(0), 0)),
    );
    while (underWay() < full + 2) await sleep(5);
    gate.release();
    const [length] = await lengths;
    expect(targets[0]?.subarray(0, length).toString()).toBe('one of many, 59');
    for (const reader of readers) reader.close();
    expect((await Promise.all(ahead.map(({ done }) => done))).every((is) => is)).toBe(true);
  });

  it('says so when it cannot be had', async () => {
    const content = await disk.content('disk:/photo');
    disk.disk.model.putFile('disk:/photo', 'another version');
    const done = await disk.contents.fetchAhead({ ...content, link: undefined }, 1000).done;
    expect(done).toBe(false);
    expect(disk.contents.holds(content, 1)).toBe(false);
  });
});
