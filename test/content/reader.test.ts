import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blockBytes } from '../../src/content/blocks.ts';
import type { Reader } from '../../src/content/reader.ts';
import { Failure } from '../../src/errors.ts';
import { syntheticContent } from '../stand-in/content/synthetic.ts';
import { type ReadingDisk, readingDisk } from './reading-disk.ts';

const filmBytes = (12 << 20) + 12_345;
const photoBytes = 4 << 20;
const expected = syntheticContent('film', filmBytes);

async function read(reader: Reader, offset: number, length: number): Promise<Buffer> {
  const target = Buffer.alloc(length);
  return target.subarray(0, await reader.read(target, offset));
}

describe('Reader', () => {
  let disk: ReadingDisk;

  beforeEach(async () => {
    disk = await readingDisk();
    const { model } = disk.disk;
    model.putFile('disk:/film', { synthetic: { sizeBytes: filmBytes, seed: 'film' } });
    model.putFile('disk:/copy', { synthetic: { sizeBytes: filmBytes, seed: 'film' } });
    model.putFile('disk:/photo', { synthetic: { sizeBytes: photoBytes, seed: 'photo' } });
    model.putFile('disk:/small', 'small');
    model.putFile('disk:/empty', '');
  });
  afterEach(() => disk.close());

  it('costs a random reader the blocks that it touches, and no more', async () => {
    const reader = disk.contents.openReader(await disk.content('disk:/film'));
    for (let turn = 0; turn < 20; turn++) {
      const offset = ((turn * 37) % 89) * blockBytes + 1000;
      expect((await read(reader, offset, 4096)).equals(expected.read(offset, offset + 4096))).toBe(true);
    }
    reader.close();
    expect(disk.traffic()).toEqual({ requests: 20, bytes: 20 * blockBytes });
  });

  it('costs one who looks at the beginning only the beginning', async () => {
    const reader = disk.contents.openReader(await disk.content('disk:/photo'));
    await read(reader, 0, 64 << 10);
    reader.close();
    await sleep(50);
    expect(disk.traffic()).toEqual({ requests: 1, bytes: blockBytes });
  });

  it('fetches ahead of a sequential reader, each byte once, in few requests', async () => {
    const reader = disk.contents.openReader(await disk.content('disk:/film'));
    for (let offset = 0; offset < filmBytes; offset += blockBytes) {
      const part = await read(reader, offset, blockBytes);
      expect(part.equals(expected.read(offset, Math.min(filmBytes, offset + blockBytes)))).toBe(true);
    }
    expect((await read(reader, filmBytes, 10)).length).toBe(0);
    reader.close();
    const traffic = disk.traffic();
    expect(traffic.bytes).toBe(filmBytes);
    expect(traffic.requests).toBeLessThan(25);
  });

  it('shares requests between readers, and blocks between files with the same bytes', async () => {
    const first = disk.contents.openReader(await disk.content('disk:/film'));
    const second = disk.contents.openReader(await disk.content('disk:/film'));
    const parts = await Promise.all([read(first, 0, 100), read(second, 50, 100), read(second, 0, 100)]);
    expect(parts[1]?.equals(expected.read(50, 150))).toBe(true);
    expect(disk.traffic().requests).toBe(1);
    const copy = disk.contents.openReader(await disk.content('disk:/copy'));
    expect((await read(copy, 0, 1000)).equals(expected.read(0, 1000))).toBe(true);
    expect(disk.traffic().requests).toBe(0);
    for (const reader of [first, second, copy]) reader.close();
  });

  it('reads a small file with one request, and an empty one with none', async () => {
    const small = disk.contents.openReader(await disk.content('disk:/small'));
    expect((await read(small, 0, 100)).toString()).toBe('small');
    expect((await read(small, 3, 100)).toString()).toBe('ll');
    const empty = disk.contents.openReader(await disk.content('disk:/empty'));
    expect((await read(empty, 0, 100)).length).toBe(0);
    small.close();
    empty.close();
    expect(disk.traffic()).toEqual({ requests: 1, bytes: 5 });
  });

  it('lets go of what was asked for ahead when the reader jumps away or closes', async () => {
    disk.disk.wire.configure({ downBytesPerSecond: 2_000_000 });
    const reader = disk.contents.openReader(await disk.content('disk:/film'));
    for (let offset = 0; offset < 6 * blockBytes; offset += blockBytes)
      await read(reader, offset, blockBytes);
    await read(reader, 80 * blockBytes, 100);
    reader.close();
    await sleep(300);
    expect(disk.traffic().bytes).toBeLessThan(5 << 20);
    const tally = disk.disk.wire.statistics.snapshot().routes['storage.get'];
    expect(tally?.inFlight ?? 0).toBe(0);
  });

  it('ends the wait of a reader that is closed, not that of another', async () => {
    const gate = disk.disk.wire.gates();
    expect(gate).toEqual([]);
    const held = disk.disk.wire.hold({ route: 'storage.get', stage: 'before', count: null });
    const content = await disk.content('disk:/film');
    const first = disk.contents.openReader(content);
    const second = disk.contents.openReader(content);
    const given = read(first, 0, 10).catch((error: unknown) => error);
    const kept = read(second, 0, 10);
    await held.arrived();
    first.close();
    expect(await given).toMatchObject({ code: 'aborted' });
    held.release();
    expect((await kept).equals(expected.read(0, 10))).toBe(true);
    second.close();
  });

  it('works with less memory than the file needs', async () => {
    await disk.close();
    disk = await readingDisk({ memoryBytes: 2 << 20 });
    disk.disk.model.putFile('disk:/film', { synthetic: { sizeBytes: filmBytes, seed: 'film' } });
    const reader = disk.contents.openReader(await disk.content('disk:/film'));
    const digestable: Buffer[] = [];
    for (let offset = 0; offset < filmBytes; offset += 100_000)
      digestable.push(await read(reader, offset, 100_000));
    reader.close();
    expect(Buffer.concat(digestable).equals(expected.read(0, filmBytes))).toBe(true);
  });

  it('gives no last block of a file whose hash is wrong, and says so for this opening only', async () => {
    disk.disk.wire.faults.add({ id: 'bad', route: 'storage.get', fault: { kind: 'corrupt', offset: 7 } });
    const reader = disk.contents.openReader(await disk.content('disk:/photo'));
    const readThrough = async () => {
      for (let offset = 0; offset < photoBytes; offset += blockBytes) await read(reader, offset, blockBytes);
    };
    await expect(readThrough()).rejects.toMatchObject({ code: 'damaged' });
    disk.disk.wire.faults.clear();
    await expect(read(reader, 0, 10)).rejects.toBeInstanceOf(Failure);
    reader.close();
    const again = disk.contents.openReader(await disk.content('disk:/photo'));
    const photo = syntheticContent('photo', photoBytes);
    for (let offset = 0; offset < photoBytes; offset += blockBytes) {
      expect((await read(again, offset, blockBytes)).equals(photo.read(offset, offset + blockBytes))).toBe(
        true,
      );
    }
    again.close();
  });
});
