import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Drafts } from '../../src/content/drafts.ts';
import { LocalRoom } from '../../src/content/local-room.ts';
import { failedWith } from '../../src/errors.ts';
import { baseOf, bytesOf, contentOf, never } from './drafts-folder.ts';

const run = promisify(execFile);
const diskBytes = 8 << 20;

/** A small file system of its own around the folder. */
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', root]);
});
afterEach(async () => {
  await run('umount', ['-l', root]);
  await rm(root, { recursive: true, force: true });
});

function openDrafts(minFreeBytes: number): Promise<Drafts> {
  return Drafts.open({ folder: join(root, 'drafts'), minFreeBytes, bootId: 'first' });
}

async function freeBytes(): Promise<number> {
  const { bavail, bsize } = await statfs(root);
  return bavail * bsize;
}

/** Leaves so much free to anybody. */
async function fill(restBytes: number): Promise<void> {
  await writeFile(join(root, 'other'), Buffer.alloc((await freeBytes()) - restBytes));
}

describe('on a disk that fills up', () => {
  it('what was written stays, what does not fit counts as before', async () => {
    // As if others took the last room between our look at it and the write.
    const drafts = await openDrafts(-diskBytes);
    const bytes = bytesOf(1 << 20, 1);
    const base = baseOf(bytes);
    const draft = await drafts.create({ name: 'a', path: 'disk:/a', base });
    await draft.write(bytesOf(10_000, 2), 50_000);
    bytesOf(10_000, 2).copy(bytes, 50_000);
    await fill(64 << 10);
    // Behind the end, into the base, across its end; each in our own thread, and in the thread pool since another is under way.
    for (const offset of [bytes.length + 100_000, 500_000, bytes.length - 200_000]) {
      const ours = bytesOf(400_000, 3);
      await expect(draft.write(ours, offset)).rejects.toMatchObject({ code: 'no-space' });
      expect((await contentOf(draft)).equals(bytes)).toBe(true);
      const outcomes = await Promise.allSettled([draft.truncate(bytes.length), draft.write(ours, offset)]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
      expect((await contentOf(draft)).equals(bytes)).toBe(true);
    }
    await expect(draft.complete(never)).rejects.toMatchObject({ code: 'no-space' });
    expect((await contentOf(draft)).equals(bytes)).toBe(true);
    // Where it grows later there are zeros, and nothing of what failed.
    await draft.truncate(bytes.length + 500_000);
    const grown = Buffer.concat([bytes, Buffer.alloc(500_000)]);
    expect((await contentOf(draft)).equals(grown)).toBe(true);
    await rm(join(root, 'other'));
    await draft.write(bytesOf(400_000, 3), 500_000);
    bytesOf(400_000, 3).copy(grown, 500_000);
    await draft.complete(never);
    expect((await contentOf(draft)).equals(grown)).toBe(true);
    await draft.close();
  });

  it('what is frozen is lost when it cannot be kept, and who writes does not hear of it', async () => {
    const drafts = await openDrafts(0);
    const draft = await drafts.create({ name: 'a', path: 'disk:/a' });
    await draft.write(bytesOf(3 << 20, 1), 0);
    const frozen = await draft.freeze();
    await fill(64 << 10);
    await draft.write(bytesOf(1 << 20, 2), 0);
    await expect(frozen.stream(0).next()).rejects.toMatchObject({ code: 'local' });
    await draft.write(Buffer.of(1), 2 << 20);
    await frozen.close();
    expect(await drafts.names()).toEqual(['a']);
    expect((await contentOf(draft)).subarray(0, 1 << 20).equals(bytesOf(1 << 20, 2))).toBe(true);
    await draft.close();
  });

  it('a draft whose description does not fit is not made', async () => {
    const drafts = await openDrafts(-diskBytes);
    await fill(0);
    await expect(drafts.create({ name: 'a', path: 'disk:/a' })).rejects.toMatchObject({ code: 'no-space' });
    expect(await drafts.names()).toEqual([]);
  });

  it('leaves a reserve, which descriptions may use', async () => {
    const reserveBytes = 2 << 20;
    const drafts = await openDrafts(reserveBytes);
    const base = baseOf(bytesOf(3 << 20, 1));
    const draft = await drafts.create({ name: 'a', path: 'disk:/a', base });
    const piece = bytesOf(100_000, 2);
    let writtenBytes = 0;
    let failure: unknown;
    for (let offset = 4 << 20; !failure; offset += piece.length) {
      await draft.write(piece, offset).then(
        () => {
          writtenBytes += piece.length;
        },
        (error: unknown) => {
          failure = error;
        },
      );
    }
    expect(failedWith(failure, 'no-space')).toBe(true);
    expect(writtenBytes).toBeGreaterThan(5 << 20);
    expect(await freeBytes()).toBeGreaterThanOrEqual(reserveBytes);
    await expect(draft.complete(never)).rejects.toMatchObject({ code: 'no-space' });
    await expect(drafts.create({ name: 'b', path: 'disk:/b' })).resolves.toBeDefined();
    await draft.sync();
    expect(await drafts.describe('a')).toMatchObject({ wasSynced: true });
    // What is cut off gives room again.
    await draft.truncate(0);
    await draft.write(piece, 0);
    expect((await contentOf(draft)).equals(piece)).toBe(true);
    await draft.close();
  });

  it('notices what others take within 16 MiB of what we write', async () => {
    await run('mount', ['-o', 'remount,size=64M', root]);
    const room = new LocalRoom(root, 1 << 20);
    room.take(1);
    await fill(0);
    let takenBytes = 0;
    expect(() => {
      for (; takenBytes < 32 << 20; takenBytes += 1 << 20) room.take(1 << 20);
    }).toThrow('nearly full');
    expect(takenBytes).toBeLessThanOrEqual(16 << 20);
    await rm(join(root, 'other'));
    room.take(1 << 20);
  });
});

it('lets our own thread write in bursts only', () => {
  let nowMs = 0;
  const room = new LocalRoom('/', 0, () => nowMs);
  const atOnce = () => {
    let pieces = 0;
    while (room.takesAtOnce(1 << 20)) pieces++;
    return pieces;
  };
  expect(atOnce()).toBe(16);
  nowMs += 250;
  expect(atOnce()).toBe(8);
  nowMs += 60_000;
  expect(atOnce()).toBe(16);
});
