import { createHash } from 'node:crypto';
import { access, constants, lstat, open, readdir, readFile, stat, statfs, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MountedDisk, mountDisk, output } from './mounted-disk.ts';

const bigBytes = 24 << 20;

describe('a mounted Disk, looked at', () => {
  let mounted: MountedDisk;

  beforeAll(async () => {
    mounted = await mountDisk({
      fill: ({ model }) => {
        model.putFile('disk:/Документы/Привет, мир.txt', 'Здравствуй, Диск!\n', {
          properties: { rclone_modified: '2023-05-06T07:08:09.123456789Z' },
        });
        model.putFile('disk:/empty', '');
        model.putFile('disk:/big.bin', { synthetic: { sizeBytes: bigBytes, seed: 'big' } });
        model.putFile('disk:/line\nend and "quotes" 👍', 'odd');
        model.putFile('disk:/a/b/c/d/e/deep.txt', 'deep');
        for (let index = 0; index < 2345; index++)
          model.putFile(`disk:/many/file ${index}`, `content ${index}`);
      },
    });
  });
  afterAll(() => mounted.close());

  it('lists folders with names exactly as the server has them', async () => {
    expect((await readdir(mounted.mountpoint)).sort()).toEqual(
      ['Документы', 'a', 'big.bin', 'empty', 'line\nend and "quotes" 👍', 'many'].sort(),
    );
    expect(await readFile(mounted.path('line\nend and "quotes" 👍'), 'utf8')).toBe('odd');
  });

  it('reads small files, and an empty one', async () => {
    expect(await readFile(mounted.path('Документы', 'Привет, мир.txt'), 'utf8')).toBe('Здравствуй, Диск!\n');
    expect((await readFile(mounted.path('empty'))).length).toBe(0);
  });

  it('lists a folder of several pages complete, and tells files from folders', async () => {
    const entries = await readdir(mounted.path('many'), { withFileTypes: true });
    expect(new Set(entries.map((entry) => entry.name)).size).toBe(2345);
    expect(entries.every((entry) => entry.isFile() || !entry.isDirectory())).toBe(true);
    expect((await stat(mounted.path('many', 'file 2344'))).size).toBe('content 2344'.length);
  });

  it('reads a large file right, front to back and at offsets', async () => {
    const digest = createHash('sha256');
    const file = await open(mounted.path('big.bin'));
    try {
      for await (const chunk of file.createReadStream({ autoClose: false })) digest.update(chunk);
      expect(digest.digest('hex')).toBe(
        await output('getfattr', '-n', 'user.yadisk.sha256', '--only-values', mounted.path('big.bin')),
      );
    } finally {
      await file.close();
    }
    const whole = await readFile(mounted.path('big.bin'));
    const offsets = [0, 1, 131071, 131072, 5_000_001, bigBytes - 5, bigBytes - 1, bigBytes, bigBytes + 10];
    const again = await open(mounted.path('big.bin'));
    try {
      for (const offset of offsets) {
        const { bytesRead, buffer } = await again.read(Buffer.alloc(200_000), 0, 200_000, offset);
        expect(buffer.subarray(0, bytesRead).equals(whole.subarray(offset, offset + 200_000))).toBe(true);
        expect(bytesRead).toBe(Math.max(0, Math.min(200_000, bigBytes - offset)));
      }
    } finally {
      await again.close();
    }
  });

  it('shows dates as rclone stores them, sizes, and stable inode numbers', async () => {
    const shown = await stat(mounted.path('Документы', 'Привет, мир.txt'), { bigint: true });
    expect(shown.mtimeMs).toBe(BigInt(Date.parse('2023-05-06T07:08:09.123Z')));
    expect(shown.size).toBe(BigInt(Buffer.byteLength('Здравствуй, Диск!\n')));
    expect((await stat(mounted.path('Документы', 'Привет, мир.txt'), { bigint: true })).ino).toBe(shown.ino);
    expect((await stat(mounted.path('big.bin'))).blocks).toBe(bigBytes / 512);
  });

  it('shows the quota in statfs', async () => {
    const shown = await statfs(mounted.mountpoint);
    const totalBytes = mounted.disk.settings.totalSpaceBytes;
    const { usedBytes } = mounted.disk.model.disk;
    expect(shown.blocks * shown.bsize).toBe(totalBytes - (totalBytes % shown.bsize));
    expect(Math.abs(shown.bavail * shown.bsize - (totalBytes - usedBytes))).toBeLessThan(2 * shown.bsize);
  });

  it('tells what the Disk knows by attributes that are never listed', async () => {
    const file = mounted.path('Документы', 'Привет, мир.txt');
    const md5 = createHash('md5').update('Здравствуй, Диск!\n').digest('hex');
    expect(await output('getfattr', '-n', 'user.yadisk.md5', '--only-values', file)).toBe(md5);
    expect(await output('getfattr', '-d', '-m', '-', file)).toBe('');
    await expect(output('getfattr', '-n', 'user.yadisk.nothing', file)).rejects.toThrow(/No such attribute/);
  });

  it('refuses every change with EROFS', async () => {
    await expect(writeFile(mounted.path('new'), 'x')).rejects.toMatchObject({ code: 'EROFS' });
    await expect(writeFile(mounted.path('empty'), 'x')).rejects.toMatchObject({ code: 'EROFS' });
    await expect(access(mounted.mountpoint, constants.W_OK)).rejects.toMatchObject({ code: 'EROFS' });
    await access(mounted.mountpoint, constants.R_OK | constants.X_OK);
  });

  it('answers for what is not there and for names too long', async () => {
    await expect(stat(mounted.path('nothing'))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(stat(mounted.path('empty', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(lstat(mounted.path('x'.repeat(256)))).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
    await expect(lstat(mounted.path('x'.repeat(255)))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('serves find, tar and md5sum', async () => {
    const found = await output('find', mounted.mountpoint, '-type', 'f', '-print0');
    expect(found.split('\0').length - 1).toBe(2345 + 5);
    const sums = await output(
      'sh',
      '-c',
      `cd '${mounted.mountpoint}' && tar -cf - a many/*99 | tar -xf - --to-command='printf "%s " "$TAR_FILENAME"; cat; echo'`,
    );
    const lines = sums.trim().split('\n').sort();
    const packed = Array.from({ length: 2345 }, (_, index) => index).filter((index) => index % 100 === 99);
    const expected = packed.map((index) => `many/file ${index} content ${index}`);
    expect(lines).toEqual(['a/b/c/d/e/deep.txt deep', ...expected].sort());
  });
});
