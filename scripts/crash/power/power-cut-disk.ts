import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { typescript } from '../../../test/programs/typescript.ts';

/** A folder whose disk can lose power; what that leaves is told in volatile-disk.ts. */
export interface PowerCutDisk {
  readonly folder: string;
  /**
   * Power is lost and comes back: what was not synced is gone, by chance. Whoever had files open there must have ended. Where that can be
   * done the machine has also been started anew, as its boot id tells.
   */
  cut(seed: string): Promise<void>;
  close(): Promise<void>;
}

const program = join(import.meta.dirname, 'serve.ts');
const bootIdFile = '/proc/sys/kernel/random/boot_id';

/** @throws Error when it cannot be mounted */
export async function startPowerCutDisk(folder: string): Promise<PowerCutDisk> {
  await mkdir(folder, { recursive: true });
  const child = spawn(process.execPath, [...typescript(program), folder], {
    cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const heard = async (wanted: string) => {
    const { value, done } = await lines.next();
    if (done || value !== wanted) throw new Error(`The disk that can lose power has ended: ${value}`);
  };
  await heard('ready');
  return {
    folder,
    cut: async (seed) => {
      child.stdin.write(`cut ${seed}\n`);
      await heard('cut');
      await startMachineAnew(`${folder}.boot-id`);
    },
    close: async () => {
      child.stdin.end();
      const late = await Promise.race([ended, sleep(10_000, 'late', { ref: false })]);
      if (late === 'late') child.kill('SIGKILL');
    },
  };
}

/** Only in a namespace of mounts of our own (scripts/crash-test --power makes one): elsewhere it would be so for everybody. */
async function startMachineAnew(file: string): Promise<void> {
  if (process.env['YADISKFS_CRASH_NAMESPACE'] === undefined) return;
  await promisify(execFile)('umount', [bootIdFile]).catch(() => {}); // nothing is there the first time
  await writeFile(file, `${randomUUID()}\n`);
  await promisify(execFile)('mount', ['--bind', file, bootIdFile]);
}
