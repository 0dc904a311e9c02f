import { open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mountDisk, yadiskfs } from './mounted-disk.ts';
import { changingRoutes, writingDisk } from './writing/writing-disk.ts';

/* Commands that change how a mount works while it runs. */

const stateOf = (text: string) => JSON.parse(text).mounts[0];

describe('pause and resume', { timeout: 120_000 }, () => {
  it('send nothing, while everything else goes on, and then what is left', async () => {
    const { path, run, served, count, flush, mountpoint } = await writingDisk({ files: { there: 'there' } });
    expect(await run('pause')).toMatchObject({ code: 0, stdout: `Paused: ${mountpoint}\n` });
    count(...changingRoutes);
    await writeFile(path('new'), 'written while paused');
    expect(await readFile(path('there'), 'utf8')).toBe('there');
    expect(stateOf((await run('status', '--json')).stdout)).toMatchObject({
      state: 'paused',
      queue: { uploads: 1 },
    });
    expect((await run('status')).stdout).toContain('PAUSED: yadiskfs resume');
    // Who waits is told, and does not wait for ever; what is there already is there.
    expect(await run('flush', path('new'))).toMatchObject({
      code: 1,
      stderr: `yadiskfs: Sending is paused: ${mountpoint}\n  yadiskfs resume '${mountpoint}' lets it go on.\n`,
    });
    expect(await run('flush', path('there'))).toMatchObject({ code: 0 });
    expect(await run('umount', mountpoint, '--wait')).toMatchObject({ code: 1 });
    expect(count(...changingRoutes)).toBe(0);

    expect(JSON.parse((await run('resume', mountpoint, '--json')).stdout)).toEqual({ resumed: [mountpoint] });
    await flush();
    expect(served('new')).toBe('written while paused');
    expect(stateOf((await run('status', '--json')).stdout)).toMatchObject({ state: 'online' });
  });

  it('end an upload under way and a flush that waits, and begin it again', async () => {
    const { path, run, served, flush, disk } = await writingDisk();
    const gate = disk.wire.hold({ route: 'uploader.put', stage: 'before-commit', count: 1 });
    await writeFile(path('film'), Buffer.alloc(3 << 20, 'x'));
    const flushed = run('flush', path('film'));
    await gate.arrived();
    await run('pause');
    expect(await flushed).toMatchObject({ code: 1, stderr: expect.stringContaining('paused') });
    expect(stateOf((await run('status', '--json')).stdout).queue.active).toEqual([]);
    gate.release();
    await run('resume');
    await flush();
    expect(served('film')).toBe('x'.repeat(3 << 20));
  });
});

describe('limit', { timeout: 120_000 }, () => {
  it('shows and sets the rates of a running mount', async () => {
    const { run, mountpoint, path } = await writingDisk({ mountArguments: ['--down-limit', '1M'] });
    expect((await run('limit')).stdout).toBe(`${mountpoint}: no limit up, 1.0 MiB/s down\n`);
    expect((await run('limit', path(), '--up', '500K', '--down', 'off', '--json')).stdout).toBe(
      `${JSON.stringify({ limits: [{ mountpoint, upBytesPerSecond: 512_000, downBytesPerSecond: 0 }] })}\n`,
    );
    expect(stateOf((await run('status', '--json')).stdout).limits).toEqual({
      upBytesPerSecond: 512_000,
      downBytesPerSecond: 0,
    });
    expect((await run('status')).stdout).toContain('500 KiB/s up, no limit down');
    expect(await run('limit', '--up', 'fast')).toMatchObject({ code: 2 });
    expect(await run('limit', '/nowhere')).toMatchObject({ code: 1 });
  });
});

describe('cache', { timeout: 120_000 }, () => {
  it('tells what is kept, finds what has changed on the local disk, and gives the room back', async () => {
    const mounted = await mountDisk({
      fill: ({ model }) => {
        for (const name of ['a', 'b']) model.putFile(`disk:/${name}`, name.repeat(300_000));
      },
    });
    const { environment, mountpoint, path } = mounted;
    const run = (...args: string[]) => yadiskfs(environment, ...args);
    const caches = async (what: string) => JSON.parse((await run('cache', what, '--json')).stdout).caches;
    try {
      for (const name of ['a', 'b']) await readFile(path(name));
      await expect
        .poll(() => caches('stats'), { timeout: 20_000 })
        .toMatchObject([{ mountpoint, extents: 2 }]);
      expect(await caches('verify')).toMatchObject([{ blocks: 6, bytes: 600_000, wrongBlocks: 0 }]);

      await changeOneByte(String(environment['YADISKFS_CACHE_DIR']));
      expect(await run('cache', 'verify')).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('1 of them wrong'),
        stderr: expect.stringContaining('1 block of the cache had changed'),
      });
      expect(await caches('verify')).toMatchObject([{ extents: 1, wrongBlocks: 0 }]);
      expect(await readFile(path('a'), 'utf8')).toBe('a'.repeat(300_000));

      expect((await caches('clear'))[0].freedBytes).toBeGreaterThan(300_000);
      expect(await caches('stats')).toMatchObject([{ extents: 0, usedBytes: 0 }]);
      expect(await readFile(path('b'), 'utf8')).toBe('b'.repeat(300_000));
    } finally {
      await mounted.close();
    }
  });

  it('looks after what no mount uses', async () => {
    const { mounted, run, folder, path } = await (async () => {
      const writing = await writingDisk({ files: { a: 'a'.repeat(300_000) } });
      return { ...writing, mounted: writing.mounted() };
    })();
    await readFile(path('a'));
    expect(await mounted.end()).toBe(0);
    expect((await run('cache', 'stats')).stdout).toMatch(/: 29\d KiB in 1 file\n$|: 30\d KiB in 1 file\n$/);
    expect((await run('cache', 'verify')).stdout).toContain('in 3 blocks, all as written');
    expect(await run('cache', 'clear')).toMatchObject({ code: 0 });
    expect((await run('cache', 'stats')).stdout).toMatch(/: 0 bytes in 0 files\n$/);
    expect(await readdir(join(folder, 'cache'))).toHaveLength(1);
    expect(await run('cache', 'polish')).toMatchObject({ code: 2 });
    expect(await run('pause')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nothing is mounted'),
    });
  });
});

async function changeOneByte(cacheFolder: string): Promise<void> {
  const entries = await readdir(cacheFolder, { recursive: true, withFileTypes: true });
  const block = entries.find((entry) => entry.isFile() && /\/blocks\//.test(`${entry.parentPath}/`));
  const file = await open(join(block?.parentPath ?? '', block?.name ?? ''), 'r+');
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, 1000);
    await file.write(Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, 1000);
  } finally {
    await file.close();
  }
}
