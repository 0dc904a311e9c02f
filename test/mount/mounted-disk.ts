import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readMountTable, topAt } from '../../src/fuse/binding/mount-table.ts';
import { setDevice } from '../binding/fuse-device.ts';
import { type StandIn, type StandInOptions, startStandIn } from '../stand-in/index.ts';

/**
 * A stand-in Disk in this process, mounted by the real program in a process of its own.
 *
 * The stand-in lives on the event loop of the test: a synchronous call into the mount would wait for itself. So tests use
 * `node:fs/promises` and child processes only.
 */
export interface MountedDisk {
  readonly disk: StandIn;
  readonly mountpoint: string;
  /** What the mount runs with, for further commands. */
  readonly environment: NodeJS.ProcessEnv;
  readonly process: ChildProcess;
  /** All that the mount wrote so far. */
  log(): string;
  path(...names: string[]): string;
  /** Unmounts and stops everything; rejects when the mount did not end as it should. */
  close(): Promise<void>;
}

export const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const run = promisify(execFile);

/** A folder of its own under the prefix that the test command looks after. */
export function testFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
}

/** An environment in which nothing of the machine's user is used or changed. */
export function privateEnvironment(
  folder: string,
  disk: { readonly apiUrl: string; readonly token: string },
): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: folder,
    YADISKFS_TOKEN: disk.token,
    YADISKFS_API_URL: disk.apiUrl,
    YADISKFS_CONFIG_DIR: join(folder, 'config'),
    YADISKFS_CACHE_DIR: join(folder, 'cache'),
    YADISKFS_STATE_DIR: join(folder, 'state'),
    YADISKFS_RUNTIME_DIR: join(folder, 'runtime'),
  };
}

export async function mountDisk(
  options: {
    readonly standIn?: StandInOptions;
    readonly fill?: (disk: StandIn) => void;
    readonly mountArguments?: readonly string[];
  } = {},
): Promise<MountedDisk> {
  const folder = await testFolder();
  const mountpoint = join(folder, 'disk');
  await mkdir(mountpoint);
  const disk = await startStandIn(options.standIn);
  options.fill?.(disk);
  const environment = privateEnvironment(folder, disk);
  let mount: MountProcess;
  try {
    mount = await startMount(mountpoint, environment, options.mountArguments);
  } catch (error) {
    await disk.close();
    throw error;
  }
  return {
    ...mount,
    disk,
    mountpoint,
    environment,
    path: (...names) => join(mountpoint, ...names),
    close: async () => {
      const ended = await mount.end();
      await disk.close();
      await rm(folder, { recursive: true, force: true });
      if (ended !== 0) throw new Error(`The mount ended with ${ended}:\n${mount.log().slice(-2000)}`);
    },
  };
}

/** The program, serving a mount. */
export interface MountProcess {
  readonly process: ChildProcess;
  /** All that it wrote so far. */
  log(): string;
  /** Asks it to end, and makes it if it does not. @returns its exit code, 'hung' when it had to be made */
  end(): Promise<number | null | 'hung'>;
  /** kill -9: the dead mount stays where it is. */
  kill(): Promise<void>;
}

/** Among the arguments of a mount: it is not for reading only. */
export const writable = '(writable)';

/** Rejects when it does not mount. @param user who mounts, when it is not who runs the tests */
export async function startMount(
  mountpoint: string,
  environment: NodeJS.ProcessEnv,
  mountArguments: readonly string[] = [],
  user?: number,
): Promise<MountProcess> {
  const isWritable = mountArguments.includes(writable);
  const others = mountArguments.filter((argument) => argument !== writable);
  const args = [
    'mount',
    mountpoint,
    ...(isWritable ? [] : ['--read-only']),
    ...(others.includes('--log-level') ? [] : ['--log-level', 'debug']),
    ...others,
  ];
  const restoreDevice = user === undefined ? undefined : await setDevice('open');
  const child = spawn(process.execPath, [program, ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(user === undefined ? {} : { uid: user, gid: user, cwd: '/' }),
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  try {
    await mountedAt(mountpoint, child, () => text);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    restoreDevice?.();
  }
  return {
    process: child,
    log: () => text,
    end: async () => {
      child.kill('SIGTERM');
      const ended = await Promise.race([exited, sleep(10_000, 'hung' as const, { ref: false })]);
      if (ended === 'hung') {
        child.kill('SIGKILL');
        await run('fusermount3', ['-uz', mountpoint]).catch(() => {});
      }
      return ended;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Whether something is mounted there, without touching it. */
export async function isMounted(mountpoint: string): Promise<boolean> {
  return topAt(await readMountTable(), mountpoint) !== undefined;
}

async function mountedAt(mountpoint: string, child: ChildProcess, log: () => string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    // What a killed process left there is taken away first; only the new one says that it has mounted.
    if (log().includes('"mounted"') && (await isMounted(mountpoint))) return;
    if (child.exitCode !== null) break;
    await sleep(50);
  }
  throw new Error(`Not mounted (exit code ${child.exitCode}):\n${log()}`);
}

/** Runs a program and returns its stdout. Rejects with its stderr when it fails. */
export async function output(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(command, args, { maxBuffer: 64 << 20, timeout: 60_000 });
  return stdout;
}

/** Runs the program itself; never rejects. */
export function yadiskfs(environment: NodeJS.ProcessEnv, ...args: string[]) {
  return yadiskfsAs(undefined, environment, ...args);
}

/** As `yadiskfs`, by somebody else than who runs the tests. */
export async function yadiskfsAs(
  user: number | undefined,
  environment: NodeJS.ProcessEnv,
  ...args: string[]
) {
  try {
    const { stdout, stderr } = await run(process.execPath, [program, ...args], {
      env: environment,
      timeout: 30_000,
      ...(user === undefined ? {} : { uid: user, gid: user, cwd: '/' }),
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const failed = error as { code?: number; stdout?: string; stderr?: string };
    return { code: failed.code ?? -1, stdout: failed.stdout ?? '', stderr: failed.stderr ?? '' };
  }
}
