import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type WritingDisk, writingDisk } from '../writing/writing-disk.ts';

/** Nothing differs here from the Disk any more. */
async function settled(disk: WritingDisk): Promise<void> {
  await disk.flush();
  const left = async () => {
    const { uploads, operations, unconfirmed } = (await disk.status()).queue;
    return uploads + operations + unconfirmed;
  };
  await expect.poll(left, { timeout: 30_000 }).toBe(0);
}

async function cut(disk: WritingDisk): Promise<void> {
  disk.disk.wire.cut({});
  onTestFinished(() => disk.disk.wire.restore());
}

/** Whoever looks once a folder is sent looks at the Disk: so nobody does before the network is gone. */
describe('a folder that was made here, and into which nobody has looked since', { timeout: 90_000 }, () => {
  it('is empty without a network, and can be worked in', async () => {
    const disk = await writingDisk();
    await mkdir(disk.path('made'));
    await settled(disk);
    await cut(disk);
    expect(await readdir(disk.path('made'))).toEqual([]);
    await writeFile(disk.path('made/file'), 'written off line');
    await mkdir(disk.path('made/inner'));
    expect((await readdir(disk.path('made'))).sort()).toEqual(['file', 'inner']);
    expect(await readFile(disk.path('made/file'), 'utf8')).toBe('written off line');
    await disk.disk.wire.restore();
    await disk.flush();
    expect(disk.servedPaths()).toEqual(['made/', 'made/file', 'made/inner/']);
  });

  it('is so where the Disk had made it and its answer was lost', async () => {
    const disk = await writingDisk();
    disk.fault({ route: 'resources.put' }, { kind: 'lost-reply' }, 1);
    await mkdir(disk.path('made'));
    await settled(disk);
    await cut(disk);
    expect(await readdir(disk.path('made'))).toEqual([]);
    await writeFile(disk.path('made/file'), 'written off line');
    expect(await readdir(disk.path('made'))).toEqual(['file']);
  });

  it('is so where a listing has shown it before the mount knew that it is there', async () => {
    const disk = await writingDisk({ mountArguments: ['--poll-interval', '0.2s'] });
    await readdir(disk.mountpoint);
    disk.fault({ route: 'resources.put' }, { kind: 'lost-reply' }, 1);
    const gate = disk.disk.wire.hold({ route: 'resources.put', stage: 'before' });
    await mkdir(disk.path('made'));
    await gate.arrived();
    disk.disk.model.putFile('disk:/other', 'x');
    disk.disk.model.mkdir('disk:/made');
    await expect.poll(() => readdir(disk.mountpoint), { timeout: 20_000 }).toContain('other');
    gate.release();
    await settled(disk);
    await cut(disk);
    expect(await readdir(disk.path('made'))).toEqual([]);
  });

  it('is so in each moment after it was sent', async () => {
    const disk = await writingDisk();
    await mkdir(disk.path('made'));
    await disk.flush();
    await cut(disk);
    for (let look = 0; look < 20; look++) {
      expect(await readdir(disk.path('made'))).toEqual([]);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });

  it('is so after a restart too', async () => {
    const disk = await writingDisk();
    await mkdir(disk.path('made'));
    await settled(disk);
    await disk.remount();
    await cut(disk);
    expect(await readdir(disk.path('made'))).toEqual([]);
  });

  it('is never taken for empty where others had made it before', async () => {
    const disk = await writingDisk({ mountArguments: ['--poll-interval', '1h'] });
    await readdir(disk.mountpoint);
    disk.disk.model.putFile('disk:/made/theirs', 'theirs');
    await mkdir(disk.path('made'));
    await settled(disk);
    await cut(disk);
    await expect(readdir(disk.path('made'))).rejects.toMatchObject({
      code: expect.stringMatching(/EIO|ENETUNREACH/),
    });
    await disk.disk.wire.restore();
    await expect
      .poll(() => readdir(disk.path('made')).catch(() => []), { timeout: 20_000 })
      .toEqual(['theirs']);
  });
});
