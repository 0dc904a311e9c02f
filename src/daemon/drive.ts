import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { withPatience } from '../async/patience.ts';
import { steadyDateMs } from '../async/steady-date.ts';
import { BlockCache } from '../content/block-cache.ts';
import { BlockStore } from '../content/block-store.ts';
import { Contents } from '../content/contents.ts';
import { blockShape } from '../content/whole-file.ts';
import { Api, type RequestCounts } from '../disk-api/api.ts';
import { readDisk } from '../disk-api/disk.ts';
import { Downloads } from '../disk-api/downloads.ts';
import { serviceUrl } from '../disk-api/hosts.ts';
import { parseDiskPath } from '../disk-api/paths.ts';
import { Failure } from '../errors.ts';
import { AttributeChanges } from '../fs/attribute-changes.ts';
import { ChangeTimes } from '../fs/change-times.ts';
import { Changes } from '../fs/changes.ts';
import { Directories } from '../fs/directories.ts';
import { Links } from '../fs/links.ts';
import { OpenFiles } from '../fs/open-files.ts';
import { ReadThrough } from '../fs/read-through.ts';
import { Volume } from '../fs/volume.ts';
import { installedFeatures, missingFeatures } from '../fuse/binding/features.ts';
import { type Mount, mount } from '../fuse/binding/mount.ts';
import { KernelView } from '../fuse/kernel-view.ts';
import { operationsOf } from '../fuse/operations.ts';
import { Housekeeping } from '../sync/housekeeping.ts';
import { slowFromBytes } from '../sync/neutral-names.ts';
import { Poller, type PollNotice } from '../sync/poller.ts';
import { Queue } from '../sync/queue.ts';
import { usualCopiedFromBytes, usualSendingTiming } from '../sync/sending.ts';
import { Freshness } from '../tree/freshness.ts';
import { KnownTree } from '../tree/known-tree.ts';
import type { FolderNode } from '../tree/node.ts';
import { ShownTree } from '../tree/shown-tree.ts';
import { Tree } from '../tree/tree.ts';
import { UnsentBytes } from '../tree/unsent-bytes.ts';
import { WalkAhead } from '../tree/walk-ahead.ts';
import { requireOthersAllowed } from './allow-other.ts';
import { announce } from './announcement.ts';
import { DesktopNotices, type NoticeWords } from './desktop-notices.ts';
import { DraftTidying } from './draft-tidying.ts';
import { emptyQueue } from './empty-queue.ts';
import { type HeldTokens, identify, TokenWatch } from './identify.ts';
import { LastSending } from './last-sending.ts';
import { DraftsOverContents, openLocalSide } from './local-side.ts';
import { openLocalState } from './local-state.ts';
import { type Log, loggable, logOperation } from './log.ts';
import { MountStatusAndQueue } from './mount-status.ts';
import { prepareMountpoint } from './mountpoint.ts';
import { Observation } from './observing/observation.ts';
import { openPinStore, type PinStore, Pins } from './pins.ts';
import { publishing } from './publishing.ts';
import { sendingHooks } from './sending-hooks.ts';
import { serviceAddress } from './services.ts';
import { SetAsideDrafts } from './set-aside-drafts.ts';
import type { DriveSettings } from './settings.ts';
import { Whereabouts } from './whereabouts.ts';

