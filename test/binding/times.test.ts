import { spawnSync } from 'node:child_process';
import { statSync, utimesSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TimeChange } from '../../src/fuse/binding/operations.ts';
import { mendInstalled, ServedProcess } from './served-process.ts';

function touch(...args: string[]): void {
  const { status, stderr } = spawnSync('touch', args, {
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
}

function timesNs(file: string): { atime: bigint; mtime: bigint } {
  const { atimeNs, mtimeNs } = statSync(file, { bigint: true });
  return { atime: atimeNs, mtime: mtimeNs };
}

const NS = 1_000_000_000n;
const sec = (iso: string) => BigInt(Date.parse(iso) / 1000) * NS;

describe('times on the mended binding', () => {
  let served: ServedProcess;
  let file: string;

  beforeAll(async () => {
    mendInstalled();
    served = await ServedProcess.mounted({}, { attrTimeoutSec: 0, entryTimeoutSec: 0 });
    await served.ask('addFile', '/file', 'content');
    file = served.path('file');
  });
  afterAll(() => served.stop());

  async function lastChange(): Promise<readonly [TimeChange, TimeChange]> {
    const [, atime, mtime] = (await served.ask('callsOf', 'utimens')).at(-1) ?? [];
    return [atime as TimeChange, mtime as TimeChange];
  }

  test('a change of mtime alone arrives, to the nanosecond, and says nothing of atime', async () => {
    touch('-a', '-d', '2001-02-03T04:05:06.5Z', file);
    touch('-m', '-d', '2011-12-13T14:15:16.789012345Z', file);
    expect(await lastChange()).toEqual(['omit', { sec: 1_323_785_716, nsec: 789_012_345 }]);
    expect(timesNs(file)).toEqual({
      atime: sec('2001-02-03T04:05:06Z') + 500_000_000n,
      mtime: sec('2011-12-13T14:15:16Z') + 789_012_345n,
    });
  });

  test('a change of atime alone leaves mtime', async () => {
    const { mtime } = timesNs(file);
    touch('-a', '-d', '1999-01-01T00:00:00.000000001Z', file);
    expect(await lastChange()).toEqual([{ sec: 915_148_800, nsec: 1 }, 'omit']);
    expect(timesNs(file)).toEqual({ atime: sec('1999-01-01T00:00:00Z') + 1n, mtime });
  });

  test('"now" comes as that, for both and for one', async () => {
    touch(file);
    expect(await lastChange()).toEqual(['now', 'now']);
    touch('-m', file);
    expect(await lastChange()).toEqual(['omit', 'now']);
  });

  test('two different times arrive apart', async () => {
    utimesSync(file, 1_000_000_000, 1_200_000_000);
    expect(await lastChange()).toEqual([
      { sec: 1_000_000_000, nsec: 0 },
      { sec: 1_200_000_000, nsec: 0 },
    ]);
  });

  test('years before 1970 go both ways', () => {
    touch('-d', '1931-05-06T07:08:09.25Z', file);
    expect(timesNs(file).mtime).toBe(sec('1931-05-06T07:08:09Z') + 250_000_000n);
  });

  test('cp -p and tar keep the time of what they copy', () => {
    const source = served.path('source');
    writeFileSync(source, 'some bytes');
    touch('-m', '-d', '2015-06-07T08:09:10.123456789Z', source);
    for (const command of [
      'cp -p source copy',
      'mkdir out',
      'tar --format=posix -cf archive source',
      'tar -xf archive -C out',
    ]) {
      const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: served.folder, encoding: 'utf8' });
      expect({ command, status, stderr }).toEqual({ command, status: 0, stderr: '' });
    }
    const expected = sec('2015-06-07T08:09:10Z') + 123_456_789n;
    expect(timesNs(served.path('copy')).mtime).toBe(expected);
    expect(timesNs(served.path('out/source')).mtime).toBe(expected);
  });
});
