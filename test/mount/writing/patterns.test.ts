import { spawn } from 'node:child_process';
import {
  appendFile,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rmdir,
  stat,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { output } from '../mounted-disk.ts';
import { writingDisk } from './writing-disk.ts';

const long = 'abcdefghij'.repeat(50_000);

describe('any POSIX pattern works', { timeout: 60_000 }, () => {
  it('create, append, overwrite in the middle', async () => {
    const disk = await writingDisk({ files: { 'long.txt': long } });
    await writeFile(disk.path('new.txt'), 'new');
    await appendFile(disk.path('new.txt'), ' and more');
    const handle = await open(disk.path('long.txt'), 'r+');
    await handle.write('MIDDLE', 250_003);
    await handle.close();
    const wanted = `${long.slice(0, 250_003)}MIDDLE${long.slice(250_009)}`;
    expect(await readFile(disk.path('long.txt'), 'utf8')).toBe(wanted);
    await disk.flush();
    expect(disk.served('new.txt')).toBe('new and more');
    expect(disk.served('long.txt')).toBe(wanted);
    expect(disk.servedPaths()).toEqual(['long.txt', 'new.txt']);
  });

  it('truncate to less and to more, of a file that was never read', async () => {
    const disk = await writingDisk({ files: { 'less.txt': long, 'more.txt': 'short', 'none.txt': long } });
    await truncate(disk.path('less.txt'), 333_333);
    await truncate(disk.path('more.txt'), 10);
    await writeFile(disk.path('none.txt'), '');
    await disk.flush();
    expect(disk.served('less.txt')).toBe(long.slice(0, 333_333));
    expect(disk.servedBytes('more.txt')).toEqual(Buffer.from('short\0\0\0\0\0'));
    expect(disk.served('none.txt')).toBe('');
  });

  it('holes read as zeros, here and there', async () => {
    const disk = await writingDisk();
    const handle = await open(disk.path('sparse'), 'w');
    await handle.write('end', 300_000);
    await handle.close();
    const wanted = Buffer.concat([Buffer.alloc(300_000), Buffer.from('end')]);
    expect((await readFile(disk.path('sparse'))).equals(wanted)).toBe(true);
    await disk.flush();
    expect(disk.servedBytes('sparse')?.equals(wanted)).toBe(true);
  });

  it('a mapping that is written to counts from msync on', async () => {
    const disk = await writingDisk({ files: { 'mapped.bin': long } });
    const program = `
import mmap, sys
with open(sys.argv[1], 'r+b') as f:
    m = mmap.mmap(f.fileno(), 0)
    m[200000:200006] = b'MAPPED'
    m.flush()
    m.close()
`;
    await output('python3', '-c', program, disk.path('mapped.bin'));
    await disk.flush();
    expect(disk.served('mapped.bin')).toBe(`${long.slice(0, 200_000)}MAPPED${long.slice(200_006)}`);
  });

  it('O_EXCL refuses what is there, here and on the server', async () => {
    const disk = await writingDisk({ files: { 'there.txt': 'x' } });
    await expect(open(disk.path('there.txt'), 'wx')).rejects.toMatchObject({ code: 'EEXIST' });
    await writeFile(disk.path('here.txt'), 'x', { flag: 'wx' });
    await expect(open(disk.path('here.txt'), 'wx')).rejects.toMatchObject({ code: 'EEXIST' });
  });

  it('what is removed or replaced while it is open can be read on', async () => {
    const disk = await writingDisk({ files: { 'gone.txt': 'gone', 'replaced.txt': 'old' } });
    const gone = await open(disk.path('gone.txt'), 'r');
    const replaced = await open(disk.path('replaced.txt'), 'r');
    await unlink(disk.path('gone.txt'));
    await writeFile(disk.path('tmp'), 'new');
    await rename(disk.path('tmp'), disk.path('replaced.txt'));
    expect(await readdir(disk.mountpoint)).toEqual(['replaced.txt']);
    expect(await gone.readFile('utf8')).toBe('gone');
    expect(await replaced.readFile('utf8')).toBe('old');
    expect(await readFile(disk.path('replaced.txt'), 'utf8')).toBe('new');
    for (const handle of [gone, replaced]) await handle.utimes(1_000, 1_000);
    expect((await stat(disk.path('replaced.txt'))).mtimeMs).toBeGreaterThan(1_000_000);
    await Promise.all([gone.close(), replaced.close()]);
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['replaced.txt']);
    expect(disk.served('replaced.txt')).toBe('new');
  });

  it('what was replaced while it was open does not come to light when the new one is moved away', async () => {
    const { path, flush, served } = await writingDisk({
      files: { a: 'old' },
      mountArguments: ['--poll-interval', '10m'],
    });
    const reader = await open(path('a'));
    await writeFile(path('.new'), 'new');
    await rename(path('.new'), path('a'));
    await reader.close();
    await vi.waitFor(() => expect(served('a')).toBe('new'), 15_000);
    await rename(path('a'), path('b'));
    const seen = new Set<string>();
    const look = async () => {
      for (const name of await readdir(path())) seen.add(name);
    };
    let isFlushed = false;
    const flushed = flush().finally(() => {
      isFlushed = true;
    });
    while (!isFlushed) await look();
    await flushed;
    await look();
    expect([...seen]).toEqual(['b']);
  });

  it('folders are made, moved with what is unsent in them, and removed when empty only', async () => {
    const disk = await writingDisk();
    await mkdir(disk.path('a/b'), { recursive: true });
    await writeFile(disk.path('a/b/file'), 'text');
    await expect(rmdir(disk.path('a'))).rejects.toMatchObject({ code: 'ENOTEMPTY' });
    await rename(disk.path('a'), disk.path('Другое имя'));
    await writeFile(disk.path('Другое имя/b/file'), 'text, changed');
    await mkdir(disk.path('empty'));
    await rmdir(disk.path('empty'));
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['Другое имя/', 'Другое имя/b/', 'Другое имя/b/file']);
    expect(disk.served('Другое имя/b/file')).toBe('text, changed');
  });

  it('a rename does what POSIX says: over a file, over an empty folder, not over a full one', async () => {
    const disk = await writingDisk({ files: { one: '1', two: '2', 'full/file': 'x', 'moved/file': 'y' } });
    await rename(disk.path('one'), disk.path('two'));
    await mkdir(disk.path('empty'));
    await rename(disk.path('moved'), disk.path('empty'));
    await expect(rename(disk.path('empty'), disk.path('full'))).rejects.toMatchObject({ code: 'ENOTEMPTY' });
    await expect(rename(disk.path('two'), disk.path('full'))).rejects.toMatchObject({ code: 'EISDIR' });
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['empty/', 'empty/file', 'full/', 'full/file', 'two']);
    expect(disk.served('two')).toBe('1');
  });

  it('two names are swapped, and three go round', async () => {
    const disk = await writingDisk({ files: { a: 'a', b: 'b', c: 'c' } });
    await rename(disk.path('a'), disk.path('for a moment'));
    await rename(disk.path('c'), disk.path('a'));
    await rename(disk.path('b'), disk.path('c'));
    await rename(disk.path('for a moment'), disk.path('b'));
    await disk.flush();
    expect(['a', 'b', 'c'].map((name) => disk.served(name))).toEqual(['c', 'a', 'b']);
    expect(disk.servedPaths()).toEqual(['a', 'b', 'c']);
  });

  it('a program in a folder goes on to know where that is, when it was sent and when it changed elsewhere', async () => {
    const { disk, path, flush, count } = await writingDisk({ files: { 'other/file': 'x' } });
    await readdir(path());
    await mkdir(path('made here'));
    const asks =
      'import os, sys\nos.chdir(sys.argv[1])\nprint("ready", flush=True)\nfor _ in sys.stdin: print(os.getcwd(), flush=True)';
    const askers = ['made here', 'other'].map((name) =>
      spawn('python3', ['-c', asks, path(name)], { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    onTestFinished(() => {
      for (const asker of askers) asker.kill();
    });
    const words = askers.map((asker) => createInterface(asker.stdout)[Symbol.asyncIterator]());
    const next = () => Promise.all(words.map(async (each) => (await each.next()).value));
    const whereTheyAre = () => {
      for (const asker of askers) asker.stdin.write('\n');
      return next();
    };
    expect(await next()).toEqual(['ready', 'ready']);
    await writeFile(path('made here', 'file'), 'x');
    await flush();
    const where = [path('made here'), path('other')];
    expect(await whereTheyAre()).toEqual(where);
    count('resources.get');
    disk.model.patch('disk:/other', { theirs: 'x' });
    await vi.waitFor(() => expect(count('resources.get')).toBeGreaterThan(0), 10_000);
    await pause(300);
    expect(await whereTheyAre()).toEqual(where);
  });

  it('other local programs see a write at once', async () => {
    const disk = await writingDisk({ files: { 'shared.txt': 'before' } });
    const handle = await open(disk.path('shared.txt'), 'r+');
    await handle.write('AFTER!', 0);
    expect(await output('cat', disk.path('shared.txt'))).toBe('AFTER!');
    await handle.write(' and more', 6);
    expect((await stat(disk.path('shared.txt'))).size).toBe(15);
    expect(await output('cat', disk.path('shared.txt'))).toBe('AFTER! and more');
    await handle.close();
  });

  it('dates reach the server with their fraction, and last', async () => {
    const disk = await writingDisk({ files: { 'touched.txt': 'x' }, settings: { finalAfterMs: 400 } });
    await writeFile(disk.path('dated.txt'), 'y');
    await output(
      'touch',
      '-m',
      '-d',
      '2011-12-13 14:15:16.123456789 UTC',
      disk.path('dated.txt'),
      disk.path('touched.txt'),
    );
    await disk.flush();
    for (const name of ['dated.txt', 'touched.txt']) {
      const stored = String(disk.disk.model.find(`disk:/${name}`)?.properties?.['rclone_modified']);
      expect(stored).toMatch(/^2011-12-13T14:15:16\.123456789(Z|\+00:00)$/);
    }
    await disk.remount();
    expect((await stat(disk.path('dated.txt'), { bigint: true })).mtimeNs).toBe(1_323_785_716_123_456_789n);
  });

  it('links and devices are refused, locks work between programs', async () => {
    const disk = await writingDisk({ files: { 'file.txt': 'x' } });
    await expect(output('ln', disk.path('file.txt'), disk.path('hard'))).rejects.toThrow(/not permitted/);
    await expect(output('mkfifo', disk.path('pipe'))).rejects.toThrow(/not permitted/);
    const line = 'exec 9<"$1"; flock 9; ! flock --nonblock "$1" true';
    await output('sh', '-c', line, 'sh', disk.path('file.txt'));
  });
});
