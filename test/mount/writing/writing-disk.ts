import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { untilSent } from '../../../src/cli/sending.ts';
import { askMount } from '../../../src/daemon/control-client.ts';
import { type MountStatus, mountStatus, type PinStatus } from '../../../src/daemon/control-messages.ts';
import { mountedDisks } from '../../../src/daemon/running-mounts.ts';
import type { SettingsInput } from '../../stand-in/settings.ts';
import type { Fault, Match } from '../../stand-in/wire/rules.ts';
import { type MountProcess, writable, type yadiskfs, yadiskfsAs } from '../mounted-disk.ts';
import { type StandingDisk, standingDisk } from '../standing-disk.ts';

/*
 * What semantics says of writing, on a real mount.
 * The stand-in lives in the process of the test: only calls that do not block.
 */

const neverAborted = new AbortController().signal;

/** A stand-in Disk and a mount of it that can be written to. */
export interface WritingDisk extends StandingDisk {
  /** The mount as it is now. */
  mounted(): MountProcess;
  /** kill -9, and mounted again over the dead mount. */
  crash(...mountArguments: string[]): Promise<void>;
  /** Ends in good order, and is mounted again. */
  remount(...mountArguments: string[]): Promise<void>;
  /** Waits until all is on the server. @throws Error with what the mount said, and the end of its log */
  flush(): Promise<void>;
  /** How the mount stands, as `status --json` tells it. Asked on its socket: a program for each question would take most of the time of these tests. */
  status(): Promise<MountStatus>;
  /** As `pins --json` tells them, asked in the same way. */
  pins(): Promise<readonly PinStatus[]>;
  run(...args: string[]): ReturnType<typeof yadiskfs>;
  unsent(): Promise<readonly { readonly path: string; readonly code: string }[]>;
  conflicts(): Promise<readonly { readonly path: string; readonly copy: string }[]>;
  /** The file as it really is on the server; undefined where there is none. */
  served(path: string): string | undefined;
  servedBytes(path: string): Buffer | undefined;
  /** All paths on the server, folders with a slash at their end. */
  servedPaths(): string[];
  /** How many requests of these routes came since the last time it was asked for. */
  count(...routes: string[]): number;
  fault(match: Match, fault: Fault, count?: number): void;
}

/** Closed when the test ends. @param options the write-back delay is short unless told */
export async function writingDisk(
  options: {
    readonly settings?: SettingsInput;
    /** Text by path. */
    readonly files?: Readonly<Record<string, string>>;
    readonly mountArguments?: readonly string[];
    /** Who mounts, when it is not who runs the tests. */
    readonly user?: number | undefined;
  } = {},
): Promise<WritingDisk> {
  const { settings = {}, files = {}, mountArguments = [], user } = options;
  const standing = await standingDisk({
    user,
    standIn: { settings: { finalAfterMs: 0, operationMs: 20, ...settings } },
    fill: ({ model }) => {
      for (const [path, text] of Object.entries(files)) model.putFile(`disk:/${path}`, text);
    },
  });
  onTestFinished(() => standing.close());
  const usual = [writable, '--write-back', '200ms', '--poll-interval', '500ms', ...mountArguments];
  let mount = await standing.mount(...usual);
  const { disk, environment, mountpoint } = standing;
  const seen = new Map<string, number>();
  const run = (...args: string[]) => yadiskfsAs(user, environment, ...args);
  const running = async () => {
    const { mounts } = await mountedDisks(String(environment['YADISKFS_RUNTIME_DIR']));
    const [own] = mounts.filter((each) => each.mountpoint === mountpoint);
    if (!own) throw new Error(`Nothing of ours is mounted at ${mountpoint}`);
    return own;
  };
  const asking = () => ({ signal: AbortSignal.timeout(30_000) });
  /** Root believes no record of somebody else: such a mount is asked by its own user. */
  const told = async (...args: string[]) => {
    const { stdout, stderr, code } = await run(...args, mountpoint);
    if (code !== 0) throw new Error(`${args[0]} ended with ${code}: ${stderr}`);
    return stdout;
  };
  const statusOfUser = async () => {
    const [status] = z
      .object({ mounts: z.array(mountStatus) })
      .parse(JSON.parse(await told('status', '--json'))).mounts;
    if (!status) throw new Error('Not mounted');
    return status;
  };
  const status = async () =>
    user === undefined ? askMount(await running(), { command: 'status' }, asking()) : statusOfUser();
  const flushed = async () => {
    const wanted = [{ mount: await running(), places: [] }];
    await untilSent(wanted, { signal: neverAborted, showsProgress: false, timeoutMs: 25_000 });
  };
  const servedBytes = (path: string) => {
    const node = disk.model.find(`disk:/${path}`);
    return node?.kind === 'file' ? disk.model.read(`disk:/${path}`) : undefined;
  };
  return {
    ...standing,
    mounted: () => mount,
    crash: async (...more) => {
      await mount.kill();
      mount = await standing.mount(...usual, ...more);
    },
    remount: async (...more) => {
      const ended = await mount.end();
      if (ended !== 0) throw new Error(`The mount ended with ${ended}`);
      mount = await standing.mount(...usual, ...more);
    },
    flush: async () => {
      try {
        if (user === undefined) await flushed();
        else await told('flush', '--timeout', '25s');
      } catch (cause) {
        throw new Error(`It could not be flushed: ${cause}\n${mount.log().slice(-3000)}`, { cause });
      }
    },
    status,
    pins: async () => (await askMount(await running(), { command: 'pins' }, asking())).pins,
    run,
    unsent: async () => (await status()).unsent,
    conflicts: async () => (await status()).conflicts,
    served: (path) => servedBytes(path)?.toString(),
    servedBytes,
    servedPaths: () => {
      disk.model.disk.settle();
      return Array.from(disk.model.disk.walk(disk.model.disk.root), (node) => {
        const path = disk.model.disk.pathOf(node).names.join('/');
        return node.kind === 'dir' ? `${path}/` : path;
      }).sort();
    },
    count: (...routes) => {
      const { routes: tallies } = disk.wire.statistics.snapshot();
      return routes.reduce((sum, route) => {
        const count = tallies[route]?.count ?? 0;
        const fresh = count - (seen.get(route) ?? 0);
        seen.set(route, count);
        return sum + fresh;
      }, 0);
    },
    fault: (match, fault, count = 1) => {
      disk.wire.faults.add({ ...match, fault, count });
    },
  };
}

/** Everything that changes something on the server. */
export const changingRoutes = [
  'uploader.put',
  'resources.put',
  'resources.delete',
  'resources.move',
  'resources.copy',
  'resources.patch',
];
