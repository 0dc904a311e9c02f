import {
  chmod,
  chown,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { changingRoutes, writingDisk } from './writing-disk.ts';

const patience = { timeout: 20_000, interval: 50 };
const long = { timeout: 60_000 };

describe('a file appears on the server whole or not at all', long, () => {
  it('while it is sent the server has the old one, and never none', async () => {
    const disk = await writingDisk({ files: { 'doc.txt': 'old' } });
    const gate = disk.disk.wire.hold({ route: 'uploader.put', stage: 'before-commit' });
    await writeFile(disk.path('doc.txt'), 'new');
    const flushed = disk.flush();
    await gate.arrived();
    expect(disk.served('doc.txt')).toBe('old');
    gate.release();
    await flushed;
    expect(disk.served('doc.txt')).toBe('new');
    expect(disk.count('resources.delete', 'resources.move')).toBe(0);
  });

  it('write beside, then rename over: one upload, to the final name', async () => {
    const disk = await writingDisk({ files: { 'doc.txt': 'old' }, mountArguments: ['--write-back', '2s'] });
    const put: string[] = [];
    const { attach } = disk.disk.model.disk;
    disk.disk.model.disk.attach = (folder, node) => {
      put.push(node.name);
      attach.call(disk.disk.model.disk, folder, node);
    };
    for (let save = 1; save <= 5; save++) {
      const handle = await open(disk.path('doc.tmp'), 'w');
      await handle.writeFile(`save ${save}`);
      await handle.sync();
      await handle.close();
      await rename(disk.path('doc.tmp'), disk.path('doc.txt'));
    }
    await disk.flush();
    expect(disk.served('doc.txt')).toBe('save 5');
    expect(put).toEqual([]);
    expect(disk.count('uploader.put')).toBe(1);
    expect(disk.count('resources.delete', 'resources.move', 'resources.copy')).toBe(0);
  });

  it('a file that was changed while it was sent is sent again, and never mixed', async () => {
    const disk = await writingDisk();
    const gate = disk.disk.wire.hold({ route: 'uploader.put', stage: 'before-commit' });
    await writeFile(disk.path('doc.txt'), 'one'.repeat(50_000));
    await gate.arrived();
    await writeFile(disk.path('doc.txt'), 'two'.repeat(60_000));
    gate.release();
    await disk.flush();
    expect(disk.served('doc.txt')).toBe('two'.repeat(60_000));
    expect(await readdir(disk.mountpoint)).toEqual(['doc.txt']);
  });

  it('one that was created or emptied and is still open is not sent; its first close sends it', async () => {
    const disk = await writingDisk({ files: { 'old.txt': 'good' } });
    const created = await open(disk.path('created.txt'), 'w');
    const emptied = await open(disk.path('old.txt'), 'w');
    await created.write('half');
    await emptied.write('half');
    await sleep(1_500); // longer than the write-back delay
    expect(disk.servedPaths()).toEqual(['old.txt']);
    expect(disk.served('old.txt')).toBe('good');
    await created.write(' and whole');
    await emptied.write(' and whole');
    await Promise.all([created.close(), emptied.close()]);
    await disk.flush();
    expect([disk.served('created.txt'), disk.served('old.txt')]).toEqual([
      'half and whole',
      'half and whole',
    ]);
  });

  it('who only reads ends nothing by closing: half a copy does not go up', async () => {
    const disk = await writingDisk({ files: { 'old.txt': 'good' } });
    const emptied = await open(disk.path('old.txt'), 'w');
    await emptied.write('half');
    expect(await readFile(disk.path('old.txt'), 'utf8')).toBe('half');
    await sleep(1_500); // longer than the write-back delay
    expect(disk.served('old.txt')).toBe('good');
    await emptied.write(' and whole');
    await emptied.close();
    await disk.flush();
    expect(disk.served('old.txt')).toBe('half and whole');
  });

  it('a log that is held open goes up when it is quiet, as it was at one moment', async () => {
    const disk = await writingDisk({ files: { log: 'first line\n' } });
    const handle = await open(disk.path('log'), 'a');
    await handle.write('second line\n');
    await handle.sync();
    await expect
      .poll(() => disk.served('log'), { timeout: 50_000, interval: 200 })
      .toBe('first line\nsecond line\n');
    await handle.close();
  });
});

describe('what costs nothing', long, () => {
  it('what was removed or renamed before it was sent: no request, or one for the last name', async () => {
    const disk = await writingDisk({ mountArguments: ['--write-back', '3s'] });
    await mkdir(disk.path('tree'));
    for (let file = 0; file < 20; file++) await writeFile(disk.path('tree', `${file}`), 'x');
    await rm(disk.path('tree'), { recursive: true });
    await writeFile(disk.path('brief'), 'x');
    await unlink(disk.path('brief'));
    await writeFile(disk.path('first name'), 'text');
    await rename(disk.path('first name'), disk.path('last name'));
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['last name']);
    expect(disk.count('uploader.put')).toBe(1);
    expect(disk.count('resources.put', 'resources.delete', 'resources.move')).toBe(0);
  });

  it('rm -r of a tree is one delete', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`tree/${index % 5}/${index}`, 'x']),
    );
    const disk = await writingDisk({ files, mountArguments: ['--write-back', '2s'] });
    await rm(disk.path('tree'), { recursive: true });
    await disk.flush();
    expect(disk.servedPaths()).toEqual([]);
    expect(disk.count('resources.delete')).toBe(1);
  });

  it('what somebody else put into it meanwhile stays', async () => {
    const disk = await writingDisk({
      files: { 'tree/a/1': 'x', 'tree/b/2': 'x' },
      mountArguments: ['--write-back', '3s', '--poll-interval', '1h'],
    });
    await rm(disk.path('tree'), { recursive: true });
    disk.disk.model.putFile('disk:/tree/a/theirs', 'theirs');
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['tree/', 'tree/a/', 'tree/a/theirs']);
  });
});

