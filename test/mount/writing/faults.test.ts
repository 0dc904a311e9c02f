import {
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type WritingDisk, writingDisk } from './writing-disk.ts';

/*
 * The faults of which rclone 1.60.1 was measured to lose or lie in each: here nothing may be lost, and nothing told that is not so.
 */

const long = { timeout: 90_000 };
const never = ['--write-back', '1h'];

/** A file, synced. */
async function writeSynced(path: string, text: string): Promise<void> {
  const handle = await open(path, 'w');
  await handle.writeFile(text);
  await handle.sync();
  await handle.close();
}

/** All files of the state folder with a name that fits. */
async function stateFiles(disk: WritingDisk, name: RegExp): Promise<string[]> {
  const folders = await disk.stateFolders();
  const found = await Promise.all(
    folders.map(async (folder) => (await readdir(folder)).map((file) => join(folder, file))),
  );
  return found.flat().filter((file) => name.test(file));
}

describe('a crash', long, () => {
  it('what was closed is there after kill -9, and comes to the server', async () => {
    const disk = await writingDisk({
      files: { 'old.txt': 'old', 'gone.txt': 'x', 'a/b': 'x' },
      mountArguments: never,
    });
    await writeFile(disk.path('new.txt'), 'new');
    await writeFile(disk.path('old.txt'), 'changed');
    await unlink(disk.path('gone.txt'));
    await rename(disk.path('a'), disk.path('moved'));
    await mkdir(disk.path('folder'));
    await truncate(disk.path('moved/b'), 0);
    await utimes(disk.path('new.txt'), 1_234_567_890.5, 1_234_567_890.5);
    const before = disk.servedPaths();
    await disk.crash();
    expect((await readdir(disk.mountpoint)).sort()).toEqual(['folder', 'moved', 'new.txt', 'old.txt']);
    expect(await readFile(disk.path('old.txt'), 'utf8')).toBe('changed');
    expect((await stat(disk.path('new.txt'))).mtimeMs).toBe(1_234_567_890_500);
    expect(disk.servedPaths()).toEqual(before);
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['folder/', 'moved/', 'moved/b', 'new.txt', 'old.txt']);
    expect([disk.served('new.txt'), disk.served('old.txt'), disk.served('moved/b')]).toEqual([
      'new',
      'changed',
      '',
    ]);
  });

  it('fsync, then kill -9: the new bytes, not the old ones', async () => {
    const disk = await writingDisk({ files: { 'doc.txt': 'old'.repeat(1000) }, mountArguments: never });
    const handle = await open(disk.path('doc.txt'), 'r+');
    await handle.write('new', 30);
    await handle.sync();
    await disk.mounted().kill();
    await handle.close().catch(() => {});
    await disk.crash();
    const wanted = `${'old'.repeat(10)}new${'old'.repeat(989)}`;
    expect(await readFile(disk.path('doc.txt'), 'utf8')).toBe(wanted);
    await disk.flush();
    expect(disk.served('doc.txt')).toBe(wanted);
  });

  it('what is known of an unsent file is cut off by the crash: its bytes are not lost', async () => {
    const disk = await writingDisk({ mountArguments: never });
    await writeSynced(disk.path('precious.txt'), 'precious');
    await disk.mounted().kill();
    for (const file of await stateFiles(disk, /unsent\.db/)) await truncate(file, 100);
    await disk.crash();
    const isThere = async () => (await readdir(disk.mountpoint)).includes('precious.txt');
    const isUnsent = async () => (await disk.unsent()).some(({ path }) => path.includes('precious'));
    await expect.poll(async () => (await isThere()) || (await isUnsent()), { timeout: 20_000 }).toBe(true);
    const folder = join(disk.folder, 'exported');
    if (!(await isThere())) {
      await disk.run('unsent', 'export', folder);
      expect(await readFile(join(folder, 'precious.txt'), 'utf8')).toBe('precious');
    } else expect(await readFile(disk.path('precious.txt'), 'utf8')).toBe('precious');
  });

  it('what is known of the bytes of an unsent file is damaged: it is told, and can be written anew', async () => {
    const disk = await writingDisk({ files: { 'doc.txt': 'good' }, mountArguments: never });
    await writeSynced(disk.path('doc.txt'), 'unsent');
    await disk.mounted().kill();
    const [state = ''] = await disk.stateFolders();
    const drafts = join(state, 'drafts');
    const descriptions = (await readdir(drafts)).filter((name) => name.endsWith('.json'));
    expect(descriptions).toHaveLength(1);
    await Promise.all(descriptions.map((name) => truncate(join(drafts, name), 10)));
    await disk.crash();
    expect(await disk.unsent()).toMatchObject([{ path: 'doc.txt', code: 'damaged-store' }]);
    await expect(readFile(disk.path('doc.txt'), 'utf8')).rejects.toMatchObject({ code: 'EIO' });
    await writeFile(disk.path('doc.txt'), 'anew');
    expect(await readFile(disk.path('doc.txt'), 'utf8')).toBe('anew');
    await disk.flush();
    expect([disk.served('doc.txt'), await disk.unsent()]).toEqual(['anew', []]);
  });

  it('half a copy that a crash cut off never replaces a good file', async () => {
    const disk = await writingDisk({ files: { 'doc.txt': 'good' } });
    const handle = await open(disk.path('doc.txt'), 'w');
    await handle.write('half');
    await disk.mounted().kill();
    await handle.close().catch(() => {});
    await disk.crash();
    await disk.run('flush', disk.mountpoint, '--timeout', '5s');
    expect(disk.served('doc.txt')).toBe('good');
  });

  it('killed while it sends, at each step of an upload: one file, whole, no copy beside it', async () => {
    for (const [route, stage] of [
      ['resources.upload-link', 'before-response'],
      ['uploader.put', 'before'],
      ['uploader.put', 'before-commit'],
      ['uploader.put', 'before-response'],
      ['resources.patch', 'before-response'],
    ] as const) {
      const disk = await writingDisk({ files: { 'doc.txt': 'old' } });
      const gate = disk.disk.wire.hold({ route, stage });
      await writeFile(disk.path('doc.txt'), `new at ${route}`);
      await utimes(disk.path('doc.txt'), 1e9, 1e9);
      await gate.arrived();
      await disk.mounted().kill();
      gate.release();
      await disk.crash();
      await disk.flush();
      expect(disk.servedPaths()).toEqual(['doc.txt']);
      expect(disk.served('doc.txt')).toBe(`new at ${route}`);
      await disk.close();
    }
  });

  it('killed while it moves, makes and deletes: done once, whatever was answered', async () => {
    for (const stage of ['before', 'before-response'] as const) {
      const disk = await writingDisk({ files: { 'a/x': 'x', 'b.txt': 'b', 'c/y': 'y' } });
      const gate = disk.disk.wire.hold({
        route: ['resources.move', 'resources.put', 'resources.delete'],
        stage,
        count: 3,
      });
      await rename(disk.path('a'), disk.path('moved'));
      await mkdir(disk.path('made'));
      await rm(disk.path('c'), { recursive: true });
      await gate.arrived();
      await disk.mounted().kill();
      gate.release();
      await disk.crash();
      await disk.flush();
      expect(disk.servedPaths()).toEqual(['b.txt', 'made/', 'moved/', 'moved/x']);
      expect(await disk.conflicts()).toEqual([]);
      await disk.close();
    }
  });

  it('unmounted right after close: it is sent by the next mount, or before the end with --wait', async () => {
    const disk = await writingDisk({ mountArguments: never });
    await writeFile(disk.path('one.txt'), 'one');
    await disk.remount('--write-back', '100ms');
    await expect.poll(() => disk.served('one.txt'), { timeout: 20_000 }).toBe('one');
    await disk.remount(...never);
    await writeFile(disk.path('two.txt'), 'two');
    expect(await disk.run('umount', '--wait', disk.mountpoint)).toMatchObject({ code: 0 });
    expect(disk.served('two.txt')).toBe('two');
  });
});

