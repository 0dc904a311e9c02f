import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { program, programEnvironment, runBeside } from '../crash/program.ts';

const startTimeoutMs = 60_000;
const endTimeoutMs = 60_000;
const flushTimeoutSeconds = 600;

const statusSchema = z.object({
  mounts: z.array(
    z.object({
      mountpoint: z.string(),
      state: z.string(),
      unsent: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })),
      conflicts: z.array(z.object({ path: z.string(), copy: z.string() })),
    }),
  ),
});

const lineSchema = z.object({ level: z.number(), msg: z.string() }).loose();
/** A line of the drive's log. */
export type LogLine = z.infer<typeof lineSchema>;

interface MountOptions {
  /** What it keeps lies here, and `disk` is where it mounts. */
  readonly folder: string;
  /** What starts programs where it is to run. */
  readonly prefix: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Of `mount`. */
  readonly mountArguments: readonly string[];
  readonly onLog: (line: LogLine) => void;
}

/** The program itself, mounting, with folders of its own. */
export class Mount {
  readonly mountpoint: string;
  readonly #options: MountOptions;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #words = '';
  #isMounted = false;

  private constructor(options: MountOptions) {
    const { folder, prefix, environment, mountArguments } = options;
    this.mountpoint = join(folder, 'disk');
    this.#options = options;
    this.#environment = programEnvironment(folder, environment);
    const [command = '', ...args] = [...prefix, process.execPath, program, 'mount', this.mountpoint];
    this.#child = spawn(command, [...args, ...mountArguments], {
      env: this.#environment,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#hear(line));
    this.#ended = once(this.#child, 'exit').then(([code, signal]) =>
      this.#hear(`It ended with ${code ?? signal}`),
    );
  }

  /** @throws Error with its words when it does not mount */
  static async start(options: MountOptions): Promise<Mount> {
    await mkdir(join(options.folder, 'disk'), { recursive: true });
    const mount = new Mount(options);
    const startedMs = performance.now();
    while (!mount.#isMounted) {
      if (mount.#child.exitCode !== null || performance.now() - startedMs > startTimeoutMs) {
        await mount.close();
        throw new Error(`The mount did not come about:\n${mount.lastWords()}`);
      }
      await sleep(50);
    }
    return mount;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Until all of it is sent. @throws Error with its words */
  async flush(): Promise<void> {
    await this.run('flush', this.mountpoint, '--timeout', `${flushTimeoutSeconds}s`);
  }

  async status(): Promise<z.infer<typeof statusSchema>['mounts'][number]> {
    const { mounts } = statusSchema.parse(JSON.parse(await this.run('status', this.mountpoint, '--json')));
    const [mount] = mounts;
    if (!mount) throw new Error('No mount tells of itself');
    return mount;
  }

  /** A command beside it. @returns what it printed. @throws Error with its words */
  run(...args: readonly string[]): Promise<string> {
    return runBeside(args, {
      environment: this.#environment,
      timeoutMs: (flushTimeoutSeconds + 30) * 1000,
      lastWords: () => this.lastWords(),
      prefix: this.#options.prefix,
    });
  }

  /** Ends it in good order. @throws Error when it does not end, or not well */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const ended = await Promise.race([this.#ended, sleep(endTimeoutMs, 'late', { ref: false })]);
    if (ended === 'late' || this.#child.exitCode !== 0)
      throw new Error(`The mount ended with ${this.#child.exitCode}:\n${this.lastWords()}`);
  }

  /** Whatever has become of it. */
  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
      await this.#ended;
    }
    const [command = '', ...rest] = [...this.#options.prefix, 'fusermount3', '-uz', this.mountpoint];
    await promisify(execFile)(command, rest).catch(() => {});
  }

  lastWords(): string {
    return this.#words;
  }

  #hear(text: string): void {
    this.#words = `${this.#words}${text}\n`.slice(-4_000);
    appendFileSync(join(this.#options.folder, 'drive.log'), `${text}\n`);
    if (!text.startsWith('{')) return;
    const line = lineSchema.parse(JSON.parse(text));
    if (line['event'] === 'mounted' || line.msg === 'mounted') this.#isMounted = true;
    this.#options.onLog(line);
  }
}
