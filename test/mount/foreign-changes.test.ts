import { open, readdir, readFile, stat } from 'node:fs/promises';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { syntheticContent } from '../stand-in/content/synthetic.ts';
import { type MountedDisk, mountDisk } from './mounted-disk.ts';

/** Poll interval of these mounts, and by when a change must have shown: the interval, the kernel's second, and a slow machine. */
const pollIntervalMs = 400;
const shownWithin = { timeout: 8_000, interval: 100 };
const longerThanTrusted = pollIntervalMs + 1_500;

const small = (text: string) => text;
const large = (seed: string, sizeBytes: number) => ({ synthetic: { sizeBytes, seed } });

describe('what others change', () => {
  let mounted: MountedDisk;

  beforeEach(async () => {
    mounted = await mountDisk({
      mountArguments: ['--poll-interval', `${pollIntervalMs}ms`],
      fill: ({ model }) => {
        model.putFile('disk:/doc.txt', small('first version'));
        model.putFile('disk:/film.bin', large('one', 6 << 20));
        model.putFile('disk:/folder/inside.txt', small('inside'));
      },
    });
  });
  afterEach(() => mounted.close());

  it('shows: new, changed, deleted, renamed, moved, another kind', async () => {
    const { model } = mounted.disk;
    const names = () => readdir(mounted.mountpoint).then((list) => list.sort());
    expect(await names()).toEqual(['doc.txt', 'film.bin', 'folder']);
    expect(await readFile(mounted.path('doc.txt'), 'utf8')).toBe('first version');
    expect(await readFile(mounted.path('folder', 'inside.txt'), 'utf8')).toBe('inside');

    model.putFile('disk:/new.txt', small('new'));
    model.putFile('disk:/doc.txt', small('the second version'));
    await expect.poll(names, shownWithin).toEqual(['doc.txt', 'film.bin', 'folder', 'new.txt']);
    await expect
      .poll(() => readFile(mounted.path('doc.txt'), 'utf8'), shownWithin)
      .toBe('the second version');

    model.move('disk:/folder', 'disk:/renamed');
    model.remove('disk:/new.txt');
    await expect.poll(names, shownWithin).toEqual(['doc.txt', 'film.bin', 'renamed']);
    expect(await readFile(mounted.path('renamed', 'inside.txt'), 'utf8')).toBe('inside');

    model.remove('disk:/doc.txt');
    model.putFile('disk:/doc.txt/now a folder', small('x'));
    model.remove('disk:/renamed');
    model.putFile('disk:/renamed', small('now a file'));
    await expect
      .poll(() => stat(mounted.path('doc.txt')).then((shown) => shown.isDirectory()), shownWithin)
      .toBe(true);
    expect(await readdir(mounted.path('doc.txt'))).toEqual(['now a folder']);
    await expect
      .poll(() => readFile(mounted.path('renamed'), 'utf8').catch((error) => error.code), shownWithin)
      .toBe('now a file');
  });

  it('does not show in a file that is open: one version, in size and content, until the last close', async () => {
    const { model } = mounted.disk;
    const before = await readFile(mounted.path('film.bin'));
    const handle = await open(mounted.path('film.bin'));
    const second = await open(mounted.path('film.bin'));
    model.putFile('disk:/film.bin', large('two', 3 << 20));
    await sleep(longerThanTrusted);
    await readdir(mounted.mountpoint);
    expect((await stat(mounted.path('film.bin'))).size).toBe(6 << 20);
    expect((await handle.stat()).size).toBe(6 << 20);
    expect((await handle.readFile()).equals(before)).toBe(true);
    await handle.close();
    expect((await second.readFile()).equals(before)).toBe(true);
    await second.close();
    expect((await readFile(mounted.path('film.bin'))).length).toBe(3 << 20);
    expect((await stat(mounted.path('film.bin'))).size).toBe(3 << 20);
  });

  it('keeps an open file in its folder when it was deleted elsewhere', async () => {
    const { model } = mounted.disk;
    const handle = await open(mounted.path('doc.txt'));
    expect(await handle.readFile('utf8')).toBe('first version');
    model.remove('disk:/doc.txt');
    await sleep(longerThanTrusted);
    expect((await handle.stat()).size).toBe('first version'.length);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(100), 0, 100, 6);
    expect(buffer.toString('utf8', 0, bytesRead)).toBe('version');
    await handle.close();
    await expect.poll(() => readdir(mounted.mountpoint), shownWithin).toEqual(['film.bin', 'folder']);
  });
});

describe('a version replaced while it was open never mixes its bytes with those of another: what is not here is ESTALE', () => {
  const sizeBytes = 12 << 20;
  let mounted: MountedDisk;

  beforeAll(async () => {
    mounted = await mountDisk({ mountArguments: ['--poll-interval', `${pollIntervalMs}ms`] });
  });
  afterAll(() => mounted.close());

  // Without an ETag nothing but the hash of the whole tells new bytes behind an old link: the one pair that is left out.
  it.each([
    ['old', 'quoted-md5'],
    ['old', 'none'],
    ['dead', 'weak-md5'],
    ['dead', 'none'],
    ['new', 'quoted-md5'],
    ['new', 'plain-md5'],
    ['new', 'other'],
  ] as const)('when its old link serves %s, ETag %s', async (linkAfterOverwrite, etag) => {
    const { model, control } = mounted.disk;
    control.set({ linkAfterOverwrite, etag });
    // What is kept is kept by its hash: each time a file of its own, with bytes of its own.
    const name = `${linkAfterOverwrite} ${etag}`;
    model.putFile(`disk:/${name}`, large(name, sizeBytes));
    await expect.poll(() => readdir(mounted.mountpoint), shownWithin).toContain(name);
    const expected = syntheticContent(name, sizeBytes).read(0, sizeBytes);
    const handle = await open(mounted.path(name));
    const head = Buffer.alloc(100_000);
    await handle.read(head, 0, head.length, 0);
    expect(head.equals(expected.subarray(0, head.length))).toBe(true);
    model.putFile(`disk:/${name}`, large(`another ${name}`, sizeBytes));
    let stale = 0;
    for (let offset = 0; offset < sizeBytes; offset += 1 << 20) {
      const part = Buffer.alloc(64 << 10);
      try {
        await handle.read(part, 0, part.length, offset);
        expect(part.equals(expected.subarray(offset, offset + part.length))).toBe(true);
      } catch (error) {
        // libuv has no name for ESTALE.
        expect(error).toMatchObject({ errno: -constants.errno.ESTALE });
        stale++;
      }
    }
    expect(stale > 0).toBe(linkAfterOverwrite !== 'old');
    await handle.close();
    const fresh = syntheticContent(`another ${name}`, sizeBytes).read(0, sizeBytes);
    await expect.poll(async () => (await readFile(mounted.path(name))).equals(fresh), shownWithin).toBe(true);
    model.remove(`disk:/${name}`);
  });
});
