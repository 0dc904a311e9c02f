import { chown, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type StandIn, type StandInOptions, startStandIn } from '../stand-in/index.ts';
import {
  isMounted,
  type MountProcess,
  output,
  privateEnvironment,
  startMount,
  testFolder,
} from './mounted-disk.ts';

/** A stand-in Disk, and what this machine keeps of it: both outlast the mounts, which come one after the other. */
export interface StandingDisk {
  readonly disk: StandIn;
  readonly folder: string;
  readonly mountpoint: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly cacheFolder: string;
  path(...names: string[]): string;
  /** Mounts, over a dead mount too. Whoever mounts ends or kills it before the next time. */
  mount(...mountArguments: string[]): Promise<MountProcess>;
  /** Folders of people's Disks in the state folder. */
  stateFolders(): Promise<string[]>;
  /** What was asked for since the last time: API requests by route, and requests to data hosts with their bytes. */
  requests(): Requests;
  close(): Promise<void>;
}

export interface Requests {
  readonly polls: number;
  readonly listings: number;
  /** To the API host, whatever for. */
  readonly api: number;
  readonly data: number;
  readonly dataBytes: number;
}

export async function standingDisk(
  options: {
    readonly standIn?: StandInOptions;
    readonly fill?: (disk: StandIn) => void;
    /** Who mounts, when it is not who runs the tests: then that is root. */
    readonly user?: number | undefined;
  } = {},
): Promise<StandingDisk> {
  const { user } = options;
  const folder = await testFolder();
  const mountpoint = join(folder, 'disk');
  await mkdir(mountpoint);
  if (user !== undefined) for (const path of [folder, mountpoint]) await chown(path, user, user);
  const disk = await startStandIn(options.standIn);
  options.fill?.(disk);
  const environment = privateEnvironment(folder, disk);
  const stateFolder = String(environment['YADISKFS_STATE_DIR']);
  const mounts: MountProcess[] = [];
  return {
    disk,
    folder,
    mountpoint,
    environment,
    cacheFolder: String(environment['YADISKFS_CACHE_DIR']),
    path: (...names) => join(mountpoint, ...names),
    mount: async (...mountArguments) => {
      const mount = await startMount(mountpoint, environment, mountArguments, user);
      mounts.push(mount);
      return mount;
    },
    stateFolders: async () => {
      const entries = await readdir(stateFolder, { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(stateFolder, name));
    },
    requests: () => {
      const { routes, roles } = disk.wire.statistics.snapshot();
      disk.wire.statistics.reset();
      return {
        polls: routes['disk.get']?.count ?? 0,
        listings: routes['resources.get']?.count ?? 0,
        api: roles['api']?.count ?? 0,
        data: routes['storage.get']?.count ?? 0,
        dataBytes: routes['storage.get']?.bytesOut ?? 0,
      };
    },
    close: async () => {
      await disk.wire.restore();
      for (const mount of mounts) if (mount.process.exitCode === null) mount.process.kill('SIGKILL');
      if (await isMounted(mountpoint)) await output('fusermount3', '-uz', mountpoint);
      await disk.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
