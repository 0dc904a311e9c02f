import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { writable } from '../mounted-disk.ts';
import { standingDisk } from '../standing-disk.ts';

const run = promisify(execFile);

// Only root may mount a disk that is small enough to be full.
it.runIf(process.getuid?.() === 0)(
  'with the disk of the state folder completely full, rm and mv are ENOSPC and do nothing, reading goes on, and all is done when there is room again',
  async () => {
    const standing = await standingDisk({
      standIn: { settings: { operationMs: 20 } },
      fill: ({ model }) => {
        for (const name of ['kept', 'gone', 'moved']) model.putFile(`disk:/${name}`, name);
      },
    });
    const stateFolder = String(standing.environment['YADISKFS_STATE_DIR']);
    const filler = join(stateFolder, 'filler');
    await mkdir(stateFolder);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', stateFolder]);
    try {
      const mount = await standing.mount(writable, '--write-back', '100ms', '--poll-interval', '300ms');
      const { path, disk } = standing;
      expect((await readdir(standing.mountpoint)).sort()).toEqual(['gone', 'kept', 'moved']);
      await writeFile(filler, Buffer.alloc(4 << 20)).catch(() => {});
      const full = { code: 'ENOSPC' };
      await expect(unlink(path('gone'))).rejects.toMatchObject(full);
      await expect(rename(path('moved'), path('elsewhere'))).rejects.toMatchObject(full);
      await expect(mkdir(path('made'))).rejects.toMatchObject(full);
      expect((await readdir(standing.mountpoint)).sort()).toEqual(['gone', 'kept', 'moved']);
      expect(await readFile(path('kept'), 'utf8')).toBe('kept');
      await rm(filler);
      await unlink(path('gone'));
      await rename(path('moved'), path('elsewhere'));
      const names = () => [...disk.model.disk.walk(disk.model.disk.root)].map((node) => node.name).sort();
      await expect.poll(names, { timeout: 10_000 }).toEqual(['elsewhere', 'kept']);
      expect((await readdir(standing.mountpoint)).sort()).toEqual(['elsewhere', 'kept']);
      expect(await mount.end()).toBe(0);
    } finally {
      await run('umount', ['-l', stateFolder]);
      await standing.close();
    }
  },
  30_000,
);
