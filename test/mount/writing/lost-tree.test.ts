import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type WritingDisk, writingDisk } from './writing-disk.ts';

/*
 * What is known of the Disk can be lost: by damage, or by a loss of power since nobody asked for it to be safe. What is unsent stands in
 * folders that are known from there alone.
 */

const long = { timeout: 90_000 };
const never = ['--write-back', '1h'];

/** kill -9, and everything that was known of the Disk is gone, or damaged. */
async function loseTree(disk: WritingDisk, how: 'gone' | 'damaged'): Promise<void> {
  await disk.mounted().kill();
  for (const folder of await disk.stateFolders())
    for (const name of (await readdir(folder)).filter((file) => file.startsWith('tree.db')))
      if (how === 'gone') await rm(join(folder, name));
      else await writeFile(join(folder, name), 'x'.repeat(8192));
  await disk.crash();
}

describe('what is known of the Disk is lost', long, () => {
  for (const how of ['gone', 'damaged'] as const)
    it(`what is unsent deep in folders of others is where it was: ${how}`, async () => {
      const disk = await writingDisk({
        files: {
          'a/b/c/old.txt': 'old',
          'a/b/c/other.txt': 'other',
          'a/b/gone.txt': 'x',
          'a/b/d/e/f.txt': 'f',
        },
        mountArguments: never,
      });
      await writeFile(disk.path('a/b/c/old.txt'), 'changed');
      await writeFile(disk.path('a/b/c/new.txt'), 'new');
      await rm(disk.path('a/b/gone.txt'));
      await mkdir(disk.path('a/b/d/made'));
      await writeFile(disk.path('a/b/d/made/within.txt'), 'within');
      await rename(disk.path('a/b/d/e/f.txt'), disk.path('a/b/f.txt'));
      await loseTree(disk, how);
      expect((await readdir(disk.path('a/b'))).sort()).toEqual(['c', 'd', 'f.txt']);
      expect((await readdir(disk.path('a/b/c'))).sort()).toEqual(['new.txt', 'old.txt', 'other.txt']);
      expect(await readFile(disk.path('a/b/c/old.txt'), 'utf8')).toBe('changed');
      expect(await readFile(disk.path('a/b/d/made/within.txt'), 'utf8')).toBe('within');
      expect(await readdir(disk.path('a/b/d/e'))).toEqual([]);
      await disk.flush();
      expect(disk.servedPaths()).toEqual([
        ...['a/', 'a/b/', 'a/b/c/', 'a/b/c/new.txt', 'a/b/c/old.txt', 'a/b/c/other.txt'],
        ...['a/b/d/', 'a/b/d/e/', 'a/b/d/made/', 'a/b/d/made/within.txt', 'a/b/f.txt'],
      ]);
      expect([disk.served('a/b/c/old.txt'), disk.served('a/b/f.txt')]).toEqual(['changed', 'f']);
      expect(await disk.unsent()).toEqual([]);
    });

  it('also when nobody looks before it is sent', async () => {
    const disk = await writingDisk({ files: { 'a/b/old.txt': 'old' }, mountArguments: never });
    await writeFile(disk.path('a/b/old.txt'), 'changed');
    await writeFile(disk.path('a/b/new.txt'), 'new');
    await loseTree(disk, 'gone');
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['a/', 'a/b/', 'a/b/new.txt', 'a/b/old.txt']);
    expect(disk.served('a/b/old.txt')).toBe('changed');
    expect((await readdir(disk.path('a/b'))).sort()).toEqual(['new.txt', 'old.txt']);
  });

  it('a folder that others have moved meanwhile is found again, with what is unsent in it', async () => {
    const disk = await writingDisk({
      files: { 'a/b/old.txt': 'old', 'x/y.txt': 'y' },
      mountArguments: never,
    });
    await writeFile(disk.path('a/b/old.txt'), 'changed');
    await writeFile(disk.path('a/b/new.txt'), 'new');
    disk.disk.model.move('disk:/a/b', 'disk:/x/b');
    await loseTree(disk, 'gone');
    expect(await readdir(disk.path('a'))).toEqual([]);
    expect((await readdir(disk.path('x/b'))).sort()).toEqual(['new.txt', 'old.txt']);
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['a/', 'x/', 'x/b/', 'x/b/new.txt', 'x/b/old.txt', 'x/y.txt']);
    expect(disk.served('x/b/old.txt')).toBe('changed');
  });

  it('what stands in a folder of ours that came to the Disk before is where it was', async () => {
    const disk = await writingDisk({ files: { 'a/x': 'x' } });
    await mkdir(disk.path('a/made/deep'), { recursive: true });
    await disk.flush();
    await disk.remount(...never);
    await writeFile(disk.path('a/made/deep/new.txt'), 'new');
    await loseTree(disk, 'gone');
    expect(await readdir(disk.path('a/made/deep'))).toEqual(['new.txt']);
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['a/', 'a/made/', 'a/made/deep/', 'a/made/deep/new.txt', 'a/x']);
  });
});
