import { mkdir, readdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { pinnedDisk } from './pinned-disk.ts';

const large = Buffer.alloc(5 << 20, 'large ');

/** Reads it, or tells why not. */
function bytesOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => error.code ?? 'failed');
}

describe('what is pinned', () => {
  it('can be read off line always: also after a mount without a network and without the cache', async () => {
    const disk = await pinnedDisk({
      files: {
        'pinned/a': 'bytes of a',
        'pinned/sub/b': 'bytes of b',
        'pinned/empty': '',
        'other/c': 'bytes of c',
      },
    });
    disk.disk.model.putFile('disk:/film', large);
    expect(await readdir(disk.path('other'))).toEqual(['c']);
    await disk.pin('pinned', 'film');
    expect(await disk.until('pinned', 'complete')).toMatchObject({ files: 3, filesHere: 3, bytes: 20 });
    expect(await disk.until('film', 'complete')).toMatchObject({ kind: 'file', bytesHere: large.length });

    disk.goOffLine();
    expect(await bytesOf(disk.path('pinned', 'sub', 'b'))).toBe('bytes of b');
    expect((await disk.status()).pins).toMatchObject({ count: 2, files: 4, filesHere: 4 });
    await disk.mounted().end();
    await disk.emptyCache();
    await disk.crash();
    expect(await readdir(disk.path('pinned'))).toEqual(['a', 'empty', 'sub']);
    expect(await bytesOf(disk.path('pinned', 'a'))).toBe('bytes of a');
    expect(await bytesOf(disk.path('pinned', 'sub', 'b'))).toBe('bytes of b');
    expect(await bytesOf(disk.path('pinned', 'empty'))).toBe('');
    expect((await readFile(disk.path('film'))).equals(large)).toBe(true);
    expect(await bytesOf(disk.path('other', 'c'))).toBe('ENETUNREACH');
    expect(await disk.until('pinned', 'complete')).toMatchObject({ filesHere: 3 });
  }, 90_000);

  it('is followed as it changes on the Disk: changed files, new ones, removed ones, another folder of its name', async () => {
    const disk = await pinnedDisk({
      files: { 'pinned/changed': 'old', 'pinned/gone': 'to go', file: 'one' },
    });
    await disk.pin('pinned', 'file');
    await disk.until('pinned', 'complete');
    await disk.until('file', 'complete');

    const { model } = disk.disk;
    model.putFile('disk:/pinned/changed', 'new and longer');
    model.remove('disk:/pinned/gone');
    model.putFile('disk:/pinned/deep/below/new', 'is new');
    model.putFile('disk:/file', 'another one');
    await expect
      .poll(
        async () => (await disk.pins()).map(({ path, files, bytesHere }) => ({ path, files, bytesHere })),
        {
          timeout: 25_000,
        },
      )
      .toEqual([
        { path: 'pinned', files: 2, bytesHere: 'new and longer'.length + 'is new'.length },
        { path: 'file', files: 1, bytesHere: 'another one'.length },
      ]);
    disk.goOffLine();
    expect(await bytesOf(disk.path('pinned', 'changed'))).toBe('new and longer');
    expect(await bytesOf(disk.path('pinned', 'deep', 'below', 'new'))).toBe('is new');
    expect(await bytesOf(disk.path('file'))).toBe('another one');
    expect(await bytesOf(disk.path('pinned', 'gone'))).toBe('ENOENT');
  }, 90_000);

  it('stays pinned where it is moved, here and on the Disk, without being fetched again', async () => {
    const disk = await pinnedDisk({ files: { here: 'moved here', there: 'moved there', 'to/x': 'x' } });
    await readdir(disk.path('to'));
    await disk.pin('here', 'there');
    await disk.until('here', 'complete');
    await disk.until('there', 'complete');
    disk.requests();
    await rename(disk.path('here'), disk.path('to', 'here'));
    disk.disk.model.move('disk:/there', 'disk:/to/there');
    await disk.until('to/here', 'complete');
    await disk.until('to/there', 'complete');
    await disk.flush();
    expect(disk.requests().data).toBe(0);
    await disk.mounted().end();
    disk.goOffLine();
    await disk.emptyCache();
    await disk.crash();
    expect(await bytesOf(disk.path('to', 'here'))).toBe('moved here');
    expect(await bytesOf(disk.path('to', 'there'))).toBe('moved there');
  }, 90_000);

  it('stays pinned where a program saves another file over it, and what is written here is kept when it has gone up', async () => {
    const disk = await pinnedDisk({ files: { document: 'first', 'pinned/x': 'x' } });
    await disk.pin('document', 'pinned');
    await disk.until('document', 'complete');
    await writeFile(disk.path('document.tmp'), 'saved anew');
    await rename(disk.path('document.tmp'), disk.path('document'));
    await mkdir(disk.path('pinned', 'made here'));
    await writeFile(disk.path('pinned', 'made here', 'file'), 'made here');
    await disk.flush();
    await expect
      .poll(
        async () => (await disk.pins()).map(({ path, state, bytesHere }) => ({ path, state, bytesHere })),
        {
          timeout: 25_000,
        },
      )
      .toEqual(
        expect.arrayContaining([
          { path: 'document', state: 'complete', bytesHere: 'saved anew'.length },
          { path: 'pinned', state: 'complete', bytesHere: 1 + 'made here'.length },
        ]),
      );
    disk.goOffLine();
    await disk.mounted().end();
    await disk.emptyCache();
    await disk.crash();
    expect(await bytesOf(disk.path('document'))).toBe('saved anew');
    expect(await bytesOf(disk.path('pinned', 'made here', 'file'))).toBe('made here');
  }, 90_000);

  it('is fetched on where a kill had ended it, and waits for the network with a word', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, nth) => [`many/${nth}`, `bytes of ${nth}`]),
    );
    const disk = await pinnedDisk({ files });
    disk.fault({ role: 'storage' }, { kind: 'delay', delayMs: 150 }, 1_000);
    await disk.pin('many');
    await expect.poll(async () => (await disk.pins())[0]?.filesHere, { timeout: 25_000 }).toBeGreaterThan(3);
    disk.goOffLine();
    await disk.crash();
    const waiting = await disk.until('many', 'waiting');
    expect(waiting.filesHere).toBeGreaterThan(3);
    expect(waiting.filesHere).toBeLessThan(40);
    disk.requests();
    await disk.disk.wire.restore();
    expect(await disk.until('many', 'complete')).toMatchObject({ files: 40, filesHere: 40 });
    expect(disk.requests().data).toBeLessThan(40);
  }, 90_000);

  it('gives its room back when it is unpinned, but for what another pin holds', async () => {
    const disk = await pinnedDisk({
      files: { 'folder/a': 'a'.repeat(300_000), 'folder/b': 'b'.repeat(300_000) },
    });
    await disk.pin('folder', 'folder/b');
    await disk.until('folder', 'complete');
    await disk.until('folder/b', 'complete');
    const both = await disk.status();
    expect(both.pins).toMatchObject({ count: 2, files: 2, bytes: 600_000 });
    expect(both.pins.usedBytes).toBeGreaterThanOrEqual(600_000);
    const within = await disk.run('unpin', disk.path('folder', 'a'), '--json');
    expect({ code: within.code, error: JSON.parse(within.stderr).error.code }).toEqual({
      code: 1,
      error: 'not-found',
    });
    await disk.unpin('folder');
    await expect
      .poll(async () => (await disk.status()).pins.usedBytes, { timeout: 20_000 })
      .toBeLessThan(400_000);
    expect(await disk.pins()).toMatchObject([{ path: 'folder/b', state: 'complete' }]);
    await disk.unpin('folder/b');
    await expect.poll(async () => (await disk.status()).pins.usedBytes, { timeout: 20_000 }).toBe(0);
    expect((await disk.run('pins')).stdout).toBe('Nothing is pinned.\n');
  }, 90_000);

  it('is said to be gone when it is deleted, and is pinned again when it comes back in its place', async () => {
    const disk = await pinnedDisk({ files: { file: 'first' } });
    await disk.pin('file');
    await disk.until('file', 'complete');
    await unlink(disk.path('file'));
    await disk.until('file', 'gone');
    await disk.flush();
    await disk.until('file', 'gone');
    await writeFile(disk.path('file'), 'second');
    await disk.flush();
    expect(await disk.until('file', 'complete')).toMatchObject({ bytesHere: 6 });
    await rm(disk.path('file'));
    await disk.unpin('file');
    expect(await disk.pins()).toEqual([]);
  }, 90_000);

  it('is found again when what is known of the Disk was lost', async () => {
    const disk = await pinnedDisk({ files: { 'folder/file': 'bytes' } });
    await disk.pin('folder');
    await disk.until('folder', 'complete');
    await disk.mounted().end();
    const [state = ''] = await disk.stateFolders();
    for (const ending of ['', '-wal', '-shm']) await rm(`${state}/tree.db${ending}`, { force: true });
    disk.requests();
    await disk.crash();
    expect(await disk.until('folder', 'complete')).toMatchObject({ files: 1, filesHere: 1 });
    expect(disk.requests().data).toBe(0);
  }, 90_000);
});
