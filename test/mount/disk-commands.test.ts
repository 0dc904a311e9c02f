import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { start } from '../auth/login-fixture.ts';
import { atTerminal } from '../auth/terminal.ts';
import { startStandIn } from '../stand-in/index.ts';
import { privateEnvironment, startMount, testFolder, writable, yadiskfs } from './mounted-disk.ts';
import { writingDisk } from './writing/writing-disk.ts';

/*
 * Commands that work on the Disk itself, as a person runs them beside a mount. What they change shows in the mount at once: the mounts of these
 * tests ask the Disk for changes once an hour.
 */

const slowPolls = ['--poll-interval', '1h'];
const slowSending = [...slowPolls, '--write-back', '1h'];

describe('publish', { timeout: 120_000 }, () => {
  it('sends first what is not on the Disk yet, wherever it has gone meanwhile', async () => {
    const { path, run, served, disk } = await writingDisk({ mountArguments: slowSending });
    await mkdir(path('new'));
    await writeFile(path('new', 'a'), 'written here');
    await rename(path('new'), path('renamed'));
    const published = await run('publish', path('renamed', 'a'), '--json');
    expect(published).toMatchObject({ code: 0, stderr: '' });
    const { url, path: onDisk } = JSON.parse(published.stdout);
    expect(onDisk).toBe('disk:/renamed/a');
    expect(served('renamed/a')).toBe('written here');
    expect(disk.model.find('disk:/renamed/a')?.publication?.publicUrl).toBe(url);
    // A folder, with a slash behind it.
    expect(await run('publish', `${path('renamed')}/`)).toMatchObject({
      code: 0,
      stdout: `${disk.model.find('disk:/renamed')?.publication?.publicUrl}\n`,
    });
    const list = JSON.parse((await run('published', '--json')).stdout).published;
    expect(list.map((one: { path: string }) => one.path).sort()).toEqual([
      'disk:/renamed',
      'disk:/renamed/a',
    ]);
    expect((await run('published', '--type', 'file')).stdout).toBe(`12 bytes  ${url}  disk:/renamed/a\n`);
    expect(await run('unpublish', path('renamed', 'a'))).toMatchObject({
      code: 0,
      stdout: 'Not public any more: disk:/renamed/a\n',
    });
    expect((await run('unpublish', 'disk:/renamed/a')).stdout).toContain('was not public');
    expect((await run('published', '--type', 'file')).stdout).toBe('No file is public.\n');
    expect(disk.model.find('disk:/renamed/a')?.publication).toBeUndefined();
  });

  it('tells that the Disk is away, where something must be sent first, and leaves it to be sent', async () => {
    const { disk, run, path, flush, served } = await writingDisk();
    disk.wire.cut({ fresh: 'reset', existing: 'rst' });
    await writeFile(path('a'), 'written here');
    expect(await run('publish', path('a'))).toMatchObject({
      code: 4,
      stderr: `yadiskfs: No connection to the Disk: what was changed at ${path('a')} waits here until there is one\n  Check the network.\n`,
    });
    await disk.wire.restore();
    await flush();
    expect(served('a')).toBe('written here');
  });

  it('finds what has just come from elsewhere, and a mount has not heard of', async () => {
    const { path, run, disk } = await writingDisk({ files: { 'sub/known': 'k' }, mountArguments: slowPolls });
    expect(await readdir(path('sub'))).toEqual(['known']);
    disk.model.putFile('disk:/sub/fresh', 'from the web');
    expect(await run('publish', path('sub', 'fresh'))).toMatchObject({ code: 0, stderr: '' });
    expect(disk.model.find('disk:/sub/fresh')?.publication).toBeDefined();
    expect(await readFile(path('sub', 'fresh'), 'utf8')).toBe('from the web');
    disk.model.putFile('disk:/new/inner/film', 'from the phone');
    expect(await run('pin', path('new', 'inner', 'film'))).toMatchObject({ code: 0, stderr: '' });
    expect(await run('pin', path('new', 'outer', 'film'))).toMatchObject({ code: 1 });
  });

  it('has terms', async () => {
    const { path, run, disk } = await writingDisk({ files: { a: 'a' }, mountArguments: slowPolls });
    const settings = () => disk.model.find('disk:/a')?.publication?.settings;
    const until = '2099-12-31T12:00:00Z';
    const published = await run('publish', path('a'), '--until', until, '--password', 'geheim', '--json');
    expect(JSON.parse(published.stdout)).toMatchObject({ until: '2099-12-31T12:00:00.000Z', password: true });
    expect(published.stdout).not.toContain('geheim');
    expect(settings()).toEqual({ available_until: Date.parse(until) / 1000, password: 'geheim' });
    await run('publish', path('a'), '--until', 'never', '--password', '', '--read-only');
    expect(settings()).toEqual({ read_only: true });
    expect(await run('publish', path('a'), '--until', '2020-01-01')).toMatchObject({ code: 2 });
    expect(await run('publish', path('a'), '--until', 'soon')).toMatchObject({ code: 2 });
    // Set elsewhere, and beyond all dates.
    publishedUntil(8.7e15);
    expect(await run('publish', path('a'), '--read-only')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^https:\S+\nfor looking only\n$/),
      stderr: '',
    });
    publishedUntil(0);
    expect((await run('publish', path('a'), '--read-only', '--json')).stdout).not.toContain('until');

    function publishedUntil(availableUntilSec: number): void {
      Object.assign(settings() ?? {}, { available_until: availableUntilSec });
    }
  });

  it('takes back what was made public without the terms that were asked for', async () => {
    const { path, run, disk, fault } = await writingDisk({ files: { a: 'a' }, mountArguments: slowPolls });
    fault({ route: 'public-settings.get' }, { kind: 'status', status: 200, body: 'empty' }, 100);
    expect((await run('publish', path('a'), '--until', '7d')).code).not.toBe(0);
    disk.wire.faults.clear();
    fault({ route: 'publish' }, { kind: 'status', status: 403, error: 'ForbiddenError', description: 'no' });
    expect(await run('publish', path('a'), '--until', '7d')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('try it without'),
    });
  });

  it('knows what a path means in a mount of a folder, under an escaped name, and in no mount', async () => {
    const { path, run, disk } = await writingDisk({
      files: { 'Photos/2024/a': 'a', 'Photos/␛2F': 'odd' },
      mountArguments: [...slowPolls, '--root', '/Photos'],
    });
    expect(JSON.parse((await run('link', path('2024', 'a'), '--json')).stdout)).toMatchObject({
      path: 'disk:/Photos/2024/a',
    });
    // What looks like an escape is escaped itself.
    expect(await readdir(path())).toContain('␛␛2F');
    await run('publish', path('␛␛2F'));
    expect(disk.model.find('disk:/Photos/␛2F')?.publication).toBeDefined();
    expect(await run('publish', '/nowhere/at/all')).toMatchObject({ code: 1 });
    expect(await run('publish', path('missing'), '--json')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('"code":"not-found"'),
    });
    expect(await run('publish', 'disk:/')).toMatchObject({ code: 2 });
    expect(await run('publish')).toMatchObject({ code: 2 });
  });

  it('and its like say what is not there, and what may have been meant', async () => {
    const { path, run } = await writingDisk({
      files: { 'Photos/2024/a.jpg': 'a', doc: 'd' },
      mountArguments: slowPolls,
    });
    const link = (await run('publish', 'disk:/doc')).stdout.trim();
    const files =
      'Names are as the Disk has them, upper and lower case included; yadiskfs files lists all files.';
    const nothing = 'The Disk has nothing at ';
    const noFolder = 'There is no such folder on the Disk: ';
    const inTrash = expect.stringContaining('yadiskfs trash list alone');
    for (const [args, message, at, hint] of [
      [['publish', 'disk:/Photos/2042/a'], nothing, 'disk:/Photos/2042/a', 'Did you mean disk:/Photos/2024?'],
      [
        ['publish', 'disk:/photos/b', '--until', '7d'],
        nothing,
        'disk:/photos/b',
        'Did you mean disk:/Photos?',
      ],
      [
        ['unpublish', path('Photos', '2042')],
        nothing,
        'disk:/Photos/2042',
        'Did you mean disk:/Photos/2024?',
      ],
      [['link', 'disk:/doc/x'], nothing, 'disk:/doc/x', files],
      [['pin', path('nothing', 'x')], nothing, 'disk:/nothing', files],
      [['save-url', 'https://example.org/x', 'disk:/nothing/x'], noFolder, 'disk:/nothing', files],
      [['public', 'save', link, 'disk:/Photo'], noFolder, 'disk:/Photo', 'Did you mean disk:/Photos?'],
      [['trash', 'list', 'disk:/doc'], 'Not in the trash: ', 'disk:/doc', inTrash],
      [['trash', 'list', 'trash:/x'], 'Not in the trash: ', 'trash:/x', inTrash],
    ] as const) {
      const { stderr } = await run(...args, '--json');
      expect([args, JSON.parse(stderr).error]).toEqual([
        args,
        { code: expect.any(String), message: `${message}${at}`, path: at, hint },
      ]);
    }
    expect(JSON.parse((await run('link', path('doc', 'x'), '--json')).stderr)).toEqual({
      error: { code: 'not-a-folder', message: 'Not a folder: doc', path: 'disk:/doc' },
    });
  });

  it('does nothing to a Disk that is not the one that is mounted', async () => {
    const { path, environment, disk } = await writingDisk({ files: { a: 'a' }, mountArguments: slowPolls });
    const other = await startStandIn({
      token: 'other-token',
      settings: { uid: '200000002' },
    });
    onTestFinished(() => other.close());
    other.model.putFile('disk:/a', 'theirs');
    const asOther = { ...environment, YADISKFS_API_URL: other.apiUrl, YADISKFS_TOKEN: other.token };
    expect(await yadiskfs(asOther, 'publish', path('a'))).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('another person'),
    });
    expect(other.model.find('disk:/a')?.publication).toBeUndefined();
    // `disk:/…` means the Disk of the login, whatever is mounted.
    expect(await yadiskfs(asOther, 'publish', 'disk:/a')).toMatchObject({ code: 0 });
    expect(other.model.find('disk:/a')?.publication).toBeDefined();
    expect(disk.model.find('disk:/a')?.publication).toBeUndefined();
  });
});