describe('the server', long, () => {
  it('answers 423 while a file is replaced by rename: the file is there all the time, and the new one in the end', async () => {
    const disk = await writingDisk({ files: { 'doc.txt': 'old', 'tmp.txt': 'new' } });
    disk.fault(
      { route: ['resources.move', 'uploader.put', 'resources.upload-link'] },
      { kind: 'status', status: 423 },
      3,
    );
    await rename(disk.path('tmp.txt'), disk.path('doc.txt'));
    const seen = new Set<string | undefined>();
    const flushed = disk.flush().finally(() => seen.add(disk.served('doc.txt')));
    const watch = setInterval(() => seen.add(disk.served('doc.txt')), 2);
    await flushed;
    clearInterval(watch);
    expect(seen).not.toContain(undefined);
    expect(disk.served('doc.txt')).toBe('new');
    expect(disk.servedPaths()).toEqual(['doc.txt']);
  });

  it('loses its answer to a move: no error, and it has happened once', async () => {
    const disk = await writingDisk({ files: { 'a.txt': 'a', 'dir/x': 'x' } });
    disk.fault({ route: 'resources.move' }, { kind: 'lost-reply' }, 2);
    await rename(disk.path('a.txt'), disk.path('b.txt'));
    await rename(disk.path('dir'), disk.path('folder'));
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['b.txt', 'folder/', 'folder/x']);
    expect((await readdir(disk.mountpoint)).sort()).toEqual(['b.txt', 'folder']);
  });

  it.each([
    'resources.put',
    'resources.delete',
    'resources.patch',
    'uploader.put',
    'resources.upload-link',
  ])('loses its answer to %s: done once, nothing beside it', async (route) => {
    const disk = await writingDisk({ files: { 'old.txt': 'old', 'gone.txt': 'x' } });
    disk.fault({ route }, { kind: 'lost-reply' }, 2);
    await mkdir(disk.path('made'));
    await writeFile(disk.path('old.txt'), 'changed');
    await writeFile(disk.path('made/new.txt'), 'new');
    await utimes(disk.path('old.txt'), 1e9, 1e9);
    await unlink(disk.path('gone.txt'));
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['made/', 'made/new.txt', 'old.txt']);
    expect([disk.served('old.txt'), disk.served('made/new.txt')]).toEqual(['changed', 'new']);
    expect(disk.disk.model.find('disk:/old.txt')?.properties).toMatchObject({
      rclone_modified: expect.stringMatching(/^2001-09-09T01:46:40/),
    });
    expect(await disk.conflicts()).toEqual([]);
  });

  it('has the file, and says 404 and nothing after 100 %: it is looked up, not sent again and again', async () => {
    const disk = await writingDisk({ settings: { seenLateMs: 2_000 } });
    disk.fault({ route: 'uploader.put' }, { kind: 'status', status: 504, stage: 'before-response' });
    await writeFile(disk.path('doc.txt'), 'text');
    await disk.flush();
    expect(disk.served('doc.txt')).toBe('text');
    expect(disk.servedPaths()).toEqual(['doc.txt']);
    expect(disk.count('uploader.put')).toBeLessThanOrEqual(2);
  });

  it('takes the bytes of a connection that was cut: what is there in the end is whole', async () => {
    const disk = await writingDisk({ files: { 'doc.txt': 'old' }, settings: { cutBody: 'keep' } });
    disk.fault({ route: 'uploader.put' }, { kind: 'cut', direction: 'up', afterBytes: 70_000 });
    const text = 'x'.repeat(200_000);
    await writeFile(disk.path('doc.txt'), text);
    await disk.flush();
    expect(disk.served('doc.txt')).toBe(text);
  });
});

