import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { readMountTable, topAt } from '../../src/fuse/binding/mount-table.ts';
import type { Random } from '../../test/stand-in/random.ts';
import type { PowerCutDisk } from './power/power-cut-disk.ts';
import { program, programEnvironment, runBeside } from './program.ts';
import type { Subject, Unsent } from './subject.ts';

const startTimeoutMs = 60_000;
const endTimeoutMs = 60_000;
/** Everything that a campaign can have left unsent, through faults and settings that make it slow. */
const flushTimeoutSeconds = 300;
const logBytesKept = 20_000;

const statusSchema = z.object({
  mounts: z.array(
    z.object({
      mountpoint: z.string(),
      unsent: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })),
      conflicts: z.array(z.object({ path: z.string(), copy: z.string() })),
    }),
  ),
});

interface MountedOptions {
  /** For all that it keeps. */
  readonly work: string;
  readonly environment: Readonly<Record<string, string>>;
  /** For the options that a mount gets by chance. */
  readonly random: Random;
  /** Under the state folder, where power is lost. */
  readonly powerCutDisk: PowerCutDisk | undefined;
  readonly logLevel: string;
}

/** The program itself, mounting. */
export class MountedSubject implements Subject {
  readonly folder: string;
  readonly killed = 'server';
  readonly #options: MountedOptions;
  readonly #environment: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #words = '';

  private constructor(options: MountedOptions) {
    this.folder = join(options.work, 'disk');
    this.#options = options;
    this.#environment = programEnvironment(options.work, options.environment, options.powerCutDisk?.folder);
  }

  static async in(options: MountedOptions): Promise<MountedSubject> {
    const subject = new MountedSubject(options);
    await mkdir(subject.folder, { recursive: true });
    return subject;
  }

  async start(): Promise<void> {
    this.#spawn();
    const startedMs = performance.now();
    let hasEnded = false;
    void this.#ended.then(() => {
      hasEnded = true;
    });
    // What a killed process left there is taken away first; only the new one says that it has mounted.
    while (!(this.#words.includes('"mounted"') && (await this.#isMounted()))) {
      if (hasEnded) throw new Error(`The mount did not come about:\n${this.lastWords()}`);
      if (performance.now() - startedMs > startTimeoutMs)
        throw new Error(`No mount in time:\n${this.lastWords()}`);
      await sleep(20);
    }
  }

  async startAndDie(afterMs: number): Promise<void> {
    this.#spawn();
    await sleep(afterMs);
    await this.kill();
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#ended;
    await this.#options.powerCutDisk?.cut(this.#options.random.hex(8));
  }

  async stop(): Promise<void> {
    this.#child?.kill('SIGTERM');
    const ended = await Promise.race([this.#ended, sleep(endTimeoutMs, 'late', { ref: false })]);
    if (ended === 'late') throw new Error(`The mount does not end:\n${this.lastWords()}`);
    if (this.#child?.exitCode !== 0)
      throw new Error(`The mount ended with ${this.#child?.exitCode}:\n${this.lastWords()}`);
  }

  async flush(): Promise<void> {
    await this.#run('flush', this.folder, '--timeout', `${flushTimeoutSeconds}s`);
  }

  async unsent(): Promise<readonly Unsent[]> {
    return (await this.#status())?.unsent.map((one) => ({ ...one, path: pathOf(one.path) })) ?? [];
  }

  async conflicts(): Promise<readonly string[]> {
    return (await this.#status())?.conflicts.map(({ path, copy }) => `${path}: saved as ${copy}`) ?? [];
  }

  lastWords(): string {
    return this.#words.slice(-4_000);
  }

  async close(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#ended;
    for (let tries = 0; tries < 5 && (await this.#isMounted()); tries++)
      await promisify(execFile)('fusermount3', ['-uz', this.folder]).catch(() => {});
  }

  #spawn(): void {
    const { random, logLevel, work } = this.#options;
    const oneOf = (...values: readonly string[]) => values[random.below(values.length)] ?? '';
    const args = [
      ...['mount', this.folder, '--log-level', logLevel, '--poll-interval', oneOf('500ms', '3s')],
      ...['--write-back', oneOf('20ms', '300ms', '2s'), '--api-rate', oneOf('0', '0', '40')],
      `--neutral-upload-names=${oneOf('false', 'true')}`,
    ];
    const child = spawn(process.execPath, [program, ...args], {
      env: this.#environment,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#words = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#words = `${this.#words}${text}`.slice(-logBytesKept);
        appendFileSync(join(work, 'drive.log'), text);
      });
    this.#ended = once(child, 'exit');
  }

  async #isMounted(): Promise<boolean> {
    return topAt(await readMountTable(), this.folder) !== undefined;
  }

  async #status() {
    const { mounts } = statusSchema.parse(JSON.parse(await this.#run('status', this.folder, '--json')));
    return mounts.find(({ mountpoint }) => mountpoint === this.folder);
  }

  #run(...args: readonly string[]): Promise<string> {
    return runBeside(args, {
      environment: this.#environment,
      timeoutMs: (flushTimeoutSeconds + 30) * 1000,
      lastWords: () => this.lastWords(),
    });
  }
}

/** As workers name it: below the mountpoint, without a slash. */
function pathOf(told: string): string {
  return told.replace(/^(disk:)?\/+/, '');
}
