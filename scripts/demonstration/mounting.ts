import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const program = join(import.meta.dirname, '../../dist/cli/main.js');
const mountTimeoutMs = 20_000;
const endTimeoutMs = 10_000;
const lookIntervalMs = 30;

/** A mount, served by a process of its own. */
export interface Mounting {
  /** Resolves with the last words of the process when it has ended, wanted or not. */
  readonly ended: Promise<string>;
  /** Unmounts and waits for the end; a process that does not end by itself is killed, its mount taken away. */
  stop(): Promise<void>;
}

/** Starts `yadiskfs mount` and waits until the mount is there.
 * @param mountpoint absolute, an empty folder
 * @param environment in addition to this process's own
 * @param words where its log goes, besides being kept for the end
 * @throws Error with the words of the process when it does not come to a mount
 */
export async function startMount(
  mountpoint: string,
  options: readonly string[],
  environment: Readonly<Record<string, string>>,
  words?: NodeJS.WritableStream,
): Promise<Mounting> {
  // A process group of its own: Ctrl-C is for us, who then end it in good order.
  const child = spawn(process.execPath, [program, 'mount', mountpoint, ...options], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  if (words) child.stderr.pipe(words, { end: false });
  const ended = lastWords(child);
  const mounting: Mounting = { ended, stop: () => stop(child, mountpoint, ended) };
  const startMs = performance.now();
  while (!(await isMounted(mountpoint))) {
    const words = await Promise.race([ended, sleep(lookIntervalMs, null)]);
    if (words !== null) throw new Error(`the mount did not come about:\n${words}`);
    if (performance.now() - startMs > mountTimeoutMs) {
      await mounting.stop();
      throw new Error(`no mount after ${mountTimeoutMs / 1000} s:\n${await ended}`);
    }
  }
  return mounting;
}

async function stop(child: ChildProcess, mountpoint: string, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  if ((await Promise.race([ended, sleep(endTimeoutMs, null)])) === null) {
    child.kill('SIGKILL');
    await detach(mountpoint);
    await ended;
  }
  if (await isMounted(mountpoint)) await detach(mountpoint);
}

/** As the kernel lists it; looking at the mount itself could hang. */
export async function isMounted(mountpoint: string): Promise<boolean> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const escaped = mountpoint.replace(
    /[\s\\]/g,
    (sign) => `\\${sign.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return lines.some((line) => line.split(' ')[4] === escaped);
}

async function detach(mountpoint: string): Promise<void> {
  await new Promise((resolve) => execFile('fusermount3', ['-u', '-z', '--', mountpoint], resolve));
}

async function lastWords(child: ChildProcess): Promise<string> {
  let words = '';
  child.stderr?.on('data', (piece: Buffer) => {
    words = `${words}${piece}`.slice(-8_000);
  });
  const [code, signal] = await once(child, 'close');
  return `${words}(ended with ${signal ?? `exit code ${code}`})`;
}
