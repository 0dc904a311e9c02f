import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { writingDisk } from './writing-disk.ts';

const run = promisify(execFile);
const long = { timeout: 60_000 };
const film = randomBytes(17 << 20);

/** With a film of some size that is on the server only. */
async function withFilm(settings = {}) {
  const disk = await writingDisk({ settings, mountArguments: ['--write-back', '1s'] });
  disk.disk.model.putFile('disk:/films/film.mp4', film);
  await expect.poll(() => readdir(disk.path('films')).catch(() => [])).toEqual(['film.mp4']);
  disk.count('resources.copy', 'resources.move', 'uploader.put');
  return disk;
}

describe('what the server has already', long, () => {
  it('cp of a file inside the mount: the server copies it, and its date is the one that cp gave it', async () => {
    const disk = await withFilm();
    const before = disk.disk.wire.statistics.snapshot().routes;
    await run('cp', [disk.path('films/film.mp4'), disk.path('copy.mp4')]);
    await run('touch', ['-d', '2001-02-03T04:05:06Z', disk.path('copy.mp4')]);
    await disk.flush();
    expect(disk.servedBytes('copy.mp4')?.equals(film)).toBe(true);
    expect(disk.disk.model.find('disk:/copy.mp4')?.properties).toEqual({
      rclone_modified: '2001-02-03T04:05:06Z',
    });
    expect(disk.count('resources.copy')).toBe(1);
    expect(disk.count('uploader.put', 'resources.upload-link')).toBe(0);
    expect(before['uploader.put']).toBeUndefined();
    expect(disk.servedPaths()).toEqual(['copy.mp4', 'films/', 'films/film.mp4']);
    await disk.remount();
    expect((await readFile(disk.path('copy.mp4'))).equals(film)).toBe(true);
  });

  it('cp over a file, then rm of the source: two requests and no bytes', async () => {
    const disk = await withFilm();
    disk.disk.model.putFile('disk:/doc.mp4', 'old');
    await expect.poll(() => readFile(disk.path('doc.mp4'), 'utf8').catch(() => '')).toBe('old');
    const { ino } = await stat(disk.path('doc.mp4'));
    await run('cp', [disk.path('films/film.mp4'), disk.path('doc.mp4')]);
    await rm(disk.path('films'), { recursive: true });
    await disk.flush();
    expect(disk.servedBytes('doc.mp4')?.equals(film)).toBe(true);
    expect(disk.servedPaths()).toEqual(['doc.mp4']);
    expect([disk.count('resources.copy'), disk.count('resources.move'), disk.count('uploader.put')]).toEqual([
      1, 1, 0,
    ]);
    expect(await readdir(disk.mountpoint)).toEqual(['doc.mp4']);
    expect((await stat(disk.path('doc.mp4'))).ino).toBe(ino);
  });

  it('killed with the copy on its way: the next mount finds it, or makes it', async () => {
    const disk = await withFilm();
    disk.disk.model.putFile('disk:/doc.mp4', 'old');
    await expect.poll(() => readFile(disk.path('doc.mp4'), 'utf8').catch(() => '')).toBe('old');
    const gate = disk.disk.wire.hold({ route: 'resources.copy', stage: 'before-response', count: 2 });
    for (const name of ['copy.mp4', 'doc.mp4'])
      await run('cp', [disk.path('films/film.mp4'), disk.path(name)]);
    await gate.arrived(2);
    await disk.crash();
    gate.release();
    await disk.flush();
    for (const name of ['copy.mp4', 'doc.mp4']) expect(disk.servedBytes(name)?.equals(film)).toBe(true);
    expect(disk.servedPaths()).toEqual(['copy.mp4', 'doc.mp4', 'films/', 'films/film.mp4']);
    expect([disk.count('resources.copy'), disk.count('uploader.put')]).toEqual([2, 0]);
  });
});
