import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmod,
  lstat,
  lutimes,
  mkdir,
  readFile,
  readlink,
  rename,
  stat,
  symlink,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { output } from '../mounted-disk.ts';
import { changingRoutes, type WritingDisk, writingDisk } from './writing-disk.ts';

const md5OfTarget = 'Qq77rgHS39mB99p9gj1ong'; // of `target`
const apart = ['--write-back', '1h'];

const attribute = (file: string, name: string) =>
  output('python3', '-c', 'import os, sys; print(os.getxattr(*sys.argv[1:]).decode(), end="")', file, name);
const setAttribute = (file: string, name: string, value: string) =>
  output(
    'python3',
    '-c',
    'import os, sys; os.setxattr(*sys.argv[1:3], sys.argv[3].encode())',
    file,
    name,
    value,
  );
const attributes = (file: string) =>
  output('python3', '-c', 'import os, sys; print(*os.listxattr(sys.argv[1]), end="")', file);

/** Node waits in its only thread until a program has begun, and that may have to be fetched from the stand-in. */
const ranBy = (file: string) => output('sh', '-c', '"$1"', '-', file);

async function modeOf(file: string): Promise<string> {
  return ((await lstat(file)).mode & 0o7777).toString(8);
}

/** Forgets all that this machine knows, as another one would see the Disk. */
async function seenElsewhere(disk: WritingDisk): Promise<void> {
  await disk.flush();
  await disk.mounted().end();
  for (const folder of ['STATE', 'CACHE'] as const)
    await output('rm', '-rf', String(disk.environment[`YADISKFS_${folder}_DIR`]));
  await disk.crash();
}

describe('what POSIX keeps beside the bytes', { timeout: 90_000 }, () => {
  it('is there after a remount, and on another machine', async () => {
    const disk = await writingDisk();
    await writeFile(disk.path('run'), '#!/bin/sh\necho ran\n', { mode: 0o755 });
    await writeFile(disk.path('secret'), 'x', { mode: 0o600 });
    await mkdir(disk.path('private'), { mode: 0o700 });
    await symlink('../run', disk.path('private', 'link'));
    await symlink('there/is/nothing', disk.path('dangling'));
    await setAttribute(disk.path('secret'), 'user.origin', 'https://example.org/?a=1');
    await utimes(disk.path('run'), 1, 1_000_000_000.5);
    await lutimes(disk.path('dangling'), 1, 1_100_000_000);
    const seen = async () => [
      await ranBy(disk.path('run')),
      await modeOf(disk.path('secret')),
      await modeOf(disk.path('private')),
      await readlink(disk.path('private', 'link')),
      await ranBy(disk.path('private', 'link')),
      await readlink(disk.path('dangling')),
      (await lstat(disk.path('dangling'))).size,
      (await lstat(disk.path('dangling'))).mtimeMs,
      (await stat(disk.path('run'))).mtimeMs,
      await attribute(disk.path('secret'), 'user.origin'),
    ];
    const here = ['ran\n', '600', '700', '../run', 'ran\n', 'there/is/nothing', 16, 1_100_000_000_000];
    const all = [...here, 1_000_000_000_500, 'https://example.org/?a=1'];
    expect(await seen()).toEqual(all);
    await disk.remount();
    expect(await seen()).toEqual(all);
    await seenElsewhere(disk);
    expect(await seen()).toEqual(all);
  });

  it('dates beyond what the Disk can be told are at once those that it keeps', async () => {
    const disk = await writingDisk();
    const dates = ['-70000000000', '-62135596800', '253402300799', '253402300800'];
    await output('touch', ...dates.map((date) => disk.path(date)));
    for (const date of dates) await output('touch', '-d', `@${date}.5`, disk.path(date));
    const kept = () => output('stat', '-c', '%.1Y', ...dates.map((date) => disk.path(date)));
    const told = ['-62135596799.5', '-62135596799.5', '253402300799.5', '253402300799.5'];
    const here = await kept();
    expect(here.trim().split('\n')).toEqual(told);
    await seenElsewhere(disk);
    expect(await kept()).toBe(here);
  });

  it('outlasts kill -9, before it was sent', async () => {
    const disk = await writingDisk({ mountArguments: apart });
    await writeFile(disk.path('run'), 'x', { mode: 0o751 });
    await symlink('target', disk.path('link'));
    await setAttribute(disk.path('run'), 'user.a', 'b');
    await disk.crash();
    expect(await modeOf(disk.path('run'))).toBe('751');
    expect(await readlink(disk.path('link'))).toBe('target');
    expect(await attributes(disk.path('run'))).toBe('user.a');
    await disk.flush();
    expect(disk.served('link')).toBe('target');
    expect(await disk.unsent()).toEqual([]);
  });

  it('costs a file no request: mode, attributes and date go together', async () => {
    const disk = await writingDisk({ mountArguments: apart });
    await writeFile(disk.path('plain'), 'x');
    await disk.flush();
    const plain = disk.count(...changingRoutes);
    expect(disk.disk.model.find('disk:/plain')?.properties).toEqual({ rclone_modified: expect.any(String) });
    await writeFile(disk.path('run'), 'y');
    await chmod(disk.path('run'), 0o755);
    await setAttribute(disk.path('run'), 'user.a', 'b');
    await disk.flush();
    expect(disk.count(...changingRoutes)).toBe(plain);
    // What is as it was is not sent.
    await chmod(disk.path('run'), 0o755);
    await chmod(disk.path('plain'), 0o644);
    await disk.flush();
    expect(disk.count(...changingRoutes)).toBe(0);
  });

  it('chmod elsewhere shows here, and does not move the date', async () => {
    const disk = await writingDisk({ files: { run: 'target' } });
    const { mtimeMs } = await stat(disk.path('run'));
    await chmod(disk.path('run'), 0o755);
    await disk.flush();
    expect((await stat(disk.path('run'))).mtimeMs).toBe(mtimeMs);
    disk.disk.model.patch('disk:/run', { yadiskfs: `1 ${md5OfTarget} 700` });
    await expect.poll(() => modeOf(disk.path('run')), { timeout: 20_000 }).toBe('700');
    expect((await stat(disk.path('run'))).mtimeMs).toBe(mtimeMs);
  });

  it('does not count for bytes that others have put there', async () => {
    const disk = await writingDisk();
    await symlink('target', disk.path('link'));
    await writeFile(disk.path('run'), 'x', { mode: 0o755 });
    await disk.flush();
    for (const name of ['link', 'run']) {
      const { properties } = disk.disk.model.find(`disk:/${name}`) ?? {};
      disk.disk.model.putFile(`disk:/${name}`, 'other', { properties: { ...properties } });
    }
    await expect.poll(() => modeOf(disk.path('run')), { timeout: 20_000 }).toBe('644');
    await expect.poll(async () => (await lstat(disk.path('link'))).isFile(), { timeout: 20_000 }).toBe(true);
    expect(await readFile(disk.path('link'), 'utf8')).toBe('other');
  });
});

