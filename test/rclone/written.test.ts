import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { privateEnvironment, program } from '../mount/mounted-disk.ts';
import { EnclosedDisk } from './enclosed-disk.ts';
import { Rclone } from './rclone.ts';

/** Each reads the other's dates, and neither loses what only one of them knows. */
describe('what a mount wrote, seen and changed by rclone', () => {
  let disk: EnclosedDisk;
  let rclone: Rclone;
  let mountpoint: string;

  beforeAll(async () => {
    disk = await EnclosedDisk.open({ settings: { operationMs: 50, finalAfterMs: 0 } });
    rclone = await Rclone.on(disk);
    mountpoint = join(disk.folder, 'mount');
    await mkdir(mountpoint);
    await yadiskfs('mount', mountpoint, '--daemon', '--poll-interval', '500ms', '--write-back', '0s');
    await inside(`
      printf '#!/bin/sh\\necho ran\\n' > run; chmod 755 run; touch -d '2001-02-03T04:05:06.123456789Z' run
      printf plain > plain; touch -d '1969-12-31T23:59:58.5Z' plain
      ln -s run link; touch -hd '2010-01-01T00:00:00Z' link
      printf x > 'имя'; touch -d '1970-01-01T00:00:00Z' 'имя'`);
    await yadiskfs('flush', mountpoint);
  });

  afterAll(async () => {
    await yadiskfs('umount', mountpoint).finally(() => disk.close());
  });

  /** Runs our program in the namespace. */
  async function yadiskfs(...args: readonly string[]): Promise<void> {
    const own = privateEnvironment(disk.folder, { apiUrl: '', token: disk.token });
    const { YADISKFS_API_URL: _, ...environment } = own;
    const { code, stderr } = await disk.namespace.run([process.execPath, program, ...args], {
      env: { ...environment, TMPDIR: process.env['TMPDIR'], NODE_EXTRA_CA_CERTS: disk.certificates.caFile },
    });
    if (code !== 0) throw new Error(`yadiskfs ${args.join(' ')} ended with ${code}: ${stderr}`);
  }

  /** Runs a script in the mount. */
  async function inside(script: string): Promise<string> {
    const { code, stdout, stderr } = await disk.namespace.run([
      'sh',
      '-ec',
      `cd "$1"; ${script}`,
      '-',
      mountpoint,
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  }

  it('has the same dates in rclone lsl, to the nanosecond', async () => {
    const listed = await rclone.run('lsl', 'disk:');
    const lines = listed
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
    expect(
      Object.fromEntries(lines.map(([size, day, time, name]) => [name, `${size} ${day} ${time}`])),
    ).toEqual({
      run: '19 2001-02-03 04:05:06.123456789',
      plain: '5 1969-12-31 23:59:58.500000000',
      link: '3 2010-01-01 00:00:00.000000000',
      имя: '1 1970-01-01 00:00:00.000000000',
    });
  });

  it('keeps its mode when rclone dates or renames it, and has none where rclone has put other bytes', async () => {
    await rclone.run('touch', 'disk:run', '--timestamp', '2015-05-05T05:05:05');
    await rclone.run('moveto', 'disk:link', 'disk:moved');
    const other = join(disk.folder, 'other');
    await writeFile(other, 'other bytes');
    await rclone.run('copyto', other, 'disk:run2');
    await inside('chmod 700 plain');
    await yadiskfs('flush', mountpoint);
    const seen = 'stat -c "%A %n %N" plain run run2 moved 2>&1 | sed "s/ .* -> / -> /"; ./run';
    await expect.poll(() => inside(seen).catch(String), { timeout: 20_000 }).toContain("lrwxrwxrwx -> 'run'");
    expect(await inside('stat -c %A plain run run2; date -u -r run +%Y-%m-%d; ./run')).toBe(
      ['-rwx------', '-rwxr-xr-x', '-rw-r--r--', '2015-05-05', 'ran', ''].join('\n'),
    );
    await rclone.run('copyto', other, 'disk:run');
    await expect
      .poll(() => inside('cat run; stat -c %A run'), { timeout: 20_000 })
      .toBe('other bytes-rw-r--r--\n');
  });
});