describe('deleting', long, () => {
  it("goes to the Disk's trash, or for good when that was asked for", async () => {
    const disk = await writingDisk({ files: { 'one.txt': '1', 'two.txt': '2' } });
    await unlink(disk.path('one.txt'));
    await disk.flush();
    const trashed = () => Array.from(disk.disk.model.disk.trash.children.all(), ({ name }) => name);
    expect(trashed()).toEqual(['one.txt']);
    await disk.remount('--delete', 'permanently');
    await unlink(disk.path('two.txt'));
    await disk.flush();
    expect(trashed()).toEqual(['one.txt']);
    expect(disk.servedPaths()).toEqual([]);
  });

  it("a desktop's own trash is refused at the top of the mount, and one that is there is seen", async () => {
    const disk = await writingDisk({ files: { '.Trash-1000/files/old': 'x', 'file.txt': 'x' } });
    expect(await readdir(disk.mountpoint)).toContain('.Trash-1000');
    for (const name of ['.Trash', '.Trash-1001'])
      await expect(mkdir(disk.path(name))).rejects.toMatchObject({ code: 'EPERM' });
    await expect(
      rename(disk.path('file.txt'), disk.path('.Trash-1000/files/file.txt')),
    ).rejects.toMatchObject({ code: 'EPERM' });
    await expect(writeFile(disk.path('.Trash-1000/info'), 'x')).rejects.toMatchObject({ code: 'EPERM' });
    await mkdir(disk.path('folder'));
    await mkdir(disk.path('folder/.Trash'));
    await disk.remount('--desktop-trash', 'allow');
    await rename(disk.path('file.txt'), disk.path('.Trash-1000/files/file.txt'));
    await disk.flush();
    expect(disk.served('.Trash-1000/files/file.txt')).toBe('x');
  });
});