/** Blocks in memory, and how much of them all readers together may have fetched ahead of what was read. */
const blockMemoryBytes = 96 << 20;
const readAheadBytes = 32 << 20;

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
  const stopping = new AbortController();
  const { signal } = stopping;
  // All that is under way listens for the end, and that may be any number.
  setMaxListeners(0, signal);
  /** What was opened, from the bottom to the top; closed in the opposite order. */
  const opened: (() => void)[] = [];
  const closeAll = (reason?: Failure) => {
    stopping.abort(reason);
    for (const close of opened.splice(0).reverse()) close();
  };
  let mounted: Mount;
  let isWritable: boolean;
  let kernel: KernelView | undefined;
  let api: Api;
  let known: KnownTree | undefined;
  let store: BlockStore | undefined;
  let pinStore: PinStore | undefined;
  let pins: Pins | undefined;
  let files: OpenFiles | undefined;
  let tidying: DraftTidying | undefined;
  let queue: Queue | undefined;
  let lastSending: LastSending | undefined;
  const desktop = new DesktopNotices(process.env, noticeWords);
  const tasks: Promise<void>[] = [];
  let makeUnsentSafe: (() => Promise<void>) | undefined;
  try {
    const { metricsPort } = settings;
    const oauthUrl = serviceAddress(process.env, 'YADISKFS_OAUTH_URL');
    const observation = await Observation.begin({ metricsPort, apiUrl, oauthUrl, log });
    opened.push(() => observation.close());
    api = new Api({ url: apiUrl, tokens, ratePerSecond: settings.apiRatePerSecond });
    opened.push(() => api.close());
    api.data.bandwidth.down.limit = settings.downLimitBytesPerSecond;
    api.data.bandwidth.up.limit = settings.upLimitBytesPerSecond;
    const downloads = new Downloads(api, (resourceId) => known?.whereIs(resourceId));
    opened.push(() => downloads.close());
    const identity = await identify(api, tokens, settings.stateFolder, log, signal);
    const onUnwritten = (failure: Failure) =>
      log.warn(loggable(failure), 'what is known of the Disk is not kept');
    const state = await openLocalState(settings.stateFolder, identity.uid, root, {
      onUnusable: onUnwritten,
      onDamage: (failure, aside) =>
        log.error({ ...loggable(failure), aside }, 'whose state it is was not to be read; it is noted anew'),
    });
    opened.push(() => state.release());
    const { local, drafts, makeSafe } = await openLocalSide(state.folder, log);
    makeUnsentSafe = makeSafe;
    opened.push(() => local.close());
    known = new KnownTree({
      storeFile: state.folder === undefined ? ':memory:' : join(state.folder, 'tree.db'),
      root,
      local,
      onDamage: (failure, aside) =>
        log.error(
          { ...loggable(failure), aside },
          'what was known of the Disk was damaged; it is asked for anew',
        ),
      onUnwritten,
    });
    opened.push(() => known?.close());
    const freshness = new Freshness({ intervalMs: settings.pollIntervalMs });
    freshness.noteRevision(identity.disk?.revision);
    const tree = new Tree(api, known, freshness, {
      root,
      pathOf: (folder) => shown.knownPath(folder),
      onLink: (content) => downloads.rememberLink(content),
      onChanged: (change) => {
        const { folder, names, sameFolders } = change;
        const changes = names.length + sameFolders.length;
        log.debug({ folder: folder.remote.path, changes }, 'changed elsewhere');
        kernel?.forget(shown.place(folder.id), change);
        pins?.note();
      },
    });
    const forgetNames = ({ id }: FolderNode, names: readonly string[]) =>
      kernel?.forget(shown.place(id), { names, sameFolders: [] });
    local.standBeside({ folder: (id) => tree.folder(id), sync: () => known?.sync() });
    const shown: ShownTree = new ShownTree(tree, local);
    await tree.open(signal);
    store = await openStore(join(settings.cacheFolder, state.name), settings, log);
    pinStore = await openPinStore(state.folder, store, log);
    const blocks = new BlockCache({ limitBytes: blockMemoryBytes, store: pinStore?.shelf ?? store });
    const contents = new Contents(blocks, downloads, { readAheadBytes });
    const { pollIntervalMs: followMs } = settings;
    pins = new Pins({ store: pinStore, api, tree, shown, contents, followMs, log });
    local.onChange(() => pins?.note());
    const walks = new WalkAhead(tree);
    tidying = drafts && new DraftTidying(local, drafts, log);
    await tidying?.removeLeftovers();
    const unsentBytes = new UnsentBytes(local);
    const volume = new Volume((volumeSignal) => readDisk(api, { signal: volumeSignal }), unsentBytes);
    if (identity.disk) volume.noteQuota(identity.disk);
    const readThrough = new ReadThrough(tree, walks, contents, downloads);
    isWritable = drafts !== undefined && !settings.readOnly;
    const draftsOverContents = drafts && new DraftsOverContents(drafts, contents);
    files = new OpenFiles({
      tree,
      shown,
      local,
      contents,
      drafts: draftsOverContents,
      readThrough,
      checkGrowth: (sizeBytes, growthBytes) => volume.checkGrowth(sizeBytes, growthBytes),
      snapshots: { quietMs: settings.snapshotQuietMs, longestUnsentMs: settings.snapshotEveryMs },
    });
    const { desktopTrash, durability } = settings;
    const knownAt = (id: number) => tree.shownAt(id);
    const times = new ChangeTimes(local);
    const changes = isWritable
      ? new Changes({ shown, local, files, knownAt, desktopTrash, times })
      : undefined;
    if (draftsOverContents && isWritable)
      queue = new Queue({
        api,
        root,
        local,
        hooks: sendingHooks({
          ...{ api, tree, shown, freshness, files, contents, draftsOverContents, log, desktop },
          uid: identity.uid,
        }),
        options: sendingOptions(settings),
      });
    const waitUntilSent = async (id: number, until = signal) =>
      queue?.flush([shown.place(id).join('/')], until);
    const operations = operationsOf(
      {
        directories: new Directories(shown, walks),
        files,
        changes,
        attributes: isWritable ? new AttributeChanges({ shown, local, times, owner: settings }) : undefined,
        setPublic: publishing({ api, tree, shown, waitUntilSent }),
        links: new Links({ shown, changes, files, drafts: draftsOverContents }),
        times,
        waitUntilSent: durability === 'server' ? waitUntilSent : undefined,
        volume,
        owner: settings,
      },
      {
        signal,
        onFailure: (operation, path, error) => logOperation(log, operation, path, error),
        forgetAttributes: async (path) => kernel?.forgetAttributes(path),
      },
    );
    const { runtimeFolder, account, cacheLimitBytes } = settings;
    const parts = { mountpoint, account, root, cacheLimitBytes, api, freshness, volume, store, pins };
    const setAside = await SetAsideDrafts.open(state.folder, root, contents, (error, folder) =>
      log.error({ ...loggable(error), folder }, 'what was set aside cannot be read'),
    );
    const allQueues = setAside.beside(queue ?? emptyQueue);
    lastSending = new LastSending(allQueues, signal);
    const uid = identity.uid;
    const whereabouts = new Whereabouts({ tree, shown, local, uid, account, onShown: forgetNames });
    const control = new MountStatusAndQueue({
      ...parts,
      queue: allQueues,
      sending: queue,
      lastSending,
      whereabouts,
    });
    observation.show({ ...parts, queue: allQueues, sending: queue, blocks });
    const announcement = await announce({ runtimeFolder, mountpoint, root, control, log });
    opened.push(() => announcement.close());
    const trustSec = installedFeatures().invalidation ? kernelTrustSec.told : kernelTrustSec.untold;
    state.keep();
    mounted = await mount(mountpoint, observation.operations(operations), {
      sourceName: 'yadiskfs',
      subtype: 'yadiskfs',
      readOnly: !isWritable,
      atomicTruncate: true,
      noAtime: true,
      defaultPermissions: true,
      allowOther: settings.allowOther,
      entryTimeoutSec: trustSec,
      attrTimeoutSec: trustSec,
      negativeTimeoutSec: trustSec,
    });
    const poller = new Poller(api, tree, freshness, {
      intervalMs: settings.pollIntervalMs,
      inUseMs: trustSec * 1000 + inUseMarginMs,
      onNotice: (notice) => logPoll(log, notice),
    });
    const watch = new TokenWatch(api, tokens, settings.stateFolder, identity.uid);
    for (const task of [poller, watch, pins, new Housekeeping(tree), ...(queue ? [queue] : [])])
      tasks.push(
        task
          .run(signal)
          .catch((error: unknown) => log.error(loggable(error), 'a task in the background ended')),
      );
  } catch (error) {
    await pinStore?.shelf.close();
    await store?.close();
    closeAll();
    throw error instanceof Failure
      ? error
      : new Failure('local', `Cannot mount: ${messageOf(error)}`, { path: mountpoint, cause: error });
  }
  kernel = new KernelView(mounted, (error) => log.debug(loggable(error), 'the kernel was not told'));
  for (const sentence of missingFeatures(mounted.features))
    log.warn(`fuse-native is not mended; ${sentence}`);
  log.info({ mountpoint }, 'mounted');

  const ended = mounted.ended.then(async (end) => {
    await lastSending?.afterUnmount();
    const reason = new Failure('aborted', 'The mount has ended');
    stopping.abort(reason);
    // What was written and never closed is kept as it is.
    await files?.closeAll();
    // A renewal of the token that hangs hears no signal; nobody waits for it.
    await withPatience(Promise.all(tasks), endingGraceMs, () => []);
    await tidying?.close();
    desktop.close();
    await makeUnsentSafe?.().catch((error: unknown) =>
      log.warn(loggable(error), 'a loss of power may undo what was not sent yet'),
    );
    // Before the state is given back: the next one to mount is to find the blocks free.
    await pinStore?.shelf.close();
    await store?.close();
    closeAll(reason);
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
  return { mountpoint, isWritable, counts: api.counts, ended, close };
}

function sendingOptions({ deletion, writeBackMs, transfers, neutralUploadNames }: DriveSettings) {
  return {
    deletesPermanently: deletion === 'permanently',
    hostName: hostname(),
    now: steadyDateMs,
    timing: usualSendingTiming,
    writeBackMs,
    transfers,
    copiedFromBytes: usualCopiedFromBytes,
    neutralFromBytes: neutralUploadNames ? slowFromBytes : Number.POSITIVE_INFINITY,
  };
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

/** Blocks on the local disk; where that cannot be used, the mount goes on with those in memory. */
function openStore(folder: string, settings: DriveSettings, log: Log): Promise<BlockStore> {
  return BlockStore.open(
    {
      folder,
      limitBytes: settings.cacheLimitBytes,
      minFreeBytes: settings.cacheMinFreeBytes,
      onTrouble: (failure) => log.warn(loggable(failure), 'the cache on the local disk cannot be used'),
      onRecovered: () => log.info('the cache on the local disk is used again'),
    },
    blockShape,
  );
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
