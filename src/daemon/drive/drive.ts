import { Api, type RequestCounts } from '../../disk-api/api.ts';
import { serviceUrl } from '../../disk-api/hosts.ts';
import { type DiskPath, parseDiskPath } from '../../disk-api/paths.ts';
import { Failure } from '../../errors.ts';
import { installedFeatures, missingFeatures } from '../../fuse/binding/features.ts';
import { type Mount, mount } from '../../fuse/binding/mount.ts';
import { KernelView } from '../../fuse/kernel-view.ts';
import { Housekeeping } from '../../sync/housekeeping.ts';
import { Poller, type PollNotice } from '../../sync/poller.ts';
import { requireOthersAllowed } from '../allow-other.ts';
import { announce } from '../announcement.ts';
import { DesktopNotices, type NoticeWords } from '../desktop-notices.ts';
import { emptyQueue } from '../empty-queue.ts';
import { type HeldTokens, identify, TokenWatch } from '../identify.ts';
import { LastSending } from '../last-sending.ts';
import { type Log, loggable } from '../log.ts';
import { MountStatusAndQueue } from '../mount-status.ts';
import { prepareMountpoint } from '../mountpoint.ts';
import { Observation } from '../observing/observation.ts';
import { Pins } from '../pins.ts';
import { serviceAddress } from '../services.ts';
import { SetAsideDrafts } from '../set-aside-drafts.ts';
import type { DriveSettings } from '../settings.ts';
import { Whereabouts } from '../whereabouts.ts';
import { Background } from './background.ts';
import { openBytes } from './bytes.ts';
import { Ending } from './ending.ts';
import { openFiles } from './files.ts';
import { openOperations } from './operations.ts';
import { openQueue } from './sending.ts';
import { openTrees } from './trees.ts';

/**
 * How long the kernel answers by itself for names and attributes. Where it can be told to forget, folders that it may answer for are kept
 * true; where it cannot, this comes on top of the poll interval before a change made elsewhere shows.
 */
const kernelTrustSec = { told: 10, untold: 1 };

/** Requests of the kernel take a moment to arrive. */
const inUseMarginMs = 1_000;
const endingGraceMs = 1_000;

/** A mounted drive: everything from the API client to the kernel, built from the bottom and closed from the top. */
export interface Drive {
  readonly mountpoint: string;
  /** Not where that was asked for, nor where nothing can be kept on this machine. */
  readonly isWritable: boolean;
  readonly counts: Readonly<RequestCounts>;
  /** Resolves when nothing is mounted any more, by `close` or by somebody else. */
  readonly ended: Promise<void>;
  /** Unmounts; programs that still hold files lose them. */
  close(): Promise<void>;
}

/**
 * Mounts.
 * @throws Failure 'invalid' (a setting), 'login-needed', 'refused', 'offline', 'not-found' (the root), 'in-use' (mounted already),
 * 'too-new' (its state), 'local' (the folder, FUSE)
 */
export async function openDrive(
  settings: DriveSettings,
  tokens: HeldTokens,
  log: Log,
  noticeWords: NoticeWords,
): Promise<Drive> {
  const apiUrl = serviceUrl(settings.apiUrl, 'YADISKFS_API_URL');
  const root = parseDiskPath(settings.root);
  const mountpoint = await prepareMountpoint(settings.mountpoint);
  if (settings.allowOther) await requireOthersAllowed();
  const ending = new Ending((error) => log.error(loggable(error), 'a part of the mount did not end well'));
  try {
    return await build({ ...settings, mountpoint }, { apiUrl, root, tokens, log, noticeWords, ending });
  } catch (error) {
    await ending.end(hasEnded());
    throw error instanceof Failure
      ? error
      : new Failure('local', `Cannot mount: ${messageOf(error)}`, { path: mountpoint, cause: error });
  }
}

interface BuildOptions {
  readonly apiUrl: URL;
  readonly root: DiskPath;
  readonly tokens: HeldTokens;
  readonly log: Log;
  readonly noticeWords: NoticeWords;
  readonly ending: Ending;
}