describe('the network is down', long, () => {
  it('everything can be written, nothing waits, and all is sent when it is back', async () => {
    const disk = await writingDisk({ files: { 'doc.txt': 'old', 'dir/x': 'x', 'gone.txt': 'x' } });
    expect(await readdir(disk.mountpoint, { recursive: true })).toHaveLength(4);
    disk.disk.wire.cut({ fresh: 'black-hole', existing: 'freeze' });
    await writeFile(disk.path('new.txt'), 'new');
    await writeFile(disk.path('doc.txt'), 'changed');
    await mkdir(disk.path('made'));
    await rename(disk.path('dir'), disk.path('made/dir'));
    await unlink(disk.path('gone.txt'));
    expect(await readFile(disk.path('new.txt'), 'utf8')).toBe('new');
    expect((await readdir(disk.mountpoint)).sort()).toEqual(['doc.txt', 'made', 'new.txt']);
    await disk.disk.wire.restore();
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['doc.txt', 'made/', 'made/dir/', 'made/dir/x', 'new.txt']);
    expect(disk.served('doc.txt')).toBe('changed');
  });

  it('and the program is killed then: it starts off line, with all of it', async () => {
    const disk = await writingDisk({ files: { 'doc.txt': 'old' } });
    await readdir(disk.mountpoint);
    disk.disk.wire.cut({ fresh: 'reset', existing: 'rst' });
    await writeFile(disk.path('doc.txt'), 'changed');
    await writeFile(disk.path('new.txt'), 'new');
    await disk.crash();
    expect((await readdir(disk.mountpoint)).sort()).toEqual(['doc.txt', 'new.txt']);
    expect(await readFile(disk.path('doc.txt'), 'utf8')).toBe('changed');
    await disk.disk.wire.restore();
    await disk.flush();
    expect([disk.served('doc.txt'), disk.served('new.txt')]).toEqual(['changed', 'new']);
  });

  it('a file whose rest is needed and not here: the part is kept, never filled from another version', async () => {
    const disk = await writingDisk({
      files: { 'doc.txt': 'a'.repeat(300_000) },
      settings: { linkAfterOverwrite: 'dead' },
    });
    await readdir(disk.mountpoint);
    disk.fault({ route: ['storage.get', 'downloader.get'] }, { kind: 'status', status: 503 }, 1_000);
    const handle = await open(disk.path('doc.txt'), 'r+');
    await handle.write('OURS', 1_000);
    await handle.close();
    disk.disk.model.putFile('disk:/doc.txt', 'b'.repeat(300_000));
    disk.disk.wire.faults.clear();
    await disk.run('flush', disk.mountpoint, '--timeout', '5s');
    expect(disk.served('doc.txt')).toBe('b'.repeat(300_000));
    for (const path of disk.servedPaths()) expect(disk.served(path)).not.toMatch(/ab|ba|OURSb|bOURS/);
    expect(await disk.unsent()).toMatchObject([{ path: expect.stringMatching(/doc/) }]);
  });
});
