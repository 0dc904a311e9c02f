import { setMaxListeners } from 'node:events';
import { BlockCache } from '../content/block-cache.ts';
import { Contents } from '../content/contents.ts';
import { Api, type RequestCounts, type TokenSource } from '../disk-api/api.ts';
import { readDisk } from '../disk-api/disk.ts';
import { Downloads } from '../disk-api/downloads.ts';
import { serviceUrl } from '../disk-api/hosts.ts';
import { parseDiskPath } from '../disk-api/paths.ts';
import { Failure } from '../errors.ts';
import { Directories } from '../fs/directories.ts';
import { OpenFiles } from '../fs/open-files.ts';
import { Volume } from '../fs/volume.ts';
import { missingFeatures } from '../fuse/binding/features.ts';
import { type Mount, mount } from '../fuse/binding/mount.ts';
import { KernelView } from '../fuse/kernel-view.ts';
import { operationsOf } from '../fuse/operations.ts';
import { Tree } from '../tree/tree.ts';
import { type Log, loggable } from './log.ts';
import { prepareMountpoint } from './mountpoint.ts';
import type { DriveSettings } from './settings.ts';

/** Blocks in memory, and how much of them all readers together may have fetched ahead of what was read. */
const blockMemoryBytes = 96 << 20;
const readAheadBytes = 32 << 20;
/** Some 400 bytes each. */
const keptEntries = 400_000;

/**
 * How long the kernel answers by itself. On top of the poll interval, this bounds how long a change made elsewhere stays unseen.
 */
const kernelTrustSec = 1;

const endingGraceMs = 1_000;

/** A mounted drive: everything from the API client to the kernel, built from the bottom and closed from the top. */
export interface Drive {
  readonly mountpoint: string;
  readonly counts: Readonly<RequestCounts>;
  /** Resolves when nothing is mounted any more, by `close` or by somebody else. */
  readonly ended: Promise<void>;
  /** Unmounts; programs that still hold files lose them. */
  close(): Promise<void>;
}

/**
 * Mounts.
 * @throws Failure 'invalid' (a setting), 'login-needed', 'refused', 'offline', 'not-found' (the root), 'local' (the folder, FUSE)
 */
export async function openDrive(settings: DriveSettings, tokens: TokenSource, log: Log): Promise<Drive> {
  const apiUrl = serviceUrl(settings.apiUrl, 'YADISKFS_API_URL');
  const root = parseDiskPath(settings.root);
  const mountpoint = await prepareMountpoint(settings.mountpoint);
  const stopping = new AbortController();
  const { signal } = stopping;
  // All that is under way listens for the end, and that may be any number.
  setMaxListeners(0, signal);
  const api = new Api({ url: apiUrl, tokens, ratePerSecond: settings.apiRatePerSecond });
  api.data.bandwidth.down.limit = settings.downLimitBytesPerSecond;
  api.data.bandwidth.up.limit = settings.upLimitBytesPerSecond;
  const downloads = new Downloads(api);
  let mounted: Mount;
  let kernel: KernelView | undefined;
  const tree = new Tree(api, {
    root,
    freshMs: settings.pollIntervalMs,
    keptEntries,
    onChanged: ({ folder, names }) => {
      log.debug({ folder: folder.remote.path, changes: names.length }, 'changed elsewhere');
      kernel?.forget(folder, names);
    },
  });
  const contents = new Contents(new BlockCache({ limitBytes: blockMemoryBytes }), downloads, {
    readAheadBytes,
  });
  const files = new OpenFiles(tree, contents);
  const closeConnections = () => {
    downloads.close();
    api.close();
  };

  try {
    const [disk] = await Promise.all([readDisk(api, { signal }), tree.open(signal)]);
    log.info({ login: disk.user?.login, root }, 'the Disk answers');
    const operations = operationsOf(
      {
        directories: new Directories(tree),
        files,
        volume: new Volume((volumeSignal) => readDisk(api, { signal: volumeSignal })),
        owner: settings,
      },
      { signal, onFailure: (operation, path, error) => logFailure(log, operation, path, error) },
    );
    mounted = await mount(mountpoint, operations, {
      sourceName: 'yadiskfs',
      subtype: 'yadiskfs',
      readOnly: true,
      noAtime: true,
      defaultPermissions: true,
      allowOther: settings.allowOther,
      entryTimeoutSec: kernelTrustSec,
      attrTimeoutSec: kernelTrustSec,
    });
  } catch (error) {
    stopping.abort();
    closeConnections();
    throw error instanceof Failure
      ? error
      : new Failure('local', `Cannot mount: ${messageOf(error)}`, { path: mountpoint, cause: error });
  }
  kernel = new KernelView(mounted, (error) => log.debug(loggable(error), 'the kernel was not told'));
  for (const sentence of missingFeatures(mounted.features))
    log.warn(`fuse-native is not mended; ${sentence}`);
  log.info({ mountpoint }, 'mounted');

  const ended = mounted.ended.then((end) => {
    stopping.abort(new Failure('aborted', 'The mount has ended'));
    files.closeAll();
    closeConnections();
    log.info({ mountpoint, end, requests: api.counts }, 'unmounted');
  });
  const close = async () => {
    // Readers under way may finish; those that wait for a dead network must not hold up the end.
    const grace = setTimeout(
      () => stopping.abort(new Failure('aborted', 'The mount is ending')),
      endingGraceMs,
    );
    await closeMount(mounted, ended, log).finally(() => clearTimeout(grace));
  };
  return { mountpoint, counts: api.counts, ended, close };
}

async function closeMount(mounted: Mount, ended: Promise<void>, log: Log): Promise<void> {
  await mounted.unmount().catch((error: unknown) => {
    log.error(loggable(error), 'cannot unmount');
    throw new Failure('local', `Cannot unmount: ${messageOf(error)}`, {
      path: mounted.mountpoint,
      hint: `fusermount3 -u -z '${mounted.mountpoint}' takes it away by force.`,
      cause: error,
    });
  });
  await ended;
}

/** What programs ask for and is not there is ordinary; the rest a user may want to know about. */
function logFailure(log: Log, operation: string, path: string, error: unknown): void {
  const ordinary = error instanceof Failure && ordinaryCodes.has(error.code);
  const level = ordinary ? 'debug' : error instanceof Failure ? 'warn' : 'error';
  log[level]({ operation, path, ...loggable(error) }, 'operation failed');
}

const ordinaryCodes = new Set<string>([
  'not-found',
  'not-a-folder',
  'is-a-folder',
  'no-attribute',
  'read-only',
  'name-too-long',
  'aborted',
]);

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
