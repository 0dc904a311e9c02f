/**
 * One FUSE mount on fuse-native's compiled part: from the option string to the end of the mount.
 *
 * The compiled part runs libfuse's threads and hands each request to Node's main thread, where `handlers.ts` calls
 * the operation. What differs between the binding as it comes and the mended one is told by `features` and kept in
 * `layout.ts`.
 *
 * The process that serves a mount must never touch it synchronously: the call would wait for itself.
 */
import { loadAddon } from './addon.ts';
import { detectFeatures, type Features } from './features.ts';
import { runFusermount } from './fusermount.ts';
import { unmendedLayout } from './layout.ts';
import { type Connection, createConnection } from './mount-class.ts';
import { MountError } from './mount-error.ts';
import { type MountEntry, readMountTable, topAt } from './mount-table.ts';
import type { Operations } from './operations.ts';
import { type MountOptions, optionString } from './options.ts';
import { checkBeforeMount } from './preflight.ts';

/** `unmounted`: by our own `unmount`; `taken-away`: by somebody else, or the connection was cut. */
export type MountEnd = 'unmounted' | 'taken-away';

export interface UnmountOptions {
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
  /** Resolves once, when no more requests will come. Never rejects. */
  readonly ended: Promise<MountEnd>;
  /** Resolves when the name is gone. Requests must still be answered until then. @throws MountError */
  unmount(options?: UnmountOptions): Promise<void>;
}

/** How often the mount table is looked at when the binding cannot tell that the mount ended. */
const WATCH_INTERVAL_MS = 1_000;

/**
 * Mounts, and resolves when the kernel has sent its first request.
 * @throws MountError; nothing is left mounted then
 */
export async function mount(
  mountpoint: string,
  operations: Operations,
  options: MountOptions,
): Promise<Mount> {
  const addon = loadAddon();
  const features = detectFeatures(addon.native);
  const optionText = optionString(options);
  const place = await checkBeforeMount(mountpoint);
  const before = topAt(await readMountTable(), place);
  const connection = createConnection(addon, unmendedLayout, place, operations, optionText);
  try {
    await open(connection);
  } catch (error) {
    await clearHalfOpen(connection, place, before?.id);
    throw error;
  }
  return new ServedMount(connection, place, features);
}

class ServedMount implements Mount {
  readonly mountpoint: string;
  readonly features: Features;
  readonly ended: Promise<MountEnd>;
  readonly #connection: Connection;
  #end: (end: MountEnd) => void = () => {};
  #hasEnded = false;
  #unmounting: Promise<void> | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(connection: Connection, mountpoint: string, features: Features) {
    this.#connection = connection;
    this.mountpoint = mountpoint;
    this.features = features;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#watchTable();
  }

  async unmount({ detachIfBusy = true }: UnmountOptions = {}): Promise<void> {
    this.#unmounting ??= this.#unmount(detachIfBusy).finally(() => {
      this.#unmounting = undefined;
    });
    await this.#unmounting;
  }

  async #unmount(detachIfBusy: boolean): Promise<void> {
    if (this.#hasEnded) return;
    try {
      await runFusermount(this.mountpoint, 'plain');
    } catch (error) {
      if (this.#hasEnded) return;
      if (!(error instanceof MountError) || error.code !== 'busy' || !detachIfBusy) throw error;
      await runFusermount(this.mountpoint, 'lazy');
    }
    this.#finish('unmounted');
  }

  #finish(end: MountEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#watch);
    this.#connection.unmount(() => this.#end(end));
  }

  /** Without touching the mount, and without holding the process up. */
  #watchTable(): void {
    let ours: number | undefined;
    const look = async (): Promise<void> => {
      const table = await readMountTable().catch(() => []);
      ours ??= topAt(table, this.mountpoint)?.id;
      if (this.#hasEnded) return;
      // An id is free for the next mount as soon as ours is gone.
      const isOurs = (entry: MountEntry) => entry.id === ours && entry.mountpoint === this.mountpoint;
      const isGone = table.length > 0 && !table.some(isOurs);
      if (isGone && !this.#unmounting) this.#finish('taken-away');
      else this.#watch = setTimeout(look, WATCH_INTERVAL_MS).unref();
    };
    void look();
  }
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
