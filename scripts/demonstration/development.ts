import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Mounting, startMount } from './mounting.ts';
import { say, serveDemoDisk, stopSignal, untilStopped } from './served-disk.ts';

/*
 * The demonstration's Disk on any folder, for working on the program: options go to `yadiskfs mount`, its log comes
 * through. scripts/dev-mount starts it. Usage: development.ts MOUNTPOINT [OPTION…]
 */

const [mountpoint = '', ...options] = process.argv.slice(2);
const signal = stopSignal();
const folder = await mkdtemp(join(tmpdir(), 'yadiskfs-dev-'));
const { standIn, mountEnvironment } = await serveDemoDisk(
  Number(process.env['STAND_IN_DELAY_MS'] ?? 0),
  folder,
);
say(`control: ${standIn.controlUrl}`);

let mounting: Mounting | undefined;
try {
  await mkdir(mountpoint, { recursive: true });
  mounting = await startMount(mountpoint, options, mountEnvironment, process.stderr);
  say(`mounted at ${mountpoint}; Ctrl-C ends it`);
  await untilStopped(mounting.ended, signal);
} catch (error) {
  console.error(`demo: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  await mounting?.stop();
  await standIn.close();
  await rm(folder, { recursive: true, force: true });
}
process.exit();
