import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { SettingsInput } from '../../stand-in/settings.ts';
import type { Fault, Match } from '../../stand-in/wire/rules.ts';
import { type MountProcess, writable, type yadiskfs, yadiskfsAs } from '../mounted-disk.ts';
import { type StandingDisk, standingDisk } from '../standing-disk.ts';

/*
 * What semantics says of writing, on a real mount.
 * The stand-in lives in the process of the test: only calls that do not block.
 */

const statusSchema = z.object({
  mounts: z.array(
    z.object({
      unsent: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })),
      conflicts: z.array(z.object({ path: z.string(), copy: z.string() })),
    }),
  ),
});

/** A stand-in Disk and a mount of it that can be written to. */
export interface WritingDisk extends StandingDisk {
  /** The mount as it is now. */
  mounted(): MountProcess;
  /** kill -9, and mounted again over the dead mount. */
  crash(...mountArguments: string[]): Promise<void>;
  /** Ends in good order, and is mounted again. */
  remount(...mountArguments: string[]): Promise<void>;
  /** Waits until all is on the server. @throws Error with the words of the command */
  flush(): Promise<void>;
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
  const status = async () => {
    const { stdout, stderr, code } = await run('status', mountpoint, '--json');
    if (code !== 0) throw new Error(`status ended with ${code}: ${stderr}`);
    return statusSchema.parse(JSON.parse(stdout)).mounts;
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
      const { code, stderr } = await run('flush', mountpoint, '--timeout', '25s');
      if (code !== 0) throw new Error(`flush ended with ${code}: ${stderr}\n${mount.log().slice(-3000)}`);
    },
    run,
    unsent: async () => (await status()).flatMap(({ unsent }) => unsent),
    conflicts: async () => (await status()).flatMap(({ conflicts }) => conflicts),
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
