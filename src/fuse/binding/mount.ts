/**
 * One FUSE mount on fuse-native's compiled part: from the option string to the end of the mount.
 *
 * The compiled part runs libfuse's threads and hands each request to Node's main thread, where `handlers.ts` calls
 * the operation. What differs between the binding as it comes and the mended one is told by `features` and kept in
 * `layout.ts` and here.
 *
 * The process that serves a mount must never touch it synchronously: the call would wait for itself.
 */
import { loadAddon } from './addon.ts';
import { cutConnection } from './connection-abort.ts';
import { type Features, featuresOf } from './features.ts';
import { runFusermount } from './fusermount.ts';
import { Invalidations } from './invalidations.ts';
import { mendedLayout, unmendedLayout } from './layout.ts';
import { type Connection, createConnection } from './mount-class.ts';
import { MountError } from './mount-error.ts';
import { type MountEntry, readMountTable, topAt } from './mount-table.ts';
import type { Operations } from './operations.ts';
import { type MountOptions, optionString } from './options.ts';
import { checkBeforeMount } from './preflight.ts';

/**
 * `unmounted`: by our own `unmount`; `taken-away`: by somebody else; `cut-off`: the connection was aborted, which
 * leaves a dead mount behind that is taken away then.
 */
export type MountEnd = 'unmounted' | 'taken-away' | 'cut-off';

interface UnmountOptions {
  /**
   * With files still open, take the name away now and the rest when they are closed. When false, `unmount` fails
   * with 'busy' and the mount goes on. Default true.
   */
  readonly detachIfBusy?: boolean;
}

export interface Mount {
  /** Absolute, links resolved. */
  readonly mountpoint: string;
  readonly features: Features;
  /**
   * Resolves once, when the mount is gone. Programs that held files while it was detached may still send requests
   * for those. Never rejects.
   */
  readonly ended: Promise<MountEnd>;
  /** Resolves when the name is gone. Requests must still be answered until then. @throws MountError */
  unmount(options?: UnmountOptions): Promise<void>;
  /**
   * Has the kernel forget a file's or folder's attributes; with `offsetBytes` also the file's pages from there on, all
   * or `lengthBytes` of them. Without, pages go at the next open that is not answered `keepCache`.
   *
   * Pages that are being read are waited for, and so is a folder in which something is being made or looked up. No
   * operation may therefore wait for an invalidation before it answers.
   * @returns whether the kernel knew the file by this path; false also when the binding cannot tell it anything
   * @throws MountError 'ended' or 'overloaded'
   */
  invalidateInode(path: string, offsetBytes?: number, lengthBytes?: number): Promise<boolean>;
  /**
   * Has the kernel forget what a name in a folder means, also that there is none. As `invalidateInode` otherwise.
   */
  invalidateEntry(folderPath: string, name: string): Promise<boolean>;
  /** Resolves when all that was asked until now is done. `unmount` does it by itself. */
  drainInvalidations(): Promise<void>;
  /** How many files and folders the kernel holds on to, if the binding can tell. */
  knownNodeCount(): number | undefined;
}

const ATTRIBUTES_ONLY = -1;
/**
 * How often the mount table is looked at: the published binding cannot tell the end of a mount, and neither can one that
 * was detached by somebody else while files on it are open.
 */
const WATCH_INTERVAL_MS = 1_000;
/** How long `unmount` waits for what stands in the kernel, and for libfuse's threads after the kernel has let go. */
const DRAIN_TIMEOUT_MS = 2_000;

/**
 * Mounts, and resolves when the kernel has sent its first request.
 * @throws MountError; nothing is left mounted then
 */
export async function mount(
  mountpoint: string,
  operations: Operations,
  options: MountOptions,
): Promise<Mount> {
  return mountWithText(mountpoint, operations, optionString(options));
}

/** As `mount`, with libfuse's options as they are. */
export async function mountWithText(
  mountpoint: string,
  operations: Operations,
  optionText: string,
): Promise<Mount> {
  const addon = loadAddon();
  const features = featuresOf(addon.native);
  const layout = features.mended ? mendedLayout : unmendedLayout;
  const place = await checkBeforeMount(mountpoint);
  const before = topAt(await readMountTable(), place);
  let endedEarly: number | undefined;
  const events = {
    onEnded: (result: number): void => {
      endedEarly = result;
    },
    onInvalidated: (_id: number, _result: number): void => {},
  };
  const connection = createConnection(addon, layout, place, operations, optionText, {
    onEnded: (result) => events.onEnded(result),
    onInvalidated: (id, result) => events.onInvalidated(id, result),
  });
  try {
    await open(connection);
  } catch (error) {
    await clearHalfOpen(connection, place, before?.id);
    throw error;
  }
  const served = new ServedMount(connection, place, features);
  events.onEnded = (result) => void served.noteEnd(result);
  events.onInvalidated = (id, result) => served.invalidations.settle(id, result);
  await served.watch(before?.id);
  if (endedEarly !== undefined) void served.noteEnd(endedEarly);
  return served;
}

