import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EnclosedDisk } from './enclosed-disk.ts';
import { Rclone } from './rclone.ts';
import { diskView, localView, rcloneView } from './views.ts';

describe('rclone, changing what is there', () => {
  let disk: EnclosedDisk;
  let rclone: Rclone;
  let source: string;

  beforeAll(async () => {
    disk = await EnclosedDisk.open({ settings: { operationMs: 50, finalAfterMs: 0 } });
    rclone = await Rclone.on(disk);
    source = join(disk.folder, 'source');
    for (const path of ['a/1', 'a/2', 'a/b/3', 'old/4', 'old/5', 'Письма/Привет, мир.txt'])
      await write(path, path);
    await rclone.run('sync', source, 'disk:target');
  });
  afterAll(() => disk.close());

  async function write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(source, path)), { recursive: true });
    await writeFile(join(source, path), text);
  }

  /** The Disk at a path, and rclone's view of it, which must be the same. */
  async function view(path: string) {
    const real = await diskView(disk.control, `disk:/${path}`);
    expect(await rcloneView(rclone, `disk:${path}`)).toEqual(real);
    return real;
  }

  async function trashed(): Promise<string[]> {
    const { trash } = await disk.control.tree();
    return trash.flatMap(({ originPath }) => originPath ?? []).sort();
  }

  /** rclone does not wait for an operation that it started by `cleanup`. */
  async function emptied(): Promise<boolean> {
    for (let tries = 0; (await trashed()).length > 0 && tries < 100; tries++) await sleep(20);
    return (await trashed()).length === 0;
  }

  it('syncs: what changed, what is new, and what is gone, which the trash keeps', async () => {
    await write('a/1', 'changed and longer');
    await write('new/file', 'new');
    await rm(join(source, 'old'), { recursive: true });
    await rename(join(source, 'a', '2'), join(source, 'a', 'zwei'));
    await rclone.run('sync', source, 'disk:target');
    expect(await view('target')).toEqual(await localView(source));
    expect(await trashed()).toEqual(['a/2', 'old', 'old/4', 'old/5'].map((path) => `disk:/target/${path}`));
  });

  it('follows a rename by a move, without sending the file', async () => {
    await rename(join(source, 'a', 'zwei'), join(source, 'a', 'two'));
    await disk.control.post('statistics/reset');
    await rclone.run('sync', '--track-renames', source, 'disk:target');
    expect(await view('target')).toEqual(await localView(source));
    expect(await routes()).not.toContain('uploader.put');
    expect(await routes()).toContain('resources.move');
  });

  it('empties the trash', async () => {
    const before = await disk.control.tree();
    expect(before.trashBytes).toBeGreaterThan(0);
    await rclone.run('cleanup', 'disk:');
    expect(await emptied()).toBe(true);
    const { trashBytes, usedBytes } = await disk.control.tree();
    expect({ trashBytes, usedBytes }).toEqual({
      trashBytes: 0,
      usedBytes: before.usedBytes - before.trashBytes,
    });
  });

  it('moves a file, and a file over another, which goes to the trash', async () => {
    const { 'a/1': first, 'a/two': second } = await view('target');
    await rclone.run('moveto', 'disk:target/a/1', 'disk:target/a/one');
    expect(await view('target')).toMatchObject({ 'a/one': first, 'a/two': second });
    await rclone.run('moveto', 'disk:target/a/one', 'disk:target/a/two');
    const { 'a/two': moved, ...rest } = await view('target');
    expect(moved).toEqual(first);
    expect(Object.keys(rest)).not.toContain('a/one');
    expect(await trashed()).toEqual(['disk:/target/a/two']);
  });

  it('moves a whole folder by one request and waits until it is there', async () => {
    const before = await diskView(disk.control, 'disk:/target/a');
    await disk.control.post('statistics/reset');
    await rclone.run('move', 'disk:target/a', 'disk:elsewhere/Новый дом');
    expect(await view('elsewhere/Новый дом')).toEqual(before);
    expect(Object.keys(await view('target'))).not.toContain('a');
    expect(await count('resources.move')).toBe(1);
    expect(await routes()).toContain('operations.get');
  });

  it('copies on the server: a file, and a folder', async () => {
    await disk.control.post('statistics/reset');
    await rclone.run('copyto', 'disk:target/new/file', 'disk:target/new/copy');
    const { 'new/copy': copy, 'new/file': original } = await view('target');
    expect(copy).toEqual(original);
    await rclone.run('copy', 'disk:elsewhere', 'disk:copied');
    expect(await view('copied')).toEqual(await view('elsewhere'));
    expect(await routes()).not.toContain('uploader.put');
    expect(await routes()).not.toContain('storage.get');
  });

  it('is refused a copy onto a file, which this version asks for without overwriting', async () => {
    const before = await view('target');
    const onto = 'disk:target/Письма/Привет, мир.txt';
    const { code, stderr } = await rclone.attempt(['copyto', 'disk:target/new/file', onto]);
    expect(code).toBe(1);
    expect(stderr).toContain('409 - DiskResourceAlreadyExistsError');
    expect(await view('target')).toEqual(before);
  });

  it('publishes, and withdraws', async () => {
    const link = (await rclone.run('link', 'disk:target/new/file')).trim();
    const published = async () => (await disk.control.beneath('disk:/target')).get('new/file')?.publicUrl;
    expect(link).toMatch(/^https:\/\/yadi\.sk\/d\/\S{14}$/);
    expect(await published()).toBe(link);
    // It withdraws, and then misses the address that is gone.
    const { stderr } = await rclone.attempt(['link', '--unlink', 'disk:target/new/file']);
    expect(stderr).toContain('no link path received');
    expect(await published()).toBeUndefined();
  });

  it('makes folders, and removes empty ones only', async () => {
    await rclone.run('mkdir', 'disk:folders/Первая/Вторая/Третья');
    await rclone.run('touch', 'disk:folders/full/file');
    await rclone.run('mkdir', 'disk:folders/full/empty/emptier');
    expect(Object.keys(await view('folders'))).toEqual([
      'full',
      'full/empty',
      'full/empty/emptier',
      'full/file',
      'Первая',
      'Первая/Вторая',
      'Первая/Вторая/Третья',
    ]);
    const { code, stderr } = await rclone.attempt(['rmdir', 'disk:folders/full']);
    expect({ code, said: stderr.includes('directory not empty') }).toEqual({ code: 1, said: true });
    await rclone.run('rmdirs', 'disk:folders');
    expect(Object.keys(await view('folders'))).toEqual(['full', 'full/file']);
  });

  it('deletes one file, the files of a tree, and a tree', async () => {
    await rclone.run('deletefile', 'disk:target/new/copy');
    expect(Object.keys(await view('target/new'))).toEqual(['file']);
    await rclone.run('delete', 'disk:elsewhere');
    expect(Object.values(await view('elsewhere')).filter((seen) => seen !== 'folder')).toEqual([]);
    await disk.control.post('statistics/reset');
    await rclone.run('purge', 'disk:target');
    expect(await count('resources.delete')).toBe(1);
    const { entries } = await disk.control.tree();
    expect(entries.filter(({ path }) => path.startsWith('disk:/target'))).toEqual([]);
    expect(await trashed()).toContain('disk:/target');
  });

  it('deletes for good when told to', async () => {
    await rclone.run('cleanup', 'disk:');
    expect(await emptied()).toBe(true);
    await rclone.run('purge', '--yandex-hard-delete', 'disk:copied');
    await rclone.run('delete', '--yandex-hard-delete', 'disk:folders');
    expect(await trashed()).toEqual([]);
    expect(Object.keys(await view('folders'))).toEqual(['full']);
  });

  async function routes(): Promise<string[]> {
    return Object.keys(await tallies());
  }

  async function count(route: string): Promise<number> {
    return (await tallies())[route]?.count ?? 0;
  }

  async function tallies(): Promise<Record<string, { count: number }>> {
    return ((await disk.control.get('statistics')) as { routes: Record<string, { count: number }> }).routes;
  }
});
