import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { testFolder } from '../mount/mounted-disk.ts';
import { writingDisk } from '../mount/writing/writing-disk.ts';
import { differences } from './differences.ts';
import { disagreements, observe } from './observing.ts';

describe('a folder like any other', { timeout: 180_000 }, () => {
  it('does with every call what the local disk does, but for what is known to differ', async () => {
    const local = await testFolder();
    onTestFinished(() => rm(local, { recursive: true, force: true }));
    // What it is like here: nothing is sent meanwhile.
    const disk = await writingDisk({ mountArguments: ['--write-back', '1h'] });
    await mkdir(disk.path('folder'));
    const onMount = await observe(disk.path('folder'));
    const onDisk = await observe(local);
    expect(Object.keys(onMount)).toEqual(Object.keys(onDisk));
    expect(disagreements(onMount, onDisk)).toEqual({});
    for (const name of Object.keys(differences)) expect(onDisk).toHaveProperty([name]);
    // All of it is gone again, and was never sent.
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['folder/']);
    expect(disk.count('uploader.put', 'resources.patch', 'resources.delete')).toBe(0);
    expect(await disk.unsent()).toEqual([]);
  });

  it('tells the same while all is sent and looked at at once', async () => {
    const local = await testFolder();
    onTestFinished(() => rm(local, { recursive: true, force: true }));
    const disk = await writingDisk({ mountArguments: ['--write-back', '0s', '--poll-interval', '200ms'] });
    await mkdir(join(disk.mountpoint, 'folder'));
    const names = [
      'what is done to a link itself',
      'links and others take each others place',
      'rename over a file brings its own mode',
      'a removed file goes on for who has it open',
      'what comes and goes moves the date of the folder',
      'what is told of a file moves its ctime alone',
      'attributes follow the file',
      'chmod of files and folders',
      'dates that are set',
    ];
    const onMount = await observe(disk.path('folder'), ...names);
    expect(disagreements(onMount, await observe(local, ...names))).toEqual({});
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['folder/']);
    expect(await disk.unsent()).toEqual([]);
    expect(await disk.conflicts()).toEqual([]);
  });
});