describe('trash', { timeout: 120_000 }, () => {
  it('has what was deleted a moment ago, by its name and in the list, and sends nothing else for that', async () => {
    const { path, run, disk } = await writingDisk({
      files: { 'docs/a': 'a', 'docs/b': 'b', 'docs/c': 'c' },
      mountArguments: slowSending,
    });
    await writeFile(path('new'), 'written here');
    await rm(path('docs', 'a'));
    expect(await run('trash', 'restore', 'a')).toMatchObject({ code: 0, stdout: 'Restored: disk:/docs/a\n' });
    expect(await readFile(path('docs', 'a'), 'utf8')).toBe('a');
    await rm(path('docs', 'b'));
    await rm(path('docs', 'c'));
    expect(await run('trash', 'restore', 'b')).toMatchObject({ code: 0 });
    expect(disk.model.find('disk:/docs/c')).toBeDefined();
    const { trash } = JSON.parse((await run('trash', 'list', '--json')).stdout);
    expect(trash).toMatchObject([{ originPath: 'disk:/docs/c' }]);
    expect(disk.model.find('disk:/new')).toBeUndefined();
  });

  it('does not send first what would go past it: the deletion can be taken back yet', async () => {
    const { path, run, disk } = await writingDisk({
      files: { 'docs/a': 'precious', 'docs/sub/b': 'b' },
      mountArguments: [...slowSending, '--delete', 'permanently'],
    });
    await rm(path('docs', 'a'));
    await rm(path('docs', 'sub'), { recursive: true });
    expect(await run('trash', 'list')).toMatchObject({ code: 0, stdout: 'The trash is empty.\n' });
    for (const [item, deleted] of [
      [path('docs', 'a'), 'docs/a'],
      ['disk:/docs/a', 'docs/a'],
      ['a', 'docs/a'],
      [path('docs', 'sub'), 'docs/sub'],
    ] as const)
      expect(JSON.parse((await run('trash', 'restore', item, '--json')).stderr).error).toMatchObject({
        code: 'not-permitted',
        message: expect.stringMatching(`^Deleted here, and not sent yet: ${deleted}`),
        hint: expect.stringContaining('yadiskfs unsent discard'),
      });
    expect(disk.model.find('disk:/docs/a')).toBeDefined();
    expect(disk.model.find('disk:/docs/sub/b')).toBeDefined();
    expect((await run('unsent', 'discard', path('docs', 'a'))).code).toBe(0);
    expect((await run('unsent', 'discard', path('docs', 'sub'))).code).toBe(0);
    expect(await readFile(path('docs', 'a'), 'utf8')).toBe('precious');
    expect(await readFile(path('docs', 'sub', 'b'), 'utf8')).toBe('b');
  });

  it('gives back what was deleted in the mount, and the mount shows it at once', async () => {
    const { path, run, flush, served } = await writingDisk({
      files: { 'docs/a': 'precious', 'docs/sub/b': 'b' },
      mountArguments: slowSending,
    });
    expect(await readdir(path('docs'))).toEqual(['a', 'sub']);
    expect(await readdir(path('docs', 'sub'))).toEqual(['b']);
    await rm(path('docs', 'a'));
    // It was not even sent yet.
    expect(await run('trash', 'restore', path('docs', 'a'))).toMatchObject({ code: 0 });
    expect(await readFile(path('docs', 'a'), 'utf8')).toBe('precious');
    await rm(path('docs', 'a'));
    await rm(path('docs', 'sub'), { recursive: true });
    await flush();
    const { trash } = JSON.parse((await run('trash', 'list', '--json')).stdout);
    expect(trash.map((one: { originPath: string }) => one.originPath).sort()).toEqual([
      'disk:/docs/a',
      'disk:/docs/sub',
    ]);
    expect((await run('trash', 'list')).stdout).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}8 bytes {2}disk:\/docs\/a +trash:\/a_\w+$/m,
    );
    expect(await run('trash', 'restore', path('docs', 'a'))).toMatchObject({
      code: 0,
      stdout: 'Restored: disk:/docs/a\n',
    });
    expect(await readFile(path('docs', 'a'), 'utf8')).toBe('precious');
    expect(await run('trash', 'restore', 'disk:/docs/sub')).toMatchObject({ code: 0 });
    expect(await readFile(path('docs', 'sub', 'b'), 'utf8')).toBe('b');
    await rm(path('docs', 'sub'), { recursive: true });
    await flush();
    expect(await run('trash', 'restore', 'sub', '--as', path('docs', 'other'))).toMatchObject({ code: 0 });
    expect(await readdir(path('docs'))).toEqual(['a', 'other']);
    expect(await readFile(path('docs', 'other', 'b'), 'utf8')).toBe('b');
    expect(served('docs/other/b')).toBe('b');
    expect(await run('trash', 'restore', path('docs', 'a'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('trash list'),
    });
  });

  it('explains what is in the way, and which ones are meant', async () => {
    const { path, run, disk } = await writingDisk({ files: { a: 'new!' }, mountArguments: slowPolls });
    for (const text of ['1', '22']) {
      disk.model.putFile('disk:/old', text);
      disk.model.remove('disk:/old');
    }
    disk.model.putFile('disk:/b', 'old b');
    disk.model.remove('disk:/b');
    disk.model.putFile('disk:/b', 'new b!!');
    const two = await run('trash', 'restore', path('old'));
    expect(two).toMatchObject({ code: 2, stderr: expect.stringContaining('2 things in the trash were') });
    const ids = [...two.stderr.matchAll(/trash:\/old_\w+/g)].map(([id]) => id);
    expect(ids).toHaveLength(2);
    expect(await run('trash', 'restore', ids[0] ?? '', '--as', '')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--as wants a value'),
    });
    expect((await run('trash', 'restore', ids[0] ?? '', '--as', 'again')).stdout).toBe(
      'Restored: disk:/again\n',
    );
    expect(disk.model.read('disk:/again').toString()).toMatch(/^(1|22)$/);

    const taken = await run('trash', 'restore', 'disk:/b');
    expect(taken).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('a file of 7 bytes is at disk:/b'),
    });
    expect(taken.stderr).toContain('--as NAME');
    expect(disk.model.read('disk:/b').toString()).toBe('new b!!');
    expect(await readFile(path('b'), 'utf8')).toBe('new b!!');
    expect(await run('trash', 'restore', 'disk:/b', '--overwrite')).toMatchObject({ code: 0 });
    expect(await readFile(path('b'), 'utf8')).toBe('old b');
  });

  it('deletes for good only what was meant', async () => {
    const { run, disk, environment } = await writingDisk({ mountArguments: slowPolls });
    for (const name of ['a', 'b', 'c']) {
      disk.model.putFile(`disk:/${name}`, name);
      disk.model.remove(`disk:/${name}`);
    }
    const left = async () =>
      JSON.parse((await run('trash', 'list', '--json')).stdout)
        .trash.map((one: { name: string }) => one.name)
        .sort();
    expect(await run('trash', 'remove', 'disk:/a')).toMatchObject({ code: 2 });
    expect(await run('trash', 'empty')).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    expect(await left()).toEqual(['a', 'b', 'c']);
    expect(await run('trash', 'remove', 'disk:/a', '--yes')).toMatchObject({ code: 0 });
    expect(await left()).toEqual(['b', 'c']);

    const terminal = await atTerminal(environment, 'trash', 'empty');
    try {
      await terminal.shows('Delete 2 things (2 bytes) for good? [y/N]');
      terminal.type('n\r');
      expect((await terminal.end()).code).toBe(1);
    } finally {
      await terminal.close();
    }
    expect(await left()).toEqual(['b', 'c']);
    expect((await run('trash', 'empty', '--yes')).stdout).toBe('Deleted for good: 2 things (2 bytes).\n');
    expect(await left()).toEqual([]);
    expect((await run('trash', 'list')).stdout).toBe('The trash is empty.\n');
    expect((await run('trash', 'empty', '-y')).stdout).toBe('The trash was empty.\n');
  });
});

