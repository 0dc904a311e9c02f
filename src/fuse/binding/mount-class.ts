import { constants } from 'node:os';
import type Fuse from 'fuse-native';
import { type Addon, isMended } from './addon.ts';
import { makeHandlers } from './handlers.ts';
import type { Invalidation } from './invalidations.ts';
import type { Layout } from './layout.ts';
import { MountError } from './mount-error.ts';
import type { Operations } from './operations.ts';

/** How long the kernel may take from the mount to its first request. */
const FIRST_REQUEST_TIMEOUT_MS = 10_000;

/** fuse-native's class with our option string, our handlers, and neither a shell nor a time-out. */
export type Connection = Fuse & {
  /** Lets go of Node's event loop. To be called once the kernel's side is gone or left behind. */
  letGo(): void;
  /** 0, or a negative errno when the kernel has nothing to forget or cannot be told. */
  invalidate(invalidation: Invalidation, id: number): number;
  /** Cuts the connection at once, if the binding can and we are root. */
  cut(): void;
  /** How many nodes the kernel holds references to, if the binding can tell. */
  knownNodeCount(): number | undefined;
};

/** What only the mended binding tells. */
interface ConnectionEvents {
  /** All is over; `result` is 0 after an unmount and negative when the connection was cut. */
  onEnded(result: number): void;
  onInvalidated(id: number, result: number): void;
}

export function createConnection(
  { Fuse, native }: Addon,
  layout: Layout,
  mountpoint: string,
  operations: Operations,
  options: string,
  events: ConnectionEvents,
): Connection {
  const thread = Buffer.alloc(native.sizeof_fuse_thread_t);
  let onInit: () => void = () => {};
  let onEndedEarly: () => void = () => {};

  class OurFuse extends Fuse {
    override _makeHandlerArray(): readonly unknown[] {
      return makeHandlers(native, layout, operations, () => onInit());
    }

    override _fuseOptions(): string {
      return options;
    }

    override _open(callback: (error: Error | null) => void): void {
      const settle = (error: Error | null): void => {
        clearTimeout(timer);
        onInit = () => {};
        onEndedEarly = () => {};
        process.nextTick(callback, error);
      };
      const timer = setTimeout(() => {
        settle(new MountError('refused', 'the kernel took the mount and then sent nothing'));
      }, FIRST_REQUEST_TIMEOUT_MS);
      onInit = () => settle(null);
      onEndedEarly = () =>
        settle(new MountError('refused', 'the kernel took the mount and dropped it at once'));
      try {
        native.fuse_native_mount(
          mountpoint,
          this._fuseOptions(),
          thread,
          this,
          (sizeBytes) => this._malloc(sizeBytes),
          this._handlers,
          this._getImplementedArray(),
          (result) => {
            onEndedEarly();
            events.onEnded(result);
          },
          events.onInvalidated,
        );
      } catch (cause) {
        const words = cause instanceof Error ? cause.message.trim() : String(cause);
        settle(
          new MountError('refused', `cannot mount ${mountpoint}: ${words || 'no reason given'}`, { cause }),
        );
      }
    }

    /** What goes before, the kernel's side, is done by who calls it. */
    override _close(callback: (error: Error | null) => void): void {
      this.letGo();
      callback(null);
    }

    letGo(): void {
      native.fuse_native_unmount(mountpoint, thread);
    }

    invalidate({ path, name, offsetBytes, lengthBytes }: Invalidation, id: number): number {
      if (!isMended(native)) return -constants.errno.ENOENT;
      return native.mended_invalidate(thread, path, name, offsetBytes, lengthBytes, id);
    }

    cut(): void {
      if (isMended(native)) native.mended_cut(thread);
    }

    knownNodeCount(): number | undefined {
      return isMended(native) ? native.mended_known_nodes(thread) : undefined;
    }
  }

  return new OurFuse(mountpoint, operations, { timeout: false });
}
