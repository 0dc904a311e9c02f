import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { writingDisk } from './writing-disk.ts';

const long = { timeout: 90_000 };
const film = randomBytes(600_000);
const other = randomBytes(500_000);

/** At this speed a file would take a minute. */
const slow = { throttledMediaTypes: ['data', 'compressed', 'video'], throttleBytesPerSecond: 10_000 };

describe('with --neutral-upload-names', long, () => {
  it('a film comes at the speed of the line, and under its own name only', async () => {
    const disk = await writingDisk({ settings: slow, mountArguments: ['--neutral-upload-names'] });
    await writeFile(disk.path('film.mp4'), film);
    await writeFile(disk.path('text.txt'), film);
    await disk.flush();
    await writeFile(disk.path('film.mp4'), other);
    await disk.flush();
    expect(disk.servedBytes('film.mp4')?.equals(other)).toBe(true);
    expect(disk.servedPaths()).toEqual(['film.mp4', 'text.txt']);
    expect([disk.count('uploader.put'), disk.count('resources.move')]).toEqual([3, 2]);
    expect((await readdir(disk.mountpoint)).sort()).toEqual(['film.mp4', 'text.txt']);
  });

  it('killed between the bytes and the move: the next mount moves it, and nobody sees another name', async () => {
    const disk = await writingDisk({
      settings: slow,
      files: { 'old.zip': 'old' },
      mountArguments: ['--neutral-upload-names'],
    });
    expect(await readdir(disk.mountpoint)).toEqual(['old.zip']);
    const gate = disk.disk.wire.hold({ route: 'resources.move', stage: 'before', count: 2 });
    await writeFile(disk.path('film.mp4'), film);
    await writeFile(disk.path('old.zip'), other);
    await gate.arrived(2);
    expect(disk.served('old.zip')).toBe('old');
    expect(disk.servedPaths().filter((path) => path.startsWith('.yadiskfs-'))).toHaveLength(2);
    // More than one interval of the poll: the folder is listed meanwhile.
    await sleep(1_200);
    expect((await readdir(disk.mountpoint)).sort()).toEqual(['film.mp4', 'old.zip']);
    await disk.crash();
    expect((await readdir(disk.mountpoint)).sort()).toEqual(['film.mp4', 'old.zip']);
    expect((await readFile(disk.path('old.zip'))).equals(other)).toBe(true);
    gate.release();
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['film.mp4', 'old.zip']);
    expect(disk.servedBytes('film.mp4')?.equals(film)).toBe(true);
    expect(disk.servedBytes('old.zip')?.equals(other)).toBe(true);
    expect(disk.count('uploader.put')).toBe(2);
    await rm(disk.path('old.zip'));
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['film.mp4']);
  });
});