describe('links', { timeout: 90_000 }, () => {
  it('made by hostile hands are harmless', async () => {
    const disk = await writingDisk();
    const { model } = disk.disk;
    const link = (name: string, bytes: string | Buffer) => {
      model.putFile(`disk:/${name}`, bytes);
      const md5 = createHash('md5').update(bytes).digest('base64url');
      model.patch(`disk:/${name}`, { yadiskfs: `1 ${md5} l` });
    };
    link('passwd', '/etc/passwd');
    link('up', '../../../..');
    link('nul', 'a\0b');
    link('latin1', Buffer.from([0x61, 0xff]));
    link('huge', 'x'.repeat(10_000));
    link('empty', '');
    model.putFile('disk:/folder/x', 'x');
    model.patch('disk:/folder', { yadiskfs: '1 - l' });
    model.putFile('disk:/unmarked', '/etc/passwd');
    await expect
      .poll(() => lstat(disk.path('unmarked')).catch(() => 'no'), { timeout: 20_000 })
      .not.toBe('no');
    expect(await readlink(disk.path('passwd'))).toBe('/etc/passwd');
    expect(await readlink(disk.path('up'))).toBe('../../../..');
    for (const name of ['nul', 'latin1'])
      await expect(readlink(disk.path(name))).rejects.toMatchObject({ code: 'EIO' });
    for (const name of ['huge', 'empty', 'unmarked'])
      expect((await lstat(disk.path(name))).isFile()).toBe(true);
    expect((await lstat(disk.path('folder'))).isDirectory()).toBe(true);
    expect(await readFile(disk.path('huge'), 'utf8')).toBe('x'.repeat(10_000));
    // What is done to a link is done to it, and to nothing that it leads to.
    await rename(disk.path('passwd'), disk.path('moved'));
    await unlink(disk.path('up'));
    await disk.flush();
    expect(disk.served('moved')).toBe('/etc/passwd');
    expect(disk.served('up')).toBeUndefined();
  });

  it('replace files and are replaced by them, and go up to the last name only', async () => {
    const disk = await writingDisk({ files: { doc: 'old' }, mountArguments: apart });
    await symlink('target', disk.path('.tmp'));
    await rename(disk.path('.tmp'), disk.path('doc'));
    await disk.flush();
    expect(disk.served('doc')).toBe('target');
    expect(disk.count('uploader.put', 'resources.move', 'resources.delete')).toBe(1);
    expect(await readlink(disk.path('doc'))).toBe('target');
    await writeFile(disk.path('.tmp'), 'target');
    await rename(disk.path('.tmp'), disk.path('doc'));
    await disk.flush();
    await seenElsewhere(disk);
    expect((await lstat(disk.path('doc'))).isFile()).toBe(true);
    expect(await readFile(disk.path('doc'), 'utf8')).toBe('target');
  });

  it('come through cp -a, tar, rsync and git with all the rest', async () => {
    const disk = await writingDisk();
    const script = `
set -e
cd "$1"; mkdir source; cd source
mkdir -p bin lib/deep; echo 'echo ran' > lib/deep/run; chmod 750 lib/deep/run; ln -s ../lib/deep/run bin/run
ln -s nowhere dangling; ln -s lib also; echo x > 'имя с пробелом'; chmod 700 lib/deep
touch -d '2001-02-03 04:05:06.7' . bin lib lib/deep
cd ..; cp -a source copied
rsync -a source/ synced/; test -z "$(rsync -ai source/ synced/)"
mkdir untarred; tar cf - -C source . | tar xf - -C untarred; tar cf - -C source . | tar df - -C untarred
git init -q repository; cp -a source/. repository; cd repository
git -c user.name=A -c user.email=a@example.org add . ; git -c user.name=A -c user.email=a@example.org commit -qm all
test -z "$(git status --porcelain)"
`;
    await promisify(execFile)('bash', ['-c', script, '-', disk.mountpoint], { timeout: 60_000 });
    await seenElsewhere(disk);
    const look = `
cd "$1"; tree() { (cd "$1" && find . -path ./.git -prune -o -printf '%P %y %m %T@ %l\\n' | sed 's/\\.[0-9]* / /' | sort); }
for each in copied synced untarred; do diff <(tree source) <(tree "$each"); diff -r --no-dereference source "$each"; done
git -C repository status --porcelain; git -C repository fsck; bash source/bin/run
`;
    expect(await output('bash', '-c', look, '-', disk.mountpoint)).toBe('ran\n');
  });
});

