import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blockBytes } from '../../src/content/blocks.ts';
import type { Reader } from '../../src/content/reader.ts';
import { syntheticContent } from '../stand-in/content/synthetic.ts';
import { type ReadingDisk, readingDisk } from './reading-disk.ts';

const filmBlocks = 96;
const filmBytes = filmBlocks * blockBytes;
const film = syntheticContent('film', filmBytes);

let disk: ReadingDisk;

async function open(options: Parameters<typeof readingDisk>[0] = {}): Promise<Reader> {
  await disk?.close();
  disk = await readingDisk(options);
  disk.disk.model.putFile('disk:/film', { synthetic: { sizeBytes: filmBytes, seed: 'film' } });
  return disk.contents.openReader(await disk.content('disk:/film'));
}

/** Reads some bytes, a block unless told, and checks them. */
async function read(reader: Reader, offset: number, length = blockBytes): Promise<void> {
  const target = Buffer.alloc(Math.min(length, filmBytes - offset));
  expect(await reader.read(target, offset)).toBe(target.length);
  expect(target.equals(film.read(offset, offset + length))).toBe(true);
}

/** Waits until nothing is on its way. */
async function quiet(): Promise<void> {
  const { statistics } = disk.disk.wire;
  do await sleep(20);
  while ((statistics.snapshot().routes['storage.get']?.inFlight ?? 0) > 0);
}

