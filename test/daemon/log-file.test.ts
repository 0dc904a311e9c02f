import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLog } from '../../src/daemon/log.ts';
import { LogFile } from '../../src/daemon/log-file.ts';
import { testFolder } from '../mount/mounted-disk.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await testFolder();
  file = join(folder, 'yadiskfs.log');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Ten bytes. */
const line = (number: number) => `${String(number).padStart(9, '0')}\n`;
const numbersIn = async (path: string) => (await readFile(path, 'utf8')).trim().split('\n').map(Number);
const bounds = { fileBytes: 100, oldFiles: 3 };

describe('a log in a file', () => {
  it('keeps to its bounds, and the newest lines, in order', async () => {
    const log = new LogFile(file, bounds);
    for (let number = 0; number < 95; number++) log.write(line(number));
    expect((await readdir(folder)).sort()).toEqual([
      'yadiskfs.log',
      'yadiskfs.log.1',
      'yadiskfs.log.2',
      'yadiskfs.log.3',
    ]);
    const kept: number[] = [];
    for (const name of ['.3', '.2', '.1', '']) {
      expect((await stat(`${file}${name}`)).size).toBeLessThanOrEqual(bounds.fileBytes);
      kept.push(...(await numbersIn(`${file}${name}`)));
    }
    expect(kept).toEqual(Array.from({ length: 35 }, (_, index) => 60 + index));
  });

  it('loses no line to several writers', async () => {
    const writers = [1, 2, 3].map(() => new LogFile(file, { fileBytes: 100, oldFiles: 20 }));
    for (let number = 0; number < 150; number++) writers[number % 3]?.write(line(number));
    const names = await readdir(folder);
    const all = (await Promise.all(names.map((name) => numbersIn(join(folder, name))))).flat();
    expect(all.sort((one, other) => one - other)).toEqual(Array.from({ length: 150 }, (_, index) => index));
    expect(names).not.toContain('yadiskfs.log.lock');
  });

  it('goes on under its name when somebody has moved or removed it', async () => {
    const log = new LogFile(file, bounds);
    log.write(line(1));
    await rename(file, join(folder, 'elsewhere'));
    log.write(line(2));
    expect(await numbersIn(join(folder, 'elsewhere'))).toEqual([1]);
    expect(await numbersIn(file)).toEqual([2]);
    await rm(file);
    log.write(line(3));
    expect(await numbersIn(file)).toEqual([3]);
  });

  it('that one process is putting aside is written on by the others; a dead one is no hindrance', async () => {
    const log = new LogFile(file, bounds);
    for (let number = 0; number < 10; number++) log.write(line(number));
    await writeFile(`${file}.lock`, '');
    log.write(line(10));
    expect(await numbersIn(file)).toHaveLength(11);
    await utimes(`${file}.lock`, new Date(0), new Date(0));
    log.write(line(11));
    log.write(line(12));
    expect(await numbersIn(file)).toEqual([12]);
    expect(await numbersIn(`${file}.1`)).toHaveLength(12);
  });

  it('is for its owner only, in folders for him only', async () => {
    const deep = join(folder, 'state', 'deep', 'yadiskfs.log');
    await openLog({ level: 'info', file: deep, mayGoWithout: false });
    for (const path of [join(folder, 'state'), join(folder, 'state', 'deep'), deep])
      expect((await stat(path)).mode & 0o077, path).toBe(0);
  });

  it('behind a link leaves the link alone', async () => {
    await mkdir(join(folder, 'target'));
    await symlink(join(folder, 'target', 'real.log'), file);
    const log = new LogFile(file, bounds);
    for (let number = 0; number < 15; number++) log.write(line(number));
    expect((await readdir(join(folder, 'target'))).sort()).toEqual(['real.log', 'real.log.1']);
    expect(await readdir(folder)).toEqual(['target', 'yadiskfs.log']);
  });

  it.skipIf(process.getuid?.() !== 0)('on a full disk loses lines, and goes on with whole ones', async () => {
    const small = join(folder, 'small');
    await mkdir(small);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small]);
    // Not every container may.
    if (mounted.status !== 0) return;
    try {
      const full = join(small, 'yadiskfs.log');
      const log = new LogFile(full);
      const entry = (number: number) => `${JSON.stringify({ number, text: 'x'.repeat(700) })}\n`;
      for (let number = 0; number < 200; number++) log.write(entry(number));
      const before = (await readFile(full, 'utf8')).split('\n');
      // The disk was full in the middle of a line.
      expect(before.at(-1)).not.toBe('');
      // Room comes back behind its back, and the same file goes on.
      spawnSync('mount', ['-o', 'remount,size=256k', small]);
      for (let number = 200; number < 203; number++) log.write(entry(number));
      const after = (await readFile(full, 'utf8')).split('\n');
      expect(after.slice(before.length, -1).map((line) => JSON.parse(line).number)).toEqual([200, 201, 202]);
    } finally {
      spawnSync('umount', ['-l', small]);
    }
  });

  it('that is no file is only written to', async () => {
    const log = new LogFile('/dev/null', { fileBytes: 1, oldFiles: 1 });
    for (let number = 0; number < 3; number++) log.write(line(number));
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
  });
});
