import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MountEnd } from '../../src/fuse/binding/mount.ts';
import { readMountTable } from '../../src/fuse/binding/mount-table.ts';
import type { MountOptions } from '../../src/fuse/binding/options.ts';
import { typescript } from '../programs/typescript.ts';
import type { Commands } from './server.ts';

const require = createRequire(import.meta.url);
const SERVER = fileURLToPath(new URL('server.ts', import.meta.url));
const MEND = fileURLToPath(new URL('../../scripts/mend-fuse-native/main.js', import.meta.url));
const NOBODY = 65_534;

/** How long a process may take to end once it was asked to. */
const END_TIMEOUT_MS = 10_000;

interface Setting {
  /** Uses the addon as published. */
  readonly unmended?: boolean;
  /** Serves as an ordinary user; when the tests do so anyway, as that one. */
  readonly asUser?: boolean;
  readonly firstIno?: number;
}

/** A process of `server.ts` with a folder to mount on. */
export class ServedProcess {
  readonly folder: string;
  readonly child: ChildProcess;
  readonly words: string[] = [];
  readonly ended: Promise<MountEnd>;
  readonly #answers = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  #nextId = 1;

  private constructor(folder: string, child: ChildProcess) {
    this.folder = folder;
    this.child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.words.push(text));
    this.ended = new Promise((resolve) => {
      child.on('message', (message: Message) => {
        if ('ended' in message) resolve(message.ended);
        if ('id' in message) this.#settle(message);
      });
    });
    child.on('exit', () => {
      for (const { reject } of this.#answers.values())
        reject(new Error(`the server ended: ${this.words.join('')}`));
    });
  }

  static async start(setting: Setting = {}): Promise<ServedProcess> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mount test ')));
    const asOther = setting.asUser === true && process.getuid?.() === 0;
    if (asOther) chmodSync(folder, 0o777);
    const command = [process.execPath, ...typescript(SERVER)];
    const [program = '', ...args] = asOther
      ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', ...command]
      : command;
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      cwd: '/',
      env: { ...process.env, ...environmentOf(setting) },
    });
    const served = new ServedProcess(folder, child);
    const [first] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
    if (typeof first !== 'object') throw new Error(`the server did not start: ${served.words.join('')}`);
    return served;
  }

  static async mounted(setting: Setting = {}, options: MountOptions = {}): Promise<ServedProcess> {
    const served = await ServedProcess.start(setting);
    await served.ask('mount', served.folder, options);
    return served;
  }

  ask<Name extends keyof Commands>(
    name: Name,
    ...args: Parameters<Commands[Name]>
  ): Promise<ReturnType<Commands[Name]>> {
    if (!this.child.connected) return Promise.reject(new Error(`the server is gone: ${this.words.join('')}`));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.child.send({ id, name, args });
    });
  }

  path(inside: string): string {
    return join(this.folder, inside);
  }

  /** Unmounts, if need be by force, and sees the process end. @returns its exit code, or the signal that ended it */
  async stop(): Promise<number | string | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exited = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      const timer = setTimeout(() => {
        spawnSync('fusermount3', ['-uz', this.folder]);
        this.child.kill('SIGKILL');
      }, END_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
    }
    if (await isMounted(this.folder)) spawnSync('fusermount3', ['-uz', this.folder]);
    rmSync(this.folder, { recursive: true, force: true });
    return this.child.signalCode ?? this.child.exitCode;
  }

  #settle({ id, value, failure }: Answer): void {
    const waiting = this.#answers.get(id);
    this.#answers.delete(id);
    if (failure) waiting?.reject(Object.assign(new Error(failure.message), { code: failure.code }));
    else waiting?.resolve(value as never);
  }
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly failure?: { readonly message: string; readonly code?: string };
}

type Message = Answer | { readonly ended: MountEnd } | { readonly ready: true };

/** Has the installed addon mended if it is not, which an installation does as well. */
export function mendInstalled(): void {
  const { status, stderr } = spawnSync(process.execPath, [MEND, '--strict'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

export async function isMounted(folder: string): Promise<boolean> {
  const table = await readMountTable();
  return table.some(({ mountpoint }) => mountpoint === folder);
}

function environmentOf({ unmended, firstIno }: Setting): NodeJS.ProcessEnv {
  // The published addon wants a libfuse of the system; the one beside the mended addon is the same.
  const release = join(dirname(require.resolve('fuse-native/package.json')), 'build', 'Release');
  return {
    ...(unmended ? { PREBUILDS_ONLY: '1', LD_LIBRARY_PATH: release } : {}),
    ...(firstIno === undefined ? {} : { FIRST_INO: String(firstIno) }),
  };
}
