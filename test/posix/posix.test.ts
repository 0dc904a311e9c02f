import { chmod, chown, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isWhole } from '../all-tests.ts';
import { testFolder } from '../mount/mounted-disk.ts';
import { writingDisk } from '../mount/writing/writing-disk.ts';
import { differences } from './differences.ts';
import { disagreements, observe, ordinaryUser, outlived } from './observing.ts';

const isRoot = process.getuid?.() === 0;
/** All of them, and all ways for an ordinary user: scripts/exercise, and scripts/test --all. */
const short = !isWhole;
/** What it is like here: nothing is sent meanwhile. */
const unhurried = ['--write-back', '1h'];
/** Whom root becomes for some of them. */
const letOthersIn = isRoot ? ['--allow-other'] : [];
/** Of a paid plan: some files are larger than a free one takes. */
const settings = { maxFileSizeBytes: 50 * 1024 ** 3 };

async function localFolder(user?: number): Promise<string> {
  const folder = await testFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  if (user !== undefined) await chown(folder, user, user);
  return folder;
}

describe('a folder like any other', { timeout: 900_000 }, () => {
  it('does with every call what the local disk does, but for what is known to differ', async () => {
    const local = await localFolder();
    const disk = await writingDisk({ settings, mountArguments: [...unhurried, ...letOthersIn] });
    await mkdir(disk.path('folder'));
    const onMount = await observe(disk.path('folder'), { short });
    const onDisk = await observe(local, { short });
    expect(Object.keys(onMount)).toEqual(Object.keys(onDisk));
    expect(disagreements(onMount, onDisk)).toEqual({});
    for (const name of Object.keys(differences)) expect(onDisk).toHaveProperty([name]);
    if (isRoot) expect(outlived(onMount, onDisk)).toEqual([]);
    // All of it is gone again, and was never sent.
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['folder/']);
    expect(disk.count('uploader.put', 'resources.patch', 'resources.delete')).toBe(0);
    expect(await disk.unsent()).toEqual([]);
  });

  const lettingIn = ['--allow-other', '--uid', String(ordinaryUser), '--gid', String(ordinaryUser)];
  it
    .runIf(isRoot)
    .each([
      { what: 'who mounts', mounting: { user: ordinaryUser, mountArguments: unhurried } },
      ...(short
        ? []
        : [{ what: 'who is let in', mounting: { mountArguments: [...unhurried, ...lettingIn] } }]),
    ])('does so for an ordinary user $what', async ({ mounting }) => {
    const asking = { user: ordinaryUser, short, who: short };
    const disk = await writingDisk({ settings, ...mounting, files: { 'folder/there': 'bytes' } });
    await chmod(disk.folder, 0o755);
    const onMount = await observe(disk.path('folder'), asking);
    const onDisk = await observe(await localFolder(ordinaryUser), asking);
    expect(Object.keys(onMount)).toEqual(Object.keys(onDisk));
    expect(disagreements(onMount, onDisk)).toEqual({});
    expect(await disk.unsent()).toEqual([]);
  });

  it('tells the same while all is sent and looked at at once', async () => {
    const local = await localFolder();
    const hurried = ['--write-back', '0s', '--poll-interval', '200ms'];
    const disk = await writingDisk({ settings, mountArguments: [...hurried, ...letOthersIn] });
    await mkdir(join(disk.mountpoint, 'folder'));
    const few = [
      'what is done to a link itself',
      'links and others take each others place',
      'rename over a file brings its own mode',
      'a removed file goes on for who has it open',
      'what comes and goes moves the date of the folder',
      'what is told of a file moves its ctime alone',
      'attributes follow the file',
      'chmod of files and folders',
      'dates that are set',
      'rename over what is open',
      'what is replaced never seems to be missing',
      'rename again and again',
      'rename brings back what was removed',
      'every pair of dates',
    ];
    const onDisk = await observe(local, { names: isWhole ? [] : few });
    // So many files would tell no more when they are sent.
    delete onDisk['ten thousand entries'];
    const names = Object.keys(onDisk);
    expect(names.length).toBeGreaterThanOrEqual(few.length);
    const onMount = await observe(disk.path('folder'), { names });
    expect(Object.keys(onMount)).toEqual(names);
    expect(disagreements(onMount, onDisk)).toEqual({});
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['folder/']);
    expect(await disk.unsent()).toEqual([]);
    expect(await disk.conflicts()).toEqual([]);
  });
});
