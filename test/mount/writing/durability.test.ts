import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { output } from '../mounted-disk.ts';
import { writingDisk } from './writing-disk.ts';

const long = { timeout: 20_000 };

/** Longer than anything here takes: whoever waits for it waits for the server. */
const never = ['--write-back', '1h', '--snapshot-quiet', '1h', '--snapshot-every', '1h'];
const onServer = ['--durability', 'server', ...never];

/** As `setfattr` publishes. */
const setPublic = (path: string) => output('setfattr', '-n', 'user.yadisk.public', '-v', '1', path);

/** Whether it has ended within so long a time as a program that waits for nobody would take many times. */
async function hasEnded(task: Promise<unknown>): Promise<boolean> {
  return Promise.race([task.then(() => true), sleep(500, false)]);
}

describe('a mapping', long, () => {
  it('that a program still has, then kill -9: what was told to msync is there after the next mount', async () => {
    const before = 'abcdefghij'.repeat(50_000);
    const disk = await writingDisk({ files: { 'mapped.bin': before }, mountArguments: never });
    const program = `
import mmap, sys
with open(sys.argv[1], 'r+b') as f:
    m = mmap.mmap(f.fileno(), 0)
    m[200000:200006] = b'MAPPED'
    m[499994:500000] = b'AT END'
    m.flush()
    print('synced', flush=True)
    sys.stdin.read()
`;
    const child = spawn('python3', ['-c', program, disk.path('mapped.bin')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(createInterface(child.stdout), 'line');
    await disk.mounted().kill();
    child.kill('SIGKILL');
    await once(child, 'exit');
    await disk.crash();
    const wanted = `${before.slice(0, 200_000)}MAPPED${before.slice(200_006, 499_994)}AT END`;
    expect((await readFile(disk.path('mapped.bin'), 'utf8')) === wanted).toBe(true);
    expect(disk.served('mapped.bin')).toBe(before);
    await disk.flush();
    expect(disk.served('mapped.bin')).toBe(wanted);
  });
});

describe('--durability server', long, () => {
  it.each(['fsync', 'close'] as const)('%s returns when the Disk has it, not before', async (how) => {
    const disk = await writingDisk({ files: { 'doc.txt': 'old' }, mountArguments: onServer });
    const handle = await open(disk.path('doc.txt'), 'w');
    onTestFinished(() => handle.close().catch(() => {}));
    await handle.writeFile('new');
    const upload = disk.disk.wire.hold({ route: 'uploader.put', stage: 'before-commit' });
    const done = how === 'fsync' ? handle.sync() : handle.close();
    await upload.arrived();
    expect(await hasEnded(done)).toBe(false);
    expect(disk.served('doc.txt')).toBe('old');
    upload.release();
    await done;
    expect(disk.served('doc.txt')).toBe('new');
  });

  it('fsync sends what was changed since the last one, as often as it is asked for', async () => {
    const disk = await writingDisk({ mountArguments: onServer });
    const handle = await open(disk.path('log.txt'), 'a');
    await handle.write('one ');
    await handle.sync();
    expect(disk.served('log.txt')).toBe('one ');
    await handle.write('two ');
    await handle.sync();
    expect(disk.served('log.txt')).toBe('one two ');
    await handle.close();
  });

  it('fsync has the error of the Disk, and what it was of is kept', async () => {
    const disk = await writingDisk({ mountArguments: onServer });
    disk.disk.control.set({ uploadAllowanceBytes: 0 });
    const handle = await open(disk.path('refused.txt'), 'w');
    await handle.writeFile('kept');
    await expect(handle.sync()).rejects.toMatchObject({ errno: -122 }); // EDQUOT, for which Node has no name
    await handle.close().catch(() => {});
    expect(await readFile(disk.path('refused.txt'), 'utf8')).toBe('kept');
    expect(await disk.unsent()).toMatchObject([{ path: expect.stringMatching(/refused\.txt$/) }]);
  });

  it('a temporary file goes up under its temporary name, and is moved to its last one there', async () => {
    const disk = await writingDisk({ files: { 'doc.txt': 'old' }, mountArguments: onServer });
    const handle = await open(disk.path('.doc.txt.tmp'), 'w');
    await handle.writeFile('new');
    await handle.sync();
    expect(disk.servedPaths()).toEqual(['.doc.txt.tmp', 'doc.txt']);
    await handle.close();
    await rename(disk.path('.doc.txt.tmp'), disk.path('doc.txt'));
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['doc.txt']);
    expect(disk.served('doc.txt')).toBe('new');
    expect([disk.count('uploader.put'), disk.count('resources.move')]).toEqual([1, 1]);
  });

  it('what was removed while it was open waits for nobody', async () => {
    const disk = await writingDisk({ mountArguments: onServer });
    const handle = await open(disk.path('gone.txt'), 'w');
    await handle.writeFile('gone');
    await unlink(disk.path('gone.txt'));
    await handle.sync();
    await handle.close();
    await writeFile(disk.path('after.txt'), 'after');
    expect(disk.servedPaths()).toEqual(['after.txt']);
  });

  it('close is told that the Disk is away, and at once when that is known; all goes up when it is back', async () => {
    const disk = await writingDisk({ files: { 'doc.txt': 'old' }, mountArguments: onServer });
    disk.disk.wire.cut({ fresh: 'reset', existing: 'rst' });
    const away = { errno: -constants.errno.ENETUNREACH };
    await expect(writeFile(disk.path('doc.txt'), 'new')).rejects.toMatchObject(away);
    await expect(writeFile(disk.path('other.txt'), 'other')).rejects.toMatchObject(away);
    await expect(setPublic(disk.path('other.txt'))).rejects.toThrow(/unreachable/);
    expect(await readFile(disk.path('doc.txt'), 'utf8')).toBe('new');
    await disk.disk.wire.restore();
    await disk.flush();
    expect([disk.served('doc.txt'), disk.served('other.txt')]).toEqual(['new', 'other']);
  });

  it('fsync is told that a login is needed', async () => {
    const disk = await writingDisk({ mountArguments: onServer });
    disk.fault({ role: 'api' }, { kind: 'status', status: 401 }, 1_000);
    const handle = await open(disk.path('doc.txt'), 'w');
    await handle.writeFile('new');
    await expect(handle.sync()).rejects.toMatchObject({ code: 'EACCES' });
    await handle.close().catch(() => {});
    expect(await readFile(disk.path('doc.txt'), 'utf8')).toBe('new');
  });
});
