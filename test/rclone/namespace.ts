import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Outcome, requirePrograms, run } from './programs.ts';

/*
 * A place on this machine with a network and an /etc/hosts of its own. Programs in it find whichever host names we like
 * on 127.0.0.1, on whichever ports; nothing that they do can leave the machine, and nothing of the machine is changed.
 * It ends with its last process, or with us.
 */

/** Brings up the loopback interface (SIOCSIFFLAGS with IFF_UP), which is down at first; `ip` is not everywhere. */
const loopbackUp = `
import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sH14x', b'lo', 1))
`;

/** Lives as long as its stdin: so it is gone when we are, however we ended. */
const holder = 'python3 -c "$1" && mount --bind "$2" /etc/hosts && echo ready && exec cat';

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string | Buffer;
  readonly timeoutMs?: number;
}

/** See above. */
export class Namespace {
  readonly #holder: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #enter: readonly [string, ...string[]];

  private constructor(holder: ChildProcess, ended: Promise<unknown>, enter: readonly [string, ...string[]]) {
    this.#holder = holder;
    this.#ended = ended;
    this.#enter = enter;
  }

  /**
   * Opens one in which these host names are 127.0.0.1.
   * @param folder where its files are kept; to be removed after `close`.
   * @throws Error with the remedy where programs or rights are missing.
   */
  static async open(folder: string, hosts: readonly string[]): Promise<Namespace> {
    requirePrograms('unshare', 'nsenter', 'mount', 'python3');
    const hostsFile = join(folder, 'hosts');
    await writeFile(hostsFile, ['localhost', ...hosts].map((name) => `127.0.0.1 ${name}\n`).join(''));
    // Who is not root is root in a user namespace, where the system allows ordinary users to have one.
    const isRoot = process.geteuid?.() === 0;
    const become = isRoot ? [] : ['--map-root-user'];
    const own = [...become, '--mount', '--net', '--propagation', 'private'];
    const child = spawn('unshare', [...own, 'sh', '-ec', holder, 'sh', loopbackUp, hostsFile], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let words = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      words += text;
    });
    const ended = once(child, 'close').then(() => null);
    const first = await Promise.race([once(child.stdout, 'data'), ended]);
    if (first === null) {
      throw new Error(
        `no namespace of mounts and network can be made here: ${words.trim()}. Root can make one (in a container: --cap-add SYS_ADMIN)`,
      );
    }
    const enter = ['--target', String(child.pid), '--mount', '--net'];
    if (!isRoot) enter.push('--user', '--preserve-credentials');
    return new Namespace(child, ended, ['nsenter', ...enter, '--']);
  }

  /** Starts a program inside. Its working directory is /. */
  spawn(command: readonly [string, ...string[]], options: SpawnOptions): ChildProcess {
    const [program, ...args] = [...this.#enter, ...command] as const;
    return spawn(program, args, options);
  }

  /** Runs a program inside to its end, whatever its end is. Its working directory is /. */
  run(command: readonly [string, ...string[]], options: RunOptions = {}): Promise<Outcome> {
    const { timeoutMs, ...rest } = options;
    return run([...this.#enter, ...command], {
      ...rest,
      ...(timeoutMs !== undefined && { timeout: timeoutMs }),
    });
  }

  /** Lets it go: its mounts and its network are gone when the programs inside have ended, which is the caller's affair. */
  async close(): Promise<void> {
    this.#holder.stdin?.end();
    await this.#ended;
  }
}
