import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writable } from '../mount/mounted-disk.ts';
import { standingDisk } from '../mount/standing-disk.ts';
import { compare, compareElsewhere, ended, flush } from './exercising.ts';

const run = promisify(execFile);

/** How fio writes: by pwrite(2), or by a shared mapping. */
export const engines = ['psync', 'mmap'] as const;

/** Blocks of all sizes at random, read among them; each carries its checksum. */
const job = [
  '--size=24m',
  '--rw=randrw',
  '--rwmixread=30',
  '--bsrange=4k-64k',
  '--blockalign=4k',
  '--randseed=7',
  '--fsync=100',
  '--verify=crc32c',
  '--verify_fatal=1',
];

/** Whether it is installed: it comes with the Debian package of its name, and is asked for by nothing else. */
export async function hasFio(): Promise<boolean> {
  return run('fio', ['--version']).then(
    () => true,
    () => false,
  );
}

/**
 * fio writes a file of a mount and checks it; again after a flush and a kill -9, as the next mount has it; what the server holds is compared
 * with that, and with what a machine reads that has never seen the file. Rejects with the words of fio.
 */
export async function verifyByFio(engine: (typeof engines)[number]): Promise<void> {
  const standing = await standingDisk({ standIn: { settings: { finalAfterMs: 0, operationMs: 20 } } });
  const name = `fio-${engine}`;
  const fio = async (...more: string[]) => {
    const where = [`--name=${engine}`, `--ioengine=${engine}`, `--filename=${standing.path(name)}`];
    await run('fio', [...where, ...job, ...more], { maxBuffer: 16 << 20, cwd: standing.folder });
  };
  try {
    const manner = [writable, '--write-back', '100ms', '--snapshot-quiet', '200ms', '--poll-interval', '1s'];
    const mount = await standing.mount(...manner);
    await fio();
    await flush(standing);
    await mount.kill();
    const next = await standing.mount(...manner);
    await fio('--verify_only=1');
    const models = await mkdtemp(join(standing.folder, 'models-'));
    await writeFile(join(models, name), standing.disk.model.read(`disk:/${name}`));
    await compare(standing.mountpoint, models, `${name}: the mount`);
    await ended(next);
    await compareElsewhere(standing, models, `${name}: another machine`);
  } finally {
    await standing.close();
  }
}