async function build(settings: DriveSettings, options: BuildOptions): Promise<Drive> {
  const { apiUrl, root, tokens, log, noticeWords, ending } = options;
  const { signal } = ending;
  const { mountpoint, account, runtimeFolder, stateFolder, metricsPort, cacheLimitBytes } = settings;
  const desktop = new DesktopNotices(process.env, noticeWords);
  ending.closeBy(() => desktop.close());
  const oauthUrl = serviceAddress(process.env, 'YADISKFS_OAUTH_URL');
  const observation = await Observation.begin({ metricsPort, apiUrl, oauthUrl, log });
  ending.closeBy(() => observation.close());
  const api = new Api({ url: apiUrl, tokens, ratePerSecond: settings.apiRatePerSecond });
  ending.closeBy(() => api.close());
  api.data.bandwidth.down.limit = settings.downLimitBytesPerSecond;
  api.data.bandwidth.up.limit = settings.upLimitBytesPerSecond;
  const identity = await identify(api, tokens, stateFolder, log, signal);
  const { uid } = identity;

  const kernel = new KernelView((error) => log.debug(loggable(error), 'the kernel was not told'));
  const trees = await openTrees({ api, identity, root, settings, log, ending });
  const { state, tree, local, shown, freshness, downloads } = trees;
  trees.onChanged.push((change) => kernel.forget(shown.place(change.folder.id), change));
  const { store, pinStore, blocks, contents } = await openBytes({ state, downloads, settings, log, ending });
  const { pollIntervalMs: followMs } = settings;
  const pins = new Pins({ store: pinStore, api, tree, shown, contents, followMs, log });
  trees.onChanged.push(() => pins.note());
  local.onChange(() => pins.note());
  const background = new Background(ending, log);
  const files = await openFiles({ api, identity, trees, contents, settings, log, ending });
  const { volume } = files;
  const queue = openQueue({ api, root, identity, trees, contents, files, settings, desktop, log });
  const operations = openOperations({ api, trees, files, queue, kernel, settings, log, signal });

  const setAside = await SetAsideDrafts.open(state.folder, root, contents, (error, folder) =>
    log.error({ ...loggable(error), folder }, 'what was set aside cannot be read'),
  );
  const allQueues = setAside.beside(queue ?? emptyQueue);
  const lastSending = new LastSending(allQueues, signal);
  const whereabouts = new Whereabouts({
    ...{ tree, shown, local, uid, account },
    onShown: ({ id }, names) => kernel.forget(shown.place(id), { names, sameFolders: [] }),
  });
  const seen = {
    ...{ mountpoint, account, root, cacheLimitBytes, api, freshness, volume, store, pins },
    ...{ queue: allQueues, sending: queue },
  };
  observation.show({ ...seen, blocks });
  const control = new MountStatusAndQueue({ ...seen, lastSending, whereabouts });
  const announcement = await announce({ runtimeFolder, mountpoint, root, account, control, log });
  ending.closeBy(() => announcement.close());

  const trustSec = installedFeatures().invalidation ? kernelTrustSec.told : kernelTrustSec.untold;
  state.keep();
  const mounted = await mount(mountpoint, observation.operations(operations), {
    sourceName: 'yadiskfs',
    subtype: 'yadiskfs',
    readOnly: !queue,
    atomicTruncate: true,
    noAtime: true,
    defaultPermissions: true,
    allowOther: settings.allowOther,
    entryTimeoutSec: trustSec,
    attrTimeoutSec: trustSec,
    negativeTimeoutSec: trustSec,
  });
  kernel.attach(mounted);
  const poller = new Poller(api, tree, freshness, {
    intervalMs: settings.pollIntervalMs,
    inUseMs: trustSec * 1000 + inUseMarginMs,
    onNotice: (notice) => logPoll(log, notice),
  });
  background.start(poller, new TokenWatch(api, tokens, stateFolder, uid), pins, new Housekeeping(tree));
  if (queue) background.start(queue);
  for (const sentence of missingFeatures(mounted.features))
    log.warn(`fuse-native is not mended; ${sentence}`);
  log.info({ mountpoint }, 'mounted');

  const ended = mounted.ended.then(async (end) => {
    await lastSending.afterUnmount();
    await ending.end(hasEnded());
    log.info({ mountpoint, end, requests: api.counts }, 'unmounted');
  });
  const close = async () => {
    // Readers under way may finish; those that wait for a dead network must not hold up the end.
    const grace = setTimeout(() => ending.stop(new Failure('aborted', 'The mount is ending')), endingGraceMs);
    await closeMount(mounted, ended, log).finally(() => clearTimeout(grace));
  };
  return { mountpoint, isWritable: queue !== undefined, counts: api.counts, ended, close };
}

function logPoll(log: Log, notice: PollNotice): void {
  switch (notice.kind) {
    case 'moved':
      log.debug({ revision: notice.revision }, 'something changed elsewhere');
      break;
    case 'trust':
      log.info({ trust: notice.trust }, "the Disk's revision is judged anew");
      break;
    case 'failed':
      log.debug(loggable(notice.error), 'the Disk was not asked for changes');
      break;
  }
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

function hasEnded(): Failure {
  return new Failure('aborted', 'The mount has ended');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