describe('what comes from elsewhere', { timeout: 120_000 }, () => {
  it('save-url waits until it is there, and the mount shows it at once', async () => {
    const { path, run, disk } = await writingDisk({ files: { 'docs/x': 'x' }, mountArguments: slowPolls });
    const server = createServer((_, reply) => reply.end('from the web'));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void server.close());
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await readdir(path('docs'))).toEqual(['x']);
    expect(await run('save-url', `${origin}/a%20file.txt?secret=1`, path('docs'))).toEqual({
      code: 0,
      stdout: 'disk:/docs/a file.txt: 12 bytes\n',
      stderr: '',
    });
    expect(await readdir(path('docs'))).toEqual(['a file.txt', 'x']);
    expect(await readFile(path('docs', 'a file.txt'), 'utf8')).toBe('from the web');
    const named = await run('save-url', origin, path('docs', 'new'), '--json');
    expect(JSON.parse(named.stdout)).toMatchObject({ path: 'disk:/docs/new', sizeBytes: 12 });
    expect(await run('save-url', `${origin}/x`, path('docs'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('something there already'),
    });
    expect(disk.model.read('disk:/docs/x').toString()).toBe('x');
    const failed = await run('save-url', 'http://127.0.0.1:1/secret', 'disk:/never');
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('failed') });
    expect(failed.stderr).not.toContain('secret');
    expect(await run('save-url', 'ftp://x/y', 'disk:/z')).toMatchObject({ code: 2 });
    expect(await run('save-url', `${origin}/y`, path('docs', 'missing', 'y'))).toMatchObject({ code: 1 });
  });

  it('save-url says when it is interrupted that the server goes on', async () => {
    const disk = await startStandIn({ settings: { operationMs: 600_000 } });
    const folder = await testFolder();
    onTestFinished(async () => {
      await disk.close();
      await rm(folder, { recursive: true, force: true });
    });
    const saving = start(privateEnvironment(folder, disk), ['save-url', `${disk.controlUrl}/`, 'disk:/big']);
    const asked = () => disk.wire.requestLog.list().some(({ route }) => route === 'operations.get');
    await expect.poll(asked, { timeout: 30_000 }).toBe(true);
    saving.process.kill('SIGINT');
    expect(await saving.ended).toBe(130);
    expect(saving.stderr()).toContain('It goes on with it.');
  });

  it('public shows, downloads and saves what is behind a link', async () => {
    const { path, run, disk, folder } = await writingDisk({
      files: { 'theirs/sub/b.txt': 'inner', 'theirs/a': 'a', 'mine/x': 'x' },
      mountArguments: slowPolls,
    });
    const { publicUrl } = disk.model.publish('disk:/theirs');
    expect((await run('public', 'ls', publicUrl)).stdout).toMatch(
      /^theirs\/ {2}2 entries.*\n +1 bytes .* a\n +folder .* sub\/\n$/,
    );
    expect(JSON.parse((await run('public', 'ls', `${publicUrl}/sub`, '--json')).stdout)).toMatchObject({
      type: 'folder',
      entries: [{ name: 'b.txt', path: '/sub/b.txt', sizeBytes: 5 }],
    });
    const out = join(folder, 'out');
    expect(await run('public', 'get', publicUrl, out)).toMatchObject({
      code: 0,
      stdout: `${out}: 2 files\n`,
    });
    expect(await readFile(join(out, 'sub', 'b.txt'), 'utf8')).toBe('inner');
    expect(await run('public', 'get', `${publicUrl}/sub/b.txt`, join(folder, 'b'))).toMatchObject({
      code: 0,
    });
    expect(await readFile(join(folder, 'b'), 'utf8')).toBe('inner');
    const { url } = JSON.parse(
      (await run('public', 'get', publicUrl, '--path', 'a', '--url', '--json')).stdout,
    );
    expect(await (await fetch(url)).text()).toBe('a');

    expect(await readdir(path('mine'))).toEqual(['x']);
    expect(
      await run('public', 'save', `${publicUrl}/sub/b.txt`, path('mine'), '--as', 'saved'),
    ).toMatchObject({
      code: 0,
      stdout: 'Saved as disk:/mine/saved\n',
    });
    expect(await readdir(path('mine'))).toEqual(['saved', 'x']);
    expect(await run('public', 'save', publicUrl, 'disk:/mine')).toMatchObject({ code: 0 });
    expect(await readdir(path('mine', 'theirs'))).toEqual(['a', 'sub']);

    disk.model.unpublish('disk:/theirs');
    expect(await run('public', 'ls', publicUrl)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('withdrawn'),
    });
    expect(await run('public', 'ls', 'https://example.com/d/x')).toMatchObject({ code: 2 });
    expect(await run('public')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('ls, get or save?'),
    });
  });

  it('recent and files list by kind', async () => {
    const { run, disk } = await writingDisk({ mountArguments: slowPolls });
    for (const name of ['a.jpg', 'b.mp4', 'c.txt']) disk.model.putFile(`disk:/${name}`, name);
    const paths = (text: string) => JSON.parse(text).files.map((one: { path: string }) => one.path);
    expect(paths((await run('recent', '--json', '--limit', '2')).stdout)).toEqual([
      'disk:/c.txt',
      'disk:/b.mp4',
    ]);
    expect((await run('recent', '--type', 'image')).stdout).toMatch(/^ +5 bytes .* disk:\/a\.jpg\n$/);
    expect(paths((await run('files', '--type', 'image,video', '--json')).stdout).sort()).toEqual([
      'disk:/a.jpg',
      'disk:/b.mp4',
    ]);
    expect((await run('files')).stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(await run('files', '--type', 'holiday')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('image'),
    });
    expect((await run('files', '--type', 'font')).stdout).toBe('No files.\n');
  });
});

