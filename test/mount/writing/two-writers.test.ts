import { mkdir, open, readdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writingDisk } from './writing-disk.ts';

const long = { timeout: 60_000 };
/** As long as nothing is flushed, nothing is sent, and nothing that others did is seen. */
const apart = ['--write-back', '1h', '--poll-interval', '1h'];
const conflictName = /^doc \(conflict \d{4}-\d\d-\d\d \d\d-\d\d-\d\d \S+\)\.txt$/;

describe('two writers', long, () => {
  it('changed here and there: theirs keeps the name, ours is beside it, and it is told', async () => {
    const disk = await writingDisk({ files: { 'doc.txt': 'base' }, mountArguments: apart });
    await writeFile(disk.path('doc.txt'), 'ours');
    disk.disk.model.putFile('disk:/doc.txt', 'theirs');
    await disk.flush();
    const [copy = '', ...others] = disk.servedPaths().filter((path) => path !== 'doc.txt');
    expect(copy).toMatch(conflictName);
    expect(others).toEqual([]);
    expect([disk.served('doc.txt'), disk.served(copy)]).toEqual(['theirs', 'ours']);
    expect(await readFile(disk.path('doc.txt'), 'utf8')).toBe('theirs');
    expect(await disk.conflicts()).toHaveLength(1);
  });

  it('a conflict is listed after a restart too, for as long as its copy is there', async () => {
    const disk = await writingDisk({
      files: { 'a/doc.txt': 'base', 'a/other.txt': 'base' },
      mountArguments: apart,
    });
    for (const name of ['doc.txt', 'other.txt']) {
      await writeFile(disk.path(`a/${name}`), 'ours');
      disk.disk.model.putFile(`disk:/a/${name}`, 'theirs');
    }
    await disk.flush();
    await disk.remount();
    const conflicts = await disk.conflicts();
    expect(conflicts.map(({ path }) => path).sort()).toEqual(['a/doc.txt', 'a/other.txt']);
    const { stdout } = await disk.run('status', disk.mountpoint);
    const [one, other] = conflicts;
    expect(stdout).toContain(`${one?.path}: yours is ${one?.copy} (since `);
    await unlink(disk.path(one?.copy ?? ''));
    expect(await disk.conflicts()).toMatchObject([{ path: other?.path, copy: other?.copy }]);
    await disk.remount('--poll-interval', '500ms');
    disk.disk.model.move(`disk:/${other?.copy}`, 'disk:/a/kept.txt');
    await expect
      .poll(
        async () => {
          await readdir(disk.path('a'));
          return disk.conflicts();
        },
        { timeout: 20_000 },
      )
      .toEqual([]);
  });

  it('a handle that is open then goes on with ours', async () => {
    const disk = await writingDisk({ files: { 'doc.txt': 'base' }, mountArguments: apart });
    const handle = await open(disk.path('doc.txt'), 'r+');
    await handle.write('ours', 0);
    await handle.sync();
    disk.disk.model.putFile('disk:/doc.txt', 'theirs');
    await disk.flush();
    await handle.write(' again', 4);
    await handle.close();
    await disk.flush();
    const copies = disk.servedPaths().filter((path) => path !== 'doc.txt');
    expect(copies.map((path) => disk.served(path))).toEqual(['ours again']);
    expect(disk.served('doc.txt')).toBe('theirs');
  });

  it.each([
    ['as long', 'thei'],
    ['longer', 'theirs is longer'],
    ['shorter', 't'],
  ])('… and reads ours, whoever reads theirs under the name meanwhile: %s', async (_, theirs) => {
    const disk = await writingDisk({ files: { 'doc.txt': 'base' }, mountArguments: apart });
    const [name, other] = [disk.path('doc.txt'), Buffer.alloc(100)];
    const handle = await open(name, 'r+');
    await handle.write('ours', 0);
    await handle.sync();
    disk.disk.model.putFile('disk:/doc.txt', theirs);
    await disk.flush();
    const held = async () =>
      other.toString('utf8', 0, (await handle.read(other, 0, other.length, 0)).bytesRead);
    const copy = join(disk.mountpoint, (await disk.conflicts())[0]?.copy ?? '');
    for (let round = 0; round < 2; round++) {
      expect(await readFile(name, 'utf8')).toBe(theirs);
      // A look at theirs tells the kernel a size, which is forgotten a moment later.
      await expect.poll(held, { timeout: 5_000 }).toBe('ours');
      expect(await readFile(copy, 'utf8')).toBe('ours');
    }
    await handle.write('OURS', 0);
    expect([await held(), await readFile(copy, 'utf8'), await readFile(name, 'utf8')]).toEqual([
      'OURS',
      'OURS',
      theirs,
    ]);
    await handle.close();
    expect([await readFile(copy, 'utf8'), await readFile(name, 'utf8')]).toEqual(['OURS', theirs]);
    await disk.flush();
    expect([disk.served('doc.txt'), disk.servedPaths().length]).toEqual([theirs, 2]);
  });

  it('changed there in the last moment, while ours was on its way: not overwritten', async () => {
    const disk = await writingDisk({ files: { 'doc.txt': 'base' } });
    const gate = disk.disk.wire.hold({ route: 'resources.upload-link', stage: 'before-response' });
    await writeFile(disk.path('doc.txt'), 'ours');
    await gate.arrived();
    disk.disk.model.putFile('disk:/doc.txt', 'theirs');
    gate.release();
    await disk.flush();
    expect(disk.served('doc.txt')).toBe('theirs');
    expect(disk.servedPaths().map((path) => disk.served(path))).toContain('ours');
  });

  it('a newer revision, a date, a publication there are no change: ours takes the name', async () => {
    const disk = await writingDisk({
      files: { 'doc.txt': 'base', 'said.txt': 'base' },
      mountArguments: apart,
    });
    await writeFile(disk.path('doc.txt'), 'ours');
    await writeFile(disk.path('said.txt'), 'ours');
    disk.disk.model.publish('disk:/doc.txt');
    disk.disk.model.touch('disk:/doc.txt', {});
    disk.disk.model.patch('disk:/said.txt', { rclone_modified: '2001-02-03T04:05:06Z', somebody: 'else' });
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['doc.txt', 'said.txt']);
    expect([disk.served('doc.txt'), disk.served('said.txt')]).toEqual(['ours', 'ours']);
    expect(disk.disk.model.find('disk:/said.txt')?.properties).toMatchObject({ somebody: 'else' });
  });

  it('what takes over a name inherits what it replaced: rename over, and delete then create', async () => {
    const disk = await writingDisk({
      files: { 'doc.txt': 'base', 'other.txt': 'base' },
      mountArguments: apart,
    });
    await writeFile(disk.path('tmp'), 'ours');
    await rename(disk.path('tmp'), disk.path('doc.txt'));
    await unlink(disk.path('other.txt'));
    await writeFile(disk.path('other.txt'), 'ours too');
    await disk.flush();
    expect([disk.served('doc.txt'), disk.served('other.txt')]).toEqual(['ours', 'ours too']);
    await writeFile(disk.path('tmp'), 'ours again');
    await rename(disk.path('tmp'), disk.path('doc.txt'));
    disk.disk.model.putFile('disk:/doc.txt', 'theirs');
    await disk.flush();
    expect(disk.served('doc.txt')).toBe('theirs');
    expect(disk.servedPaths()).toHaveLength(3);
  });

  it('a file that is new here never overwrites one that is there', async () => {
    const disk = await writingDisk({ mountArguments: apart });
    await readdir(disk.mountpoint);
    await writeFile(disk.path('doc.txt'), 'ours');
    disk.disk.model.putFile('disk:/doc.txt', 'theirs');
    await disk.flush();
    expect(disk.served('doc.txt')).toBe('theirs');
    expect(
      disk
        .servedPaths()
        .filter((path) => conflictName.test(path))
        .map((path) => disk.served(path)),
    ).toEqual(['ours']);
  });

  it('two who wrote the same bytes have no conflict', async () => {
    const disk = await writingDisk({ files: { 'doc.txt': 'base' }, mountArguments: apart });
    await writeFile(disk.path('doc.txt'), 'the same');
    disk.disk.model.putFile('disk:/doc.txt', 'the same');
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['doc.txt']);
    expect(await disk.conflicts()).toEqual([]);
  });

  it('edited here and deleted there: it is there again, under its plain name, with our content', async () => {
    const disk = await writingDisk({ files: { 'a/doc.txt': 'base' }, mountArguments: apart });
    await writeFile(disk.path('a/doc.txt'), 'ours');
    disk.disk.model.remove('disk:/a/doc.txt');
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['a/', 'a/doc.txt']);
    expect(disk.served('a/doc.txt')).toBe('ours');
  });

  it('edited here and moved there with its bytes: the edit follows it', async () => {
    const disk = await writingDisk({ files: { 'doc.txt': 'base', 'to/x': 'x' }, mountArguments: apart });
    await readdir(disk.path('to'));
    await writeFile(disk.path('doc.txt'), 'ours');
    disk.disk.model.move('disk:/doc.txt', 'disk:/to/moved.txt');
    await readdir(disk.path('to'));
    await disk.flush();
    expect(disk.served('to/moved.txt')).toBe('ours');
    expect(disk.servedPaths()).toEqual(['to/', 'to/moved.txt', 'to/x']);
  });

  it('a folder that is removed there while a file in it is edited here: the edit is saved, the rest follows', async () => {
    const disk = await writingDisk({
      files: { 'a/b/edited': 'base', 'a/b/other': 'x', 'a/c': 'x' },
      mountArguments: apart,
    });
    await writeFile(disk.path('a/b/edited'), 'ours');
    disk.disk.model.remove('disk:/a');
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['a/', 'a/b/', 'a/b/edited']);
    expect(disk.served('a/b/edited')).toBe('ours');
  });

  it('deleted here and changed there: the change stays', async () => {
    const disk = await writingDisk({
      files: { 'doc.txt': 'base', 'gone.txt': 'base' },
      mountArguments: apart,
    });
    await unlink(disk.path('doc.txt'));
    await unlink(disk.path('gone.txt'));
    disk.disk.model.putFile('disk:/doc.txt', 'theirs');
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['doc.txt']);
    expect(disk.served('doc.txt')).toBe('theirs');
  });

  it('moved here onto a name that somebody else took: theirs is not replaced', async () => {
    const disk = await writingDisk({ files: { 'mine.txt': 'mine' }, mountArguments: apart });
    await rename(disk.path('mine.txt'), disk.path('doc.txt'));
    disk.disk.model.putFile('disk:/doc.txt', 'theirs');
    await disk.flush();
    expect(disk.served('doc.txt')).toBe('theirs');
    expect(
      disk
        .servedPaths()
        .map((path) => disk.served(path))
        .sort(),
    ).toEqual(['mine', 'theirs']);
  });

  it('a folder deleted here in which somebody else changed a file: what they changed stays', async () => {
    const disk = await writingDisk({ files: { 'a/one': '1', 'a/two': '2' }, mountArguments: apart });
    await rm(disk.path('a'), { recursive: true });
    disk.disk.model.putFile('disk:/a/two', 'theirs');
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['a/', 'a/two']);
  });

  it('a folder made here and there is one folder, with what is in both', async () => {
    const disk = await writingDisk({ mountArguments: apart });
    await mkdir(disk.path('a'));
    await writeFile(disk.path('a/ours'), 'ours');
    disk.disk.model.putFile('disk:/a/theirs', 'theirs');
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['a/', 'a/ours', 'a/theirs']);
    expect((await readdir(disk.path('a'))).sort()).toEqual(['ours', 'theirs']);
  });
});

