import { mkdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolders } from '../src/make-folders.ts';
import { testFolder } from './mount/mounted-disk.ts';

let folder: string;
beforeEach(async () => {
  folder = await testFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('makes all that is missing, each with the permissions that are asked for', async () => {
  await makeFolders(join(folder, 'a', 'b', 'c'), 0o700);
  for (const path of ['a', 'a/b', 'a/b/c'])
    expect(((await stat(join(folder, path))).mode & 0o777).toString(8), path).toBe('700');
});

it('takes what is there, also behind a link, and also of several at once', async () => {
  await mkdir(join(folder, 'real'));
  await symlink('real', join(folder, 'link'));
  await makeFolders(join(folder, 'link'));
  const wanted = Array.from({ length: 20 }, () => join(folder, 'link', 'x', 'y', 'z'));
  await Promise.all(wanted.map((path) => makeFolders(path)));
  expect((await stat(join(folder, 'real/x/y/z'))).isDirectory()).toBe(true);
});

it('ends where none can be made', async () => {
  await writeFile(join(folder, 'file'), '');
  await symlink('nowhere', join(folder, 'dangling'));
  for (const [path, code] of [
    ['/proc/yadiskfs/deep', 'ENOENT'],
    ['/proc/yadiskfs', 'ENOENT'],
    [join(folder, 'file'), 'EEXIST'],
    [join(folder, 'file/deep/deeper'), 'ENOTDIR'],
    [join(folder, 'dangling/deep'), 'EEXIST'],
  ])
    await expect(makeFolders(path ?? ''), path).rejects.toMatchObject({ code });
});