describe('what the Disk knows of a file', { timeout: 60_000 }, () => {
  it('is never listed; user.yadisk.public publishes what was written a moment ago, and withdraws', async () => {
    const disk = await writingDisk({ mountArguments: apart });
    await writeFile(disk.path('doc'), 'x');
    expect(await attribute(disk.path('doc'), 'user.yadisk.public')).toBe('0');
    await setAttribute(disk.path('doc'), 'user.yadisk.public', '1');
    expect(await attribute(disk.path('doc'), 'user.yadisk.public')).toBe('1');
    const url = await attribute(disk.path('doc'), 'user.yadisk.public_url');
    expect(disk.disk.model.find('disk:/doc')?.publication?.publicUrl).toBe(url);
    expect(await attributes(disk.path('doc'))).toBe('');
    await setAttribute(disk.path('doc'), 'user.yadisk.public', '0');
    expect(disk.disk.model.find('disk:/doc')?.publication).toBeUndefined();
    expect(await attribute(disk.path('doc'), 'user.yadisk.public')).toBe('0');
    await expect(setAttribute(disk.path('doc'), 'user.yadisk.public', 'yes')).rejects.toThrow(
      'Invalid argument',
    );
    await expect(setAttribute(disk.path('doc'), 'user.yadisk.md5', 'x')).rejects.toThrow('not permitted');
  });
});

describe('options of ownership', { timeout: 60_000 }, () => {
  it('--uid, --gid and --umask: whose all is, and what nobody may', async () => {
    const disk = await writingDisk({
      files: { there: 'x' },
      mountArguments: ['--uid', '12', '--gid', '34', '--umask', '077'],
    });
    await writeFile(disk.path('run'), 'x', { mode: 0o755 });
    const { uid, gid } = await stat(disk.path('run'));
    expect([uid, gid, await modeOf(disk.path('run')), await modeOf(disk.path('there'))]).toEqual([
      12,
      34,
      '700',
      '600',
    ]);
    await chmod(disk.path('there'), 0o666);
    expect(await modeOf(disk.path('there'))).toBe('600');
    await disk.flush();
    // It is what it would be anyway.
    expect(disk.disk.model.find('disk:/there')?.properties).toBeUndefined();
    await expect(output('chown', '13', disk.path('run'))).rejects.toThrow('not permitted');
    await output('chown', '12:34', disk.path('run'));
  });
});