describe('limits', long, () => {
  it('are told when they are met', async () => {
    const disk = await writingDisk({ settings: { totalSpaceBytes: 100_000, maxFileSizeBytes: 50_000 } });
    await expect(writeFile(disk.path('large'), Buffer.alloc(60_000))).rejects.toMatchObject({
      code: 'EFBIG',
    });
    await writeFile(disk.path('one'), Buffer.alloc(45_000, 1));
    // What is there by now counts as what is still to go up does.
    await disk.flush();
    await writeFile(disk.path('two'), Buffer.alloc(45_000, 2));
    await expect(writeFile(disk.path('three'), Buffer.alloc(45_000, 3))).rejects.toMatchObject({
      code: 'ENOSPC',
    });
    await expect(writeFile(disk.path('n'.repeat(256)), '')).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
    await unlink(disk.path('large')).catch(() => {});
    await unlink(disk.path('three')).catch(() => {});
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['one', 'two']);
  });

  it('a mount for reading only is EROFS', async () => {
    const disk = await writingDisk({ files: { 'file.txt': 'x', 'folder/file.txt': 'y' } });
    await disk.remount('--read-only');
    const [file, folder, none] = [disk.path('file.txt'), disk.path('folder'), disk.path('new')];
    const tries: Readonly<Record<string, Promise<unknown>>> = {
      creat: writeFile(none, ''),
      'open to write': open(file, 'r+'),
      'open to append': open(file, 'a'),
      'open with O_TRUNC': open(file, 'w'),
      unlink: unlink(file),
      mkdir: mkdir(none),
      rmdir: rmdir(folder),
      'rename of a file': rename(file, none),
      'rename of a folder': rename(folder, none),
      'rename between folders': rename(file, disk.path('folder', 'other')),
      symlink: symlink('file.txt', none),
      link: link(file, none),
      truncate: truncate(file, 0),
      chmod: chmod(file, 0o600),
      chown: chown(file, process.getuid?.() ?? 0, process.getgid?.() ?? 0),
      utimensat: utimes(file, 1, 2),
    };
    const codes = Object.entries(tries).map(async ([what, task]) => [
      what,
      await task.then(
        () => 'done',
        ({ code }) => code,
      ),
    ]);
    expect(Object.fromEntries(await Promise.all(codes))).toEqual(
      Object.fromEntries(Object.keys(tries).map((what) => [what, 'EROFS'])),
    );
    expect(await readFile(file, 'utf8')).toBe('x');
    expect(disk.servedPaths()).toEqual(['file.txt', 'folder/', 'folder/file.txt']);
  });
});

describe('what the server refuses afterwards', long, () => {
  it('is kept, shown, sent when that is possible again, and can be exported', async () => {
    const disk = await writingDisk({ settings: { uploadAllowanceBytes: 0 } });
    await writeFile(disk.path('kept.txt'), 'kept');
    await expect
      .poll(() => disk.unsent(), patience)
      .toMatchObject([{ path: expect.stringMatching(/kept\.txt$/) }]);
    await disk.crash();
    expect(await disk.unsent()).toHaveLength(1);
    const folder = `${disk.folder}/exported`;
    expect(await disk.run('unsent', 'export', folder)).toMatchObject({ code: 0 });
    expect(await readdir(folder)).toEqual(['kept.txt']);
    disk.disk.control.set({ uploadAllowanceBytes: null });
    expect(await disk.run('unsent', 'retry')).toMatchObject({ code: 0 });
    await disk.flush();
    expect(disk.served('kept.txt')).toBe('kept');
    expect(await disk.unsent()).toEqual([]);
  });

  it('a name that the server takes and spells otherwise is one file, not two', async () => {
    const disk = await writingDisk({ settings: { nameStoredAs: 'nfc', nameComparison: 'nfc' } });
    const decomposed = 'й'.normalize('NFD');
    await writeFile(disk.path(decomposed), 'text');
    await disk.flush();
    expect(disk.servedPaths()).toEqual([decomposed.normalize('NFC')]);
    expect(await readdir(disk.mountpoint)).toHaveLength(1);
    expect(disk.mounted().log()).toMatch(/spel/i);
  });
});

describe('--durability server', long, () => {
  it('close waits until the file is on the server, and has its error', async () => {
    const disk = await writingDisk({ mountArguments: ['--durability', 'server'] });
    await writeFile(disk.path('sure.txt'), 'sure');
    expect(disk.served('sure.txt')).toBe('sure');
    disk.disk.control.set({ uploadAllowanceBytes: 0 });
    await expect(writeFile(disk.path('refused.txt'), 'x')).rejects.toMatchObject({ errno: -122 }); // EDQUOT, for which Node has no name
  });
});

describe('an idle mount', long, () => {
  it('changes nothing', async () => {
    const disk = await writingDisk({ files: { 'a/b/c': 'x' } });
    await readdir(disk.mountpoint, { recursive: true });
    await sleep(1_500);
    expect(disk.count(...changingRoutes)).toBe(0);
  });
});
