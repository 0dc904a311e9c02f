import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type WritingDisk, writingDisk } from './writing-disk.ts';

/*
 * A file that is held open and written to goes up as it was at one moment. Here each record is appended after its number was put into the head of the file,
 * so that a state of any one moment has as many records as its head says, or one less.
 */

const long = { timeout: 300_000 };
const headBytes = 16;
const recordBytes = 64;

const headOf = (count: number) => String(count).padStart(headBytes);
const recordOf = (count: number) => `${String(count).padEnd(recordBytes - 1, '.')}\n`;

/** @returns what the head of a whole state says */
function expectOneMoment(bytes: Buffer, bodyBytes: number): number {
  const count = Number(bytes.toString('latin1', 0, headBytes));
  const records = bytes.subarray(bodyBytes);
  expect(records.length % recordBytes).toBe(0);
  const written = records.length / recordBytes;
  expect([count, count - 1]).toContain(written);
  for (let each = 1; each <= written; each++)
    expect(records.toString('latin1', (each - 1) * recordBytes, each * recordBytes)).toBe(recordOf(each));
  return count;
}

/** Writes records until it is stopped, never quiet for long. */
async function openBook(disk: WritingDisk, bodyBytes: number) {
  const handle = await open(disk.path('book'), 'w+');
  for (let at = 0; at < bodyBytes; at += 1 << 20)
    await handle.write(Buffer.alloc(1 << 20, 'x'), 0, 1 << 20, at);
  await handle.write(headOf(0), 0);
  await handle.sync();
  let isStopped = false;
  let count = 0;
  const write = async () => {
    while (!isStopped) {
      count++;
      await handle.write(headOf(count), 0);
      await handle.write(recordOf(count), bodyBytes + (count - 1) * recordBytes);
      await sleep(10);
    }
  };
  const writing = write();
  return {
    handle,
    stop: async () => {
      isStopped = true;
      await writing;
      return count;
    },
  };
}

describe('a file that is held open', long, () => {
  it('of 100 MB goes up as it was at one moment while it is written to all the time, and when that ends', async () => {
    const bodyBytes = 100 << 20;
    const disk = await writingDisk({
      mountArguments: ['--snapshot-quiet', '1s', '--snapshot-every', '2s'],
    });
    const book = await openBook(disk, bodyBytes);
    let last: unknown;
    let newest = 0;
    // Each version that comes to the server is looked at once.
    const look = () => {
      const node = disk.disk.model.find('disk:/book');
      if (node?.kind !== 'file' || node.content === last) return newest;
      last = node.content;
      newest = expectOneMoment(disk.servedBytes('book') ?? Buffer.alloc(0), bodyBytes);
      return newest;
    };
    await expect.poll(look, { timeout: 150_000, interval: 300 }).toBeGreaterThan(0);
    const count = await book.stop();
    const served = () => disk.servedBytes('book')?.toString('latin1', 0, headBytes);
    await expect.poll(served, { timeout: 100_000, interval: 300 }).toBe(headOf(count));
    expect(expectOneMoment(disk.servedBytes('book') ?? Buffer.alloc(0), bodyBytes)).toBe(count);
    await book.handle.close();
    await disk.flush();
    expect(await disk.unsent()).toEqual([]);
  });

  it('is not sent again and again: a pause for as long as was asked for lies between', async () => {
    const disk = await writingDisk({
      mountArguments: ['--snapshot-quiet', '1h', '--snapshot-every', '3s'],
    });
    const book = await openBook(disk, 1 << 20);
    disk.count('uploader.put');
    await sleep(7_000);
    const sent = disk.count('uploader.put');
    await book.stop();
    expect(sent).toBeGreaterThanOrEqual(1);
    expect(sent).toBeLessThanOrEqual(3);
    await book.handle.close();
  });
});