class ServedMount implements Mount {
  readonly mountpoint: string;
  readonly features: Features;
  readonly ended: Promise<MountEnd>;
  readonly invalidations: Invalidations;
  readonly #connection: Connection;
  #end: (end: MountEnd) => void = () => {};
  #hasEnded = false;
  #unmounting: Promise<void> | undefined;
  #entry: MountEntry | undefined;
  #watchTimer: NodeJS.Timeout | undefined;

  constructor(connection: Connection, mountpoint: string, features: Features) {
    this.#connection = connection;
    this.mountpoint = mountpoint;
    this.features = features;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.invalidations = new Invalidations((invalidation, id) => connection.invalidate(invalidation, id));
    process.on('exit', this.#cutOffAtExit);
    // libfuse's threads go on using memory that Node frees when it ends by itself, but not in `exit`.
    if (!features.mended) process.once('beforeExit', (code) => process.exit(code));
  }

  /** Finds our entry in the mount table, and goes on looking whether it is there. */
  async watch(idBefore: number | undefined): Promise<void> {
    const entry = topAt(await readMountTable().catch(() => []), this.mountpoint);
    if (entry?.id !== idBefore) this.#entry = entry;
    this.#lookLater();
  }

  async unmount({ detachIfBusy = true }: UnmountOptions = {}): Promise<void> {
    this.#unmounting ??= this.#unmount(detachIfBusy).finally(() => {
      this.#unmounting = undefined;
    });
    await this.#unmounting;
  }

  invalidateInode(path: string, offsetBytes = ATTRIBUTES_ONLY, lengthBytes = 0): Promise<boolean> {
    return this.#invalidate(path, '', offsetBytes, lengthBytes);
  }

  invalidateEntry(folderPath: string, name: string): Promise<boolean> {
    return this.#invalidate(folderPath, name, 0, 0);
  }

  drainInvalidations(): Promise<void> {
    return this.invalidations.drain();
  }

  knownNodeCount(): number | undefined {
    return this.#connection.knownNodeCount();
  }

  /** The binding says that all is over. */
  async noteEnd(result: number): Promise<void> {
    // A connection that was cut leaves the name behind, and every call on it fails.
    const isDead = (await this.#isMounted()) === 'yes';
    if (isDead) await runFusermount(this.mountpoint, 'lazy').catch(() => {});
    this.#finish(this.#unmounting ? 'unmounted' : isDead || result !== 0 ? 'cut-off' : 'taken-away');
  }

  #invalidate(path: string, name: string, offsetBytes: number, lengthBytes: number): Promise<boolean> {
    if (this.#hasEnded) return Promise.reject(new MountError('ended', 'the mount is not there any more'));
    if (!this.features.invalidation) return Promise.resolve(false);
    return this.invalidations.ask({ path, name, offsetBytes, lengthBytes });
  }

  async #unmount(detachIfBusy: boolean): Promise<void> {
    if (this.#hasEnded) return;
    await withTimeout(this.invalidations.holdBack(), DRAIN_TIMEOUT_MS);
    try {
      await runFusermount(this.mountpoint, 'plain');
      // libfuse still has to take leave: it may ask for files to be removed that were kept while they were open.
      if (this.features.lifecycle) await withTimeout(this.ended, DRAIN_TIMEOUT_MS);
    } catch (error) {
      if (this.#hasEnded) return;
      if (!(error instanceof MountError) || error.code !== 'busy' || !detachIfBusy) {
        this.invalidations.goOn();
        throw error;
      }
      await runFusermount(this.mountpoint, 'lazy');
    }
    this.#finish('unmounted');
  }

  #finish(end: MountEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#watchTimer);
    // What still stands in the kernel then must be cut off at exit.
    if (this.invalidations.underWayCount === 0) process.off('exit', this.#cutOffAtExit);
    this.invalidations.end();
    this.#connection.unmount(() => this.#end(end));
  }

  /** Without touching the mount, and without holding the process up. */
  #lookLater(): void {
    this.#watchTimer = setTimeout(async () => {
      if (this.#hasEnded) return;
      if (!this.#unmounting && (await this.#isMounted()) === 'no') this.#finish('taken-away');
      else this.#lookLater();
    }, WATCH_INTERVAL_MS).unref();
  }

  async #isMounted(): Promise<'yes' | 'no' | 'unknown'> {
    const ours = this.#entry;
    if (!ours) return 'no';
    try {
      const table = await readMountTable();
      // An id is free for the next mount as soon as ours is gone.
      return table.some(({ id, mountpoint }) => id === ours.id && mountpoint === ours.mountpoint)
        ? 'yes'
        : 'no';
    } catch {
      return 'unknown';
    }
  }

  /** A thread that stands in the kernel with an invalidation would keep the process from ending, and from being killed. */
  readonly #cutOffAtExit = (): void => {
    if (this.invalidations.underWayCount === 0) return;
    if (!this.#entry || !cutConnection(this.#entry)) this.#connection.cut();
  };
}

function open(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.mount((error) => (error ? reject(error) : resolve()));
  });
}

/** libfuse may have mounted before it failed. */
async function clearHalfOpen(
  connection: Connection,
  place: string,
  idBefore: number | undefined,
): Promise<void> {
  const entry = topAt(await readMountTable(), place);
  if (entry && entry.id !== idBefore && entry.type.startsWith('fuse')) await runFusermount(place, 'lazy');
  connection.letGo();
}

async function withTimeout(promise: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
