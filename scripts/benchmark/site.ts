import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { typescript } from '../../test/programs/typescript.ts';
import { EnclosedDisk } from '../../test/rclone/enclosed-disk.ts';
import { Rclone } from '../../test/rclone/rclone.ts';
import { settings, wire } from './network.ts';

/** What a command of the control interface of the stand-in takes and gives. */
export interface DiskControl {
  get(call: string): Promise<unknown>;
  post(call: string, body?: unknown): Promise<unknown>;
}

/** Where things are measured: a stand-in in a process of its own, and a way to start programs that reach it. */
export interface Site {
  /** How programs reach it, in words. */
  readonly words: string;
  /** For files of a run; removed by `close`. */
  readonly folder: string;
  readonly control: DiskControl;
  /** What yadiskfs needs in its environment, its own folders apart. */
  readonly yadiskfsEnvironment: Readonly<Record<string, string>>;
  /** Undefined where it cannot work here; `withoutRclone` says why. */
  readonly rclone: Rclone | undefined;
  readonly withoutRclone: string | undefined;
  spawn(command: readonly [string, ...string[]], options: SpawnOptions): ChildProcess;
  close(): Promise<void>;
}

/**
 * Opens one. It is a namespace with the real host names and TLS, in which rclone works too; where no namespace can be
 * made, plain HTTP on 127.0.0.1, without rclone.
 * @throws Error when not even that can be had.
 */
export async function openSite(options: { readonly withRclone: boolean }): Promise<Site> {
  let disk: EnclosedDisk;
  try {
    disk = await EnclosedDisk.open({ settings, wire });
  } catch (error) {
    return openPlainSite(messageOf(error));
  }
  try {
    return await enclosedSite(disk, options.withRclone);
  } catch (error) {
    await disk.close();
    throw error;
  }
}

async function enclosedSite(disk: EnclosedDisk, withRclone: boolean): Promise<Site> {
  const rclone = withRclone
    ? await Rclone.on(disk).catch((error: unknown) => messageOf(error))
    : 'not asked for';
  return {
    words: 'TLS and the real host names, in a namespace',
    folder: disk.folder,
    control: disk.control,
    yadiskfsEnvironment: { YADISKFS_TOKEN: disk.token, NODE_EXTRA_CA_CERTS: disk.certificates.caFile },
    rclone: typeof rclone === 'string' ? undefined : rclone,
    withoutRclone: typeof rclone === 'string' ? rclone : undefined,
    spawn: (command, options) => disk.namespace.spawn(command, options),
    close: () => disk.close(),
  };
}

const startedSchema = z.object({ apiUrl: z.string(), controlUrl: z.string(), token: z.string() });
const standInProgram = join(import.meta.dirname, '../../test/stand-in/main.ts');

async function openPlainSite(withoutRclone: string): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'yadiskfs-bench-'));
  const standIn = spawn(
    process.execPath,
    [
      ...typescript(standInProgram),
      ...['--settings', JSON.stringify(settings), '--wire', JSON.stringify(wire)],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(standIn, 'close');
  const first = await Promise.race([once(standIn.stdout, 'data'), ended.then(() => null)]);
  if (first === null) throw new Error('the stand-in did not start');
  const { apiUrl, controlUrl, token } = startedSchema.parse(JSON.parse(String(first[0])));
  const ask = async (method: string, call: string, body?: unknown) => {
    const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await fetch(`${controlUrl}/${call}`, init);
    if (!response.ok) throw new Error(`control ${method} ${call}: ${response.status}`);
    return (await response.json()) as unknown;
  };
  return {
    words: 'plain HTTP on 127.0.0.1',
    folder,
    control: { get: (call) => ask('GET', call), post: (call, body) => ask('POST', call, body) },
    yadiskfsEnvironment: { YADISKFS_TOKEN: token, YADISKFS_API_URL: apiUrl },
    rclone: undefined,
    withoutRclone,
    spawn: ([program, ...args], options) => spawn(program, args, { cwd: '/', ...options }),
    close: async () => {
      standIn.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
