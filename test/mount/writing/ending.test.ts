import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { isMounted, program } from '../mounted-disk.ts';
import { type WritingDisk, writingDisk } from './writing-disk.ts';

/* The end of a mount, for whoever wants everything on the server by then. */

const long = { timeout: 90_000 };
const never = ['--write-back', '1h'];

/** Holds the upload that comes after so many. */
function holdUpload(disk: WritingDisk, skip = 0) {
  return disk.disk.wire.hold({ route: 'uploader.put', stage: 'before-commit', skip });
}

describe('umount --wait', long, () => {
  it('sends what is changed while it waits, too', async () => {
    const disk = await writingDisk({ files: { 'old.txt': 'old' }, mountArguments: never });
    await writeFile(disk.path('first.txt'), 'first');
    const gate = holdUpload(disk);
    const ending = disk.run('umount', '--wait', disk.mountpoint);
    await gate.arrived();
    await mkdir(disk.path('folder'));
    await writeFile(disk.path('folder/second.txt'), 'second');
    await writeFile(disk.path('old.txt'), 'new');
    gate.release();
    expect(await ending).toMatchObject({ code: 0, stderr: '' });
    expect(await isMounted(disk.mountpoint)).toBe(false);
    await expect.poll(() => disk.mounted().process.exitCode).toBe(0);
    expect([disk.served('first.txt'), disk.served('folder/second.txt'), disk.served('old.txt')]).toEqual([
      'first',
      'second',
      'new',
    ]);
  });

  it('leaves nothing of a program that goes on writing until the mount is gone', async () => {
    const disk = await writingDisk({ mountArguments: never });
    const written = new Map<string, string>();
    let isOver = false;
    const writing = (async () => {
      for (let count = 0; !isOver; count++) {
        const name = `file ${count}`;
        await writeFile(disk.path(name), `text ${count}`);
        // Else it may lie in the folder beneath.
        if (await isMounted(disk.mountpoint)) written.set(name, `text ${count}`);
        await sleep(30);
      }
    })();
    await expect.poll(() => written.size).toBeGreaterThan(10);
    let ended = await disk.run('umount', '--wait', disk.mountpoint);
    // A file was open at that very moment.
    while (ended.stderr.includes('In use')) ended = await disk.run('umount', '--wait', disk.mountpoint);
    isOver = true;
    await writing;
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect([...written.keys()].map((name) => [name, disk.served(name)])).toEqual([...written]);
  });

  it('given up after the mount is gone, it leaves the rest for the next one', async () => {
    const disk = await writingDisk({ mountArguments: never });
    await writeFile(disk.path('first.txt'), 'first');
    const [first, second] = [holdUpload(disk), holdUpload(disk, 1)];
    const command = spawn(process.execPath, [program, 'umount', '--wait', disk.mountpoint], {
      env: disk.environment,
      stdio: 'ignore',
    });
    await first.arrived();
    await writeFile(disk.path('second.txt'), 'second');
    first.release();
    await second.arrived();
    expect(await isMounted(disk.mountpoint)).toBe(false);
    command.kill('SIGINT');
    expect((await once(command, 'exit'))[0]).toBe(130);
    await expect.poll(() => disk.mounted().process.exitCode, { timeout: 10_000 }).toBe(0);
    second.release();
    await disk.remount();
    await disk.flush();
    expect([disk.served('second.txt'), await disk.unsent()]).toEqual(['second', []]);
  });
});
