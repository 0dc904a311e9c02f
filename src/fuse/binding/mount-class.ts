import type Fuse from 'fuse-native';
import type { Addon } from './addon.ts';
import { makeHandlers } from './handlers.ts';
import type { Layout } from './layout.ts';
import { MountError } from './mount-error.ts';
import type { Operations } from './operations.ts';

/** How long the kernel may take from the mount to its first request. */
const FIRST_REQUEST_TIMEOUT_MS = 10_000;

/** fuse-native's class with our option string, our handlers, and neither a shell nor a time-out. */
export type Connection = Fuse & {
  /** Lets go of Node's event loop. To be called once the kernel's side is gone or left behind. */
  letGo(): void;
};

export function createConnection(
  { Fuse, native }: Addon,
  layout: Layout,
  mountpoint: string,
  operations: Operations,
  options: string,
): Connection {
  const thread = Buffer.alloc(native.sizeof_fuse_thread_t);
  let onInit: () => void = () => {};

  class OurFuse extends Fuse {
    override _makeHandlerArray(): readonly unknown[] {
      return makeHandlers(native, layout, operations, () => onInit());
    }

    override _fuseOptions(): string {
      return options;
    }

    override _open(callback: (error: Error | null) => void): void {
      const timer = setTimeout(() => {
        callback(new MountError('refused', 'the kernel took the mount and then sent nothing'));
      }, FIRST_REQUEST_TIMEOUT_MS);
      onInit = () => {
        clearTimeout(timer);
        process.nextTick(callback, null);
      };
      try {
        native.fuse_native_mount(
          mountpoint,
          this._fuseOptions(),
          thread,
          this,
          (sizeBytes) => this._malloc(sizeBytes),
          this._handlers,
          this._getImplementedArray(),
        );
      } catch (cause) {
        clearTimeout(timer);
        const words = cause instanceof Error ? cause.message : String(cause);
        callback(new MountError('refused', `libfuse could not mount ${mountpoint}: ${words}`, { cause }));
      }
    }

    /** What goes before, the kernel's side, is in unmount.ts. */
    override _close(callback: (error: Error | null) => void): void {
      this.letGo();
      callback(null);
    }

    letGo(): void {
      native.fuse_native_unmount(mountpoint, thread);
    }
  }

  return new OurFuse(mountpoint, operations, { timeout: false });
}
