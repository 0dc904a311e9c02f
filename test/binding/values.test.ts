import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  statfsSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { expectAttributes } from './extended-attributes.ts';
import { mendInstalled, ServedProcess } from './served-process.ts';

/** The bits of the flags that are a number: read, write or both. */
const ACCESS_MODE = 3;

/** Past 32 bits, and past where a double of half the width would round. */
const FIRST_INO = 2 ** 52 + 1;

describe('what passes between programs and the file system', () => {
  let served: ServedProcess;
  let fileCount = 0;
  let file: string;
  let inside: string;

  beforeAll(async () => {
    mendInstalled();
    served = await ServedProcess.mounted(
      { firstIno: FIRST_INO },
      { attrTimeoutSec: 0, entryTimeoutSec: 0, atomicTruncate: true },
    );
  });
  afterAll(() => served.stop());
  beforeEach(async () => {
    inside = `/file-${fileCount++}`;
    file = served.path(inside);
    await served.ask('addFile', inside, 'the content');
  });

  test('inode numbers are whole up to 2^53', () => {
    const { ino } = statSync(file, { bigint: true });
    expect(ino).toBeGreaterThan(BigInt(FIRST_INO));
    const listed = spawnSync('ls', ['-i', served.folder], { encoding: 'utf8' }).stdout;
    expect(listed).toContain(`${ino} ${inside.slice(1)}`);
  });

  test('sizes of the file system are whole beyond 32 bits', () => {
    const { bsize, blocks, bfree, bavail, files, ffree } = statfsSync(served.folder);
    expect({ bsize, blocks, bfree, bavail, files, ffree }).toEqual({
      bsize: 4096,
      blocks: 2 ** 38,
      bfree: 2 ** 37,
      bavail: 2 ** 36,
      files: 2 ** 33,
      ffree: 2 ** 32 + 5,
    });
  });

  test('a listing tells types without asking for each, and has "." and ".."', async () => {
    await served.ask('addFolder', '/types');
    await served.ask('addFolder', '/types/folder');
    await served.ask('addFile', '/types/file', '');
    const before = await served.ask('countOf', 'getattr');
    const entries = readdirSync(served.path('types'), { withFileTypes: true });
    expect(entries.map((entry) => [entry.name, entry.isDirectory(), entry.isFile()]).toSorted()).toEqual([
      ['file', false, true],
      ['folder', true, false],
    ]);
    // For the folder itself at most: on the way to it, and when it is opened.
    expect((await served.ask('countOf', 'getattr')) - before).toBeLessThan(4);
    expect(spawnSync('ls', ['-a', served.path('types')], { encoding: 'utf8' }).stdout).toBe(
      '.\n..\nfile\nfolder\n',
    );
  });

  test('a listing of 100,000 names is whole', async () => {
    await served.ask('addFiles', '/many', 100_000);
    const names = readdirSync(served.path('many'));
    expect(names).toHaveLength(100_000);
    expect(new Set(names).size).toBe(100_000);
    expect(names[99_999]).toBe('file 99999');
  });

  test('create and open get the flags of the program', async () => {
    const created = served.path('created');
    closeSync(openSync(created, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o640));
    const [, mode, createFlags] = (await served.ask('callsOf', 'create')).at(-1) ?? [];
    expect(Number(mode) & 0o777).toBe(0o640 & ~process.umask());
    expect(Number(createFlags) & ACCESS_MODE).toBe(constants.O_WRONLY);
    expect(Number(createFlags) & constants.O_EXCL).toBe(constants.O_EXCL);

    closeSync(openSync(created, constants.O_RDWR | constants.O_TRUNC | constants.O_APPEND));
    const [, openFlags] = (await served.ask('callsOf', 'open')).at(-1) ?? [];
    expect(Number(openFlags) & ACCESS_MODE).toBe(constants.O_RDWR);
    expect(Number(openFlags) & constants.O_TRUNC).toBe(constants.O_TRUNC);
    expect(Number(openFlags) & constants.O_APPEND).toBe(constants.O_APPEND);
  });

  test('pages are dropped at open, kept with keepCache, and not used at all with directIo', async () => {
    const readsOf = async (action: () => void): Promise<number> => {
      const before = await served.ask('countOf', 'read');
      action();
      return (await served.ask('countOf', 'read')) - before;
    };
    readFileSync(file);
    expect(await readsOf(() => readFileSync(file))).toBeGreaterThan(0);

    await served.ask('answerOpens', { keepCache: true });
    expect(await readsOf(() => readFileSync(file))).toBe(0);

    await served.ask('answerOpens', { directIo: true });
    const handle = openSync(file, 'r');
    const piece = Buffer.alloc(4);
    expect(await readsOf(() => readSync(handle, piece, 0, 4, 0))).toBe(1);
    expect(await readsOf(() => readSync(handle, piece, 0, 4, 0))).toBe(1);
    closeSync(handle);
    await served.ask('answerOpens', {});
  });

  test('writes come in pieces of up to 128 KiB', async () => {
    const before = await served.ask('countOf', 'write');
    writeFileSync(file, Buffer.alloc(1 << 20, 7));
    expect((await served.ask('countOf', 'write')) - before).toBe(8);
    expect(readFileSync(file).equals(Buffer.alloc(1 << 20, 7))).toBe(true);
  });

  test('an error of read and of write reaches the program as itself', async () => {
    await served.ask('addFile', '/errors', 'never read');
    const handle = openSync(served.path('errors'), 'r+');
    const piece = Buffer.alloc(10);
    expect(() => readSync(handle, piece, 0, 10, 0)).toThrow(/EIO/);
    expect(() => writeSync(handle, piece, 0, 10, 0)).toThrow(/ENOSPC/);
    closeSync(handle);
  });

  test('each close flushes, with the handle; fsync says what it wants', async () => {
    const handle = openSync(file, 'r+');
    writeSync(handle, 'x');
    fsyncSync(handle);
    const again = spawnSync('sh', ['-c', 'exec 3>&-'], { stdio: ['ignore', 'ignore', 'ignore', handle] });
    expect(again.status).toBe(0);
    const flushed = async () => (await served.ask('callsOf', 'flush')).filter(([path]) => path === inside);
    const before = (await flushed()).length;
    expect(before).toBeGreaterThan(0);
    closeSync(handle);
    const flushes = await flushed();
    expect(flushes.length).toBe(before + 1);
    const [, syncedDataOnly, syncHandle] = (await served.ask('callsOf', 'fsync')).at(-1) ?? [];
    expect(syncedDataOnly).toBe(false);
    expect(flushes.at(-1)).toEqual([inside, syncHandle]);
    expect(Number(syncHandle)).toBeGreaterThan(0);
  });

  test('an open file that lost its name can be read, measured and cut', async () => {
    const handle = openSync(file, 'r+');
    unlinkSync(file);
    expect(fstatSync(handle).size).toBe('the content'.length);
    ftruncateSync(handle, 3);
    expect(fstatSync(handle).size).toBe(3);
    const [, truncatedHandle] = (await served.ask('callsOf', 'ftruncate')).at(-1) ?? [];
    expect(Number(truncatedHandle)).toBeGreaterThan(0);
    expect(() => statSync(file)).toThrow(/ENOENT/);
    closeSync(handle);
  });

  test('names that are not UTF-8 are refused, not changed', async () => {
    const before = await served.ask('countOf', 'create');
    const name = Buffer.concat([Buffer.from(`${served.folder}/bad-`), Buffer.from([0xff, 0xfe])]);
    expect(() => statSync(name)).toThrow(/ENOENT/);
    expect(() => writeFileSync(name, '')).toThrow(/EILSEQ|84/);
    expect(() => renameSync(file, name)).toThrow(/EILSEQ|84/);
    expect(await served.ask('countOf', 'create')).toBe(before);
    const good = served.path('по-русски 🙂');
    writeFileSync(good, 'да');
    expect(readFileSync(good, 'utf8')).toBe('да');
  });

  test('attributes: by name, by list, missing, and too long for the room', async () => {
    const asked = await served.ask('countOf', 'getxattr');
    expectAttributes(file);
    const names = (await served.ask('callsOf', 'getxattr')).slice(asked).map(([, name]) => name);
    expect(new Set(names)).toEqual(new Set(['user.a', 'user.b']));
  });

  test('a lock taken by one process holds another off', () => {
    const script = 'exec 3<>"$1"; flock -n 3 || exit 1; flock -n "$1" true && exit 2; exit 0';
    const { status, stderr } = spawnSync('sh', ['-c', script, 'sh', file], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
