import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseMountTable, topAt } from '../../src/fuse/binding/mount-table.ts';
import type { Site } from './site.ts';

const mountTimeoutMs = 30_000;
/** A mount that has learnt a million names may have some of them to put away. */
const endTimeoutMs = 30_000;
const lookIntervalMs = 5;
/** Of /proc/PID/stat; the same on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** A mount that is there, and the process that serves it. */
export class Mounted {
  readonly mountpoint: string;
  /** From the start of the program until the kernel listed the mount. */
  readonly mountSeconds: number;
  readonly #site: Site;
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;

  private constructor(
    site: Site,
    mountpoint: string,
    mountSeconds: number,
    child: ChildProcess,
    ended: Promise<string>,
  ) {
    this.#site = site;
    this.mountpoint = mountpoint;
    this.mountSeconds = mountSeconds;
    this.#child = child;
    this.#ended = ended;
  }

  /** @throws Error with the words of the program when it does not come to a mount. */
  static async by(site: Site, mountpoint: string, start: () => ChildProcess): Promise<Mounted> {
    const startedMs = performance.now();
    const child = start();
    const ended = lastWords(child);
    const seconds = () => (performance.now() - startedMs) / 1000;
    while (!(await isMounted(child, mountpoint))) {
      const words = await Promise.race([ended, sleep(lookIntervalMs, null)]);
      if (words !== null) throw new Error(`the mount did not come about:\n${words}`);
      if (seconds() * 1000 > mountTimeoutMs) {
        child.kill('SIGKILL');
        throw new Error(`no mount after ${mountTimeoutMs / 1000} s:\n${await ended}`);
      }
    }
    return new Mounted(site, mountpoint, seconds(), child, ended);
  }

  /** Memory of the process in bytes. */
  async memory(): Promise<{ readonly residentBytes: number; readonly peakBytes: number }> {
    const status = await readFile(`/proc/${this.#child.pid}/status`, 'utf8');
    const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
    return { residentBytes: kibibytes('VmRSS') * 1024, peakBytes: kibibytes('VmHWM') * 1024 };
  }

  /** What the process has used of the processors so far. */
  async cpuSeconds(): Promise<number> {
    const stat = await readFile(`/proc/${this.#child.pid}/stat`, 'utf8');
    // The name in parentheses may hold blanks; the third field follows it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  }

  /** Unmounts; a process that does not end by itself is killed, its mount taken away. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    if ((await Promise.race([this.#ended, sleep(endTimeoutMs, null)])) !== null) return;
    const take = this.#site.spawn(['fusermount3', '-uz', this.mountpoint], { stdio: 'ignore' });
    this.#child.kill('SIGKILL');
    await Promise.all([once(take, 'close'), this.#ended]);
  }
}

/** As its own process sees it: the mount may be in another namespace than ours. */
async function isMounted(child: ChildProcess, mountpoint: string): Promise<boolean> {
  const text = await readFile(`/proc/${child.pid}/mountinfo`, 'utf8').catch(() => '');
  return topAt(parseMountTable(text), mountpoint) !== undefined;
}

async function lastWords(child: ChildProcess): Promise<string> {
  let words = '';
  child.stderr?.on('data', (piece: Buffer) => {
    words = `${words}${piece}`.slice(-4_000);
  });
  const [code, signal] = await once(child, 'close');
  return `${words}(ended with ${signal ?? `exit code ${code}`})`;
}