/** The ranges asked for, in bytes, end exclusive, of requests that are over. */
function ranges(): { start: number; end: number }[] {
  return disk.disk.wire.requestLog
    .list()
    .filter(({ route }) => route === 'storage.get')
    .map(({ range }) => {
      const [, start, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
      return { start: Number(start), end: Number(last) + 1 };
    });
}

describe('A reader', () => {
  beforeEach(async () => {
    disk = await readingDisk();
  });
  afterEach(() => disk.close());

  it('who goes backwards is read ahead of, each byte once', async () => {
    const reader = await open();
    for (let index = filmBlocks - 1; index >= 0; index--) await read(reader, index * blockBytes);
    reader.close();
    const traffic = disk.traffic();
    expect(traffic.bytes).toBe(filmBytes);
    expect(traffic.requests).toBeLessThan(filmBlocks / 3);
  });

  it('who goes backwards by small pieces costs no block twice', async () => {
    const reader = await open();
    for (let end = filmBytes; end > filmBytes / 2; end -= 32 << 10)
      await read(reader, end - (32 << 10), 32 << 10);
    reader.close();
    await sleep(50);
    const traffic = disk.traffic();
    expect(traffic.bytes).toBeLessThanOrEqual(filmBytes);
    expect(traffic.requests).toBeLessThan(filmBlocks / 3);
  });

  it('who strides has the next strides fetched, and nothing in between', async () => {
    const reader = await open();
    const strideBytes = 8 * blockBytes;
    for (let nth = 0; nth < 3; nth++) await read(reader, nth * strideBytes, 4096);
    while (ranges().length < 7) await sleep(5);
    expect(ranges().map(({ start }) => start)).toEqual(
      expect.arrayContaining([3, 4, 5, 6].map((nth) => nth * strideBytes)),
    );
    for (let nth = 3; nth < filmBytes / strideBytes; nth++) await read(reader, nth * strideBytes, 4096);
    reader.close();
    expect(disk.traffic()).toEqual({ requests: 12, bytes: 12 * blockBytes });
  });

  it('who strides backwards too', async () => {
    const reader = await open();
    for (let index = 88; index > 0; index -= 8) await read(reader, index * blockBytes, 4096);
    // One is expected beyond the last that is read: the first block of the file.
    await quiet();
    reader.close();
    expect(disk.traffic()).toEqual({ requests: 12, bytes: 12 * blockBytes });
  });

  it('who reads a little of every fourth block is not taken for one who reads all', async () => {
    const reader = await open();
    let reads = 0;
    for (let index = 0; index < filmBlocks - 4; index += 3 + (index % 5)) {
      await read(reader, index * blockBytes, 4096);
      reads++;
    }
    reader.close();
    expect(disk.traffic().bytes).toBeLessThanOrEqual((reads + 10) * blockBytes);
  });

  it('who has streamed is read ahead of with the first request at a new place', async () => {
    const reader = await open({ readAheadBytes: 2 << 20 });
    for (let index = 0; index < 36; index++) await read(reader, index * blockBytes);
    await sleep(50);
    const gate = disk.disk.wire.hold({ route: 'storage.get', stage: 'before', count: null });
    const there = read(reader, 72 * blockBytes);
    await gate.arrived(2);
    gate.release();
    await there;
    reader.close();
  });

  it('who has read little and jumps costs what he reads', async () => {
    const reader = await open();
    await read(reader, 0, 64 << 10);
    await read(reader, filmBytes - 4096, 4096);
    await read(reader, 64 << 10, 64 << 10);
    reader.close();
    await sleep(50);
    expect(disk.traffic()).toEqual({ requests: 2, bytes: 2 * blockBytes });
  });

  it('who comes back from a look elsewhere goes on as before', async () => {
    const reader = await open({ readAheadBytes: 2 << 20 });
    for (let index = 0; index < 8; index++) await read(reader, index * blockBytes);
    await read(reader, 90 * blockBytes, 4096);
    await sleep(50);
    disk.traffic();
    for (let index = 8; index < 72; index++) await read(reader, index * blockBytes);
    reader.close();
    expect(disk.traffic().requests).toBeLessThan(24);
  });

  it('of two places in turn is two streams', async () => {
    const reader = await open();
    for (let index = 0; index < filmBlocks / 2; index++) {
      await read(reader, index * blockBytes);
      await read(reader, (filmBlocks / 2 + index) * blockBytes);
    }
    reader.close();
    const traffic = disk.traffic();
    expect(traffic.bytes).toBe(filmBytes);
    expect(traffic.requests).toBeLessThan(filmBlocks / 3);
  });

  it('has company: all together are read ahead of by no more than one bound', async () => {
    await open({ readAheadBytes: 6 << 20 });
    const readers: Reader[] = [];
    const [count, readBlocks] = [10, 4];
    for (let nth = 0; nth < count; nth++) {
      disk.disk.model.putFile(`disk:/film-${nth}`, {
        synthetic: { sizeBytes: filmBytes, seed: `film-${nth}` },
      });
      readers.push(disk.contents.openReader(await disk.content(`disk:/film-${nth}`)));
    }
    const target = Buffer.alloc(blockBytes);
    for (let index = 0; index < readBlocks; index++)
      await Promise.all(readers.map((reader) => reader.read(target, index * blockBytes)));
    await sleep(300);
    const { bytes } = disk.traffic();
    expect(bytes).toBeGreaterThan(count * readBlocks * blockBytes);
    expect(bytes).toBeLessThanOrEqual(count * readBlocks * blockBytes + (6 << 20));
    for (const reader of readers) reader.close();
  });
});

describe('A connection that somebody waits for', () => {
  beforeEach(async () => {
    disk = await readingDisk();
  });
  afterEach(() => disk.close());

  it('and that stalls is replaced, from the first block on that is missing', async () => {
    const reader = await open();
    disk.disk.wire.faults.add({
      route: 'storage.get',
      skip: 3,
      count: 1,
      fault: { kind: 'stall', afterBytes: 200_000 },
    });
    for (let index = 0; index < filmBlocks; index++) await read(reader, index * blockBytes);
    reader.close();
    await quiet();
    expect(disk.disk.wire.faultLog).toHaveLength(1);
    // A range that went on where it broke off would begin within a block.
    expect(ranges().filter(({ start }) => start % blockBytes !== 0)).toEqual([]);
    const ends = ranges().map(({ end }) => end);
    expect(ends.length - new Set(ends).size).toBe(1);
    expect(disk.traffic().bytes).toBeLessThanOrEqual(filmBytes + 2 * blockBytes);
  });

  it('and that is far slower than others is replaced, once', async () => {
    const reader = await open();
    disk.disk.wire.faults.add({
      route: 'storage.get',
      skip: 4,
      count: 1,
      fault: { kind: 'slow', bytesPerSecond: 30_000 },
    });
    for (let index = 0; index < filmBlocks; index++) await read(reader, index * blockBytes);
    reader.close();
    await quiet();
    expect(disk.disk.wire.faultLog).toHaveLength(1);
    const ends = ranges().map(({ end }) => end);
    expect(ends.length - new Set(ends).size).toBe(1);
    expect(disk.traffic().bytes).toBeLessThanOrEqual(filmBytes + 2 * blockBytes);
  });

  it('and that is slow because of a limit of our own is left alone', async () => {
    const reader = await open({ downLimitBytesPerSecond: 100_000 });
    await read(reader, 0);
    await read(reader, 40 * blockBytes);
    reader.close();
    const starts = ranges().map(({ start }) => start);
    expect(new Set(starts).size).toBe(starts.length);
  });
});