describe('the desktop', long, () => {
  it('tells of a conflict copy, and once of what the Disk does not take', async () => {
    const disk = await writingDisk({ files: { 'doc.txt': 'base' }, mountArguments: apart });
    const [programs, calls] = [join(disk.folder, 'programs'), join(disk.folder, 'calls')];
    await mkdir(programs);
    await writeFile(join(programs, 'notify-send'), `#!/bin/sh\nprintf '%s|' "$@" >> '${calls}'\n`, {
      mode: 0o755,
    });
    disk.environment['PATH'] = `${programs}:${disk.environment['PATH']}`;
    disk.environment['DBUS_SESSION_BUS_ADDRESS'] = 'unix:path=/nobody/listens';
    await disk.remount();
    await writeFile(disk.path('doc.txt'), 'ours');
    disk.disk.model.putFile('disk:/doc.txt', 'theirs');
    await disk.flush();
    const told = () => readFile(calls, 'utf8').catch(() => '');
    await expect.poll(told, { timeout: 10_000 }).toContain('doc.txt: yours is doc (conflict ');
    disk.fault({ route: 'resources.upload-link' }, { kind: 'status', status: 507 }, 1000);
    await writeFile(disk.path('big.txt'), 'big');
    await disk.run('flush', disk.mountpoint, '--timeout', '10s');
    await disk.run('unsent', 'retry');
    await disk.run('flush', disk.mountpoint, '--timeout', '10s');
    // Told at the end at the latest.
    expect(await disk.mounted().end()).toBe(0);
    await expect.poll(told, { timeout: 10_000 }).toContain('big.txt: ');
    expect((await told()).split('--app-name').length - 1).toBe(2);
  });
});
