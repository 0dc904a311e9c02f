import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { downloadPublic } from '../../src/daemon/public-download.ts';
import { countOf, standInClient } from '../disk-api/client.ts';
import { scriptedServer } from '../disk-api/scripted-server.ts';
import { sessionOn } from './session-fixture.ts';

const quiet = { name: undefined, overwrite: false, onProgress: () => {} };

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** A public folder on a stand-in, and a session that is to download it. */
async function publicFolder(files: Readonly<Record<string, string>>) {
  const { disk } = await standInClient();
  for (const [path, text] of Object.entries(files))
    disk.model.putFile(`disk:/public/${path}`, text, { parents: true });
  const { publicUrl: key } = disk.model.publish('disk:/public');
  return { disk, key, session: await sessionOn(disk.apiUrl, disk.token), folder: await emptyFolder() };
}

describe('downloading what is behind a public link', () => {
  it('brings a folder with all in it, and a file with its date', async () => {
    const files = { a: 'one', 'Привет мир/b': 'two', 'Привет мир/deep/er/c': '', d: 'x'.repeat(300_000) };
    const { disk, key, session, folder } = await publicFolder(files);
    const told: number[] = [];
    const got = await downloadPublic(
      session,
      { key },
      { ...quiet, folder, onProgress: ({ doneBytes }) => told.push(doneBytes) },
    );
    expect(got).toMatchObject({ path: join(folder, 'public'), files: 4, thereBefore: 0, failures: [] });
    expect(got.sizeBytes).toBe(300_006);
    expect(told.at(-1)).toBe(300_006);
    expect(await filesIn(folder)).toEqual(
      Object.keys(files)
        .map((name) => `public/${name}`)
        .sort(),
    );
    for (const [name, text] of Object.entries(files))
      expect(await readFile(join(folder, 'public', name), 'utf8')).toBe(text);

    const one = await downloadPublic(
      session,
      { key, path: '/Привет мир/b' },
      { ...quiet, folder, name: 'other' },
    );
    expect(one).toMatchObject({ path: join(folder, 'other'), files: 1 });
    const { modifiedMs = 0 } = disk.model.find('disk:/public/Привет мир/b') ?? {};
    expect((await stat(join(folder, 'other'))).mtimeMs).toBe(Math.floor(modifiedMs / 1000) * 1000);
  });

  it('fetches nothing again that is there and right, and replaces others only when told to', async () => {
    const { disk, key, session, folder } = await publicFolder({ a: 'one', b: 'two' });
    await downloadPublic(session, { key }, { ...quiet, folder });
    disk.wire.statistics.reset();
    const again = await downloadPublic(session, { key }, { ...quiet, folder });
    expect(again).toMatchObject({ files: 2, thereBefore: 2, failures: [] });
    expect(countOf(disk, 'storage.get')).toBe(0);

    const a = join(folder, 'public', 'a');
    await writeFile(a, 'uno');
    const kept = await downloadPublic(session, { key }, { ...quiet, folder });
    expect(kept.failures).toMatchObject([{ code: 'exists', path: a }]);
    expect(await readFile(a, 'utf8')).toBe('uno');
    expect((await downloadPublic(session, { key }, { ...quiet, folder, overwrite: true })).failures).toEqual(
      [],
    );
    expect(await readFile(a, 'utf8')).toBe('one');
  });

  it('notices bytes that are wrong, asks once more, and leaves nothing of them', async () => {
    const { disk, key, session, folder } = await publicFolder({ a: 'x'.repeat(1000), b: 'fine' });
    const spoil = (count: number) =>
      disk.wire.faults.add({ route: 'storage.get', count, fault: { kind: 'corrupt', offset: 2 } });
    spoil(1);
    expect((await downloadPublic(session, { key, path: '/a' }, { ...quiet, folder })).failures).toEqual([]);
    await rm(join(folder, 'a'));
    spoil(2);
    const got = await downloadPublic(session, { key, path: '/a' }, { ...quiet, folder });
    expect(got.failures).toMatchObject([{ code: 'damaged' }]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('never follows a link that lies in the target folder', async () => {
    const { key, session, folder } = await publicFolder({ 'sub/a': 'one', b: 'two' });
    const elsewhere = await emptyFolder();
    await writeFile(join(elsewhere, 'precious'), 'precious');
    await mkdir(join(folder, 'public'));
    await symlink(elsewhere, join(folder, 'public', 'sub'));
    await symlink(join(elsewhere, 'precious'), join(folder, 'public', 'b'));
    const got = await downloadPublic(session, { key }, { ...quiet, folder });
    expect(got.failures.map(({ code }) => code)).toEqual(['exists', 'exists']);
    const forced = await downloadPublic(session, { key }, { ...quiet, folder, overwrite: true });
    expect(forced.failures.map(({ code }) => code)).toEqual(['exists']);
    expect(await filesIn(elsewhere)).toEqual(['precious']);
    expect(await readFile(join(elsewhere, 'precious'), 'utf8')).toBe('precious');
    expect(await readFile(join(folder, 'public', 'b'), 'utf8')).toBe('two');
  });

  it('never leaves the target folder, whatever names it is told', async () => {
    const bytes = Buffer.from('evil');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const names = ['../../evil', '..', '.', '/etc/evil', 'a/../../b', 'nul\0nul'];
    const server = await scriptedServer(({ path }) => {
      if (path.startsWith('/bytes')) return { status: 200, body: bytes };
      const items = names.map((name, index) => ({
        ...{ name, type: 'file', size: bytes.length, sha256, resource_id: String(index) },
        file: `${server.origin}/bytes`,
      }));
      const _embedded = { items, total: items.length, limit: 1000, offset: 0 };
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: '../up', type: 'dir', _embedded }),
      };
    });
    const outer = await emptyFolder();
    const folder = join(outer, 'one', 'two');
    await mkdir(folder, { recursive: true });
    const session = await sessionOn(server.apiUrl);
    const got = await downloadPublic(session, { key: 'key' }, { ...quiet, folder });
    expect(got).toMatchObject({ files: names.length, failures: [] });
    const all = await filesIn(outer);
    expect(all).toHaveLength(names.length);
    for (const file of all) expect(file).toMatch(/^one\/two\/␛2E␛2E|^one\/two\/[^/]+\/[^/]+$/);
  });

  it('goes on with the others where one cannot be had, and ends where none can', async () => {
    const { disk, key, session, folder } = await publicFolder({ a: 'one', b: 'two' });
    await mkdir(join(folder, 'public', 'a'), { recursive: true });
    const got = await downloadPublic(session, { key }, { ...quiet, folder });
    expect(got.failures).toMatchObject([{ code: 'exists' }]);
    expect(await readFile(join(folder, 'public', 'b'), 'utf8')).toBe('two');
    disk.model.unpublish('disk:/public');
    await expect(downloadPublic(session, { key }, { ...quiet, folder })).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('withdrawn'),
    });
  });
});