describe('without a mount', { timeout: 60_000 }, () => {
  it('commands go straight to the Disk; a path of this machine is explained', async () => {
    const disk = await startStandIn();
    onTestFinished(() => disk.close());
    disk.model.putFile('disk:/a', 'a');
    const environment = privateEnvironment('/nonexistent', disk);
    expect(await yadiskfs(environment, 'publish', 'disk:/a')).toMatchObject({ code: 0, stderr: '' });
    expect(await yadiskfs(environment, 'publish', '/tmp/a')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nothing is mounted'),
    });
    expect(await yadiskfs({ ...environment, YADISKFS_TOKEN: '' }, 'recent')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('yadiskfs setup'),
    });
    await disk.close();
    expect(await yadiskfs(environment, 'published')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('Check the network'),
    });
  });

  it('a mount of another root learns only what it shows', async () => {
    const { run, environment, folder, disk } = await writingDisk({
      files: { 'Photos/a': 'a', b: 'b' },
      mountArguments: slowPolls,
    });
    const photos = join(folder, 'photos');
    await mkdir(photos);
    const second = await startMount(photos, environment, [writable, ...slowPolls, '--root', '/Photos']);
    try {
      expect(await readdir(photos)).toEqual(['a']);
      disk.model.remove('disk:/Photos/a');
      expect(await run('trash', 'restore', 'disk:/Photos/a', '--as', 'c')).toMatchObject({ code: 0 });
      expect(await readdir(photos)).toEqual(['c']);
    } finally {
      expect(await second.end()).toBe(0);
    }
  });
});
