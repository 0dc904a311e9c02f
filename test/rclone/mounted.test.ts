import { appendFile, mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { privateEnvironment, program } from '../mount/mounted-disk.ts';
import { EnclosedDisk } from './enclosed-disk.ts';
import { Rclone } from './rclone.ts';
import { diskView, localView, type Seen, type View } from './views.ts';

/** The program as it is delivered: with the addresses that it has built in. */
describe('what rclone wrote, seen through a mount of the same Disk', () => {
  let disk: EnclosedDisk;
  let rclone: Rclone;
  let source: string;
  let mountpoint: string;

  beforeAll(async () => {
    disk = await EnclosedDisk.open({ settings: { operationMs: 50, finalAfterMs: 0 } });
    rclone = await Rclone.on(disk);
    [source, mountpoint] = [join(disk.folder, 'source'), join(disk.folder, 'mount')];
    for (const [path, content, modified] of [
      ['empty', '', '2000-01-01T00:00:00Z'],
      ['Документы/Привет, мир.txt', 'Привет\n', '2023-05-06T07:08:09.123456789Z'],
      ['Документы/ещё/a & b %20 + ?.txt', 'signs', '1999-12-31T23:59:59.999999999Z'],
      ['before the epoch', 'old', '1965-04-03T02:01:00.5Z'],
      ['large.bin', Buffer.alloc(3_000_000, 'yadiskfs'), '2026-02-03T04:05:06.000000001Z'],
    ] as const) {
      await mkdir(dirname(join(source, path)), { recursive: true });
      await writeFile(join(source, path), content);
      const { code } = await disk.namespace.run(['touch', '-d', modified, join(source, path)]);
      expect(code).toBe(0);
    }
    await rclone.run('copy', source, 'disk:target');
    await mkdir(mountpoint);
    await yadiskfs('mount', mountpoint, '--read-only', '--daemon', '--poll-interval', '1s');
  });

  afterAll(async () => {
    await yadiskfs('umount', mountpoint).finally(() => disk.close());
  });

  /** Runs our program inside. */
  async function yadiskfs(...args: readonly string[]): Promise<void> {
    const { YADISKFS_API_URL: _, ...environment } = privateEnvironment(disk.folder, {
      apiUrl: '',
      token: disk.token,
    });
    const { code, stderr } = await disk.namespace.run([process.execPath, program, ...args], {
      env: { ...environment, TMPDIR: process.env['TMPDIR'], NODE_EXTRA_CA_CERTS: disk.certificates.caFile },
    });
    if (code !== 0) throw new Error(`yadiskfs ${args.join(' ')} ended with ${code}: ${stderr}`);
  }

  /** A folder of the mount, as stat and md5sum see it. */
  async function mountView(path: string): Promise<View> {
    const inside = async (script: string) => {
      const folder = join(mountpoint, path);
      const { code, stdout, stderr } = await disk.namespace.run([
        'sh',
        '-ec',
        `cd "$1"; ${script}`,
        'sh',
        folder,
      ]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return stdout.split('\0').slice(0, -1);
    };
    const sums = await inside('find . -type f -print0 | xargs -0r md5sum --zero');
    const md5Of = new Map(sums.map((line) => [line.slice('./'.length + 34), line.slice(0, 32)]));
    const found = await inside("find . -mindepth 1 -exec stat --printf '%s %.9Y %F %n\\0' {} +");
    const entries = found.map((line): [string, Seen] => {
      const [, size, time = '', kind, name = ''] =
        /^(\d+) (\S+) (directory|.*file) \.\/(.*)$/s.exec(line) ?? [];
      if (kind === 'directory') return [name, 'folder'];
      const modifiedNs = String(BigInt(time.replace('.', '')));
      return [name, { sizeBytes: Number(size), md5: md5Of.get(name) ?? '', modifiedNs }];
    });
    return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)));
  }

  it('has the same names, bytes and dates', async () => {
    const local = await localView(source);
    expect(await diskView(disk.control, 'disk:/target')).toEqual(local);
    expect(await mountView('target')).toEqual(local);
  });

  it('follows what rclone changes', async () => {
    await appendFile(join(source, 'Документы', 'Привет, мир.txt'), 'ещё раз\n');
    await rename(join(source, 'empty'), join(source, 'Документы', 'пусто'));
    await rm(join(source, 'large.bin'));
    await utimes(join(source, 'before the epoch'), 0, 1_234_567_890.25);
    await rclone.run('sync', source, 'disk:target');
    const local = await localView(source);
    expect(await diskView(disk.control, 'disk:/target')).toEqual(local);
    for (let tries = 0; tries < 30; tries++) {
      // What changes while find and md5sum are at it they cannot find any more.
      const seen = await mountView('target').catch(() => undefined);
      if (JSON.stringify(seen) === JSON.stringify(local)) break;
      await sleep(500);
    }
    expect(await mountView('target')).toEqual(local);
  });

  it('is the same to rclone check, on the mount as a plain folder', async () => {
    const { code, stderr } = await rclone.attempt(['check', join(mountpoint, 'target'), 'disk:target']);
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('0 differences found'),
    });
  });
});
