import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type Fuse from 'fuse-native';
import { MountError } from './mount-error.ts';
import type { Operations } from './operations.ts';

/** A waiting request, to be handed back with its answer. */
export type Request = Buffer;

/** The operations that the compiled part knows; `init` is the connection's own. */
export type OperationName = keyof Operations;

/** Answers a request; what follows the result depends on the operation. Wakes the libfuse thread that waits. */
export type SendAnswer = (request: Request, result: number, ...values: unknown[]) => void;

type Opcodes = Readonly<Record<`op_${OperationName}`, number>>;
type Answers = Readonly<Record<`fuse_native_signal_${OperationName}`, SendAnswer>>;

/** What the compiled part exports and this folder calls. */
export interface NativeFuse extends Opcodes, Answers {
  readonly sizeof_fuse_thread_t: number;
  /**
   * Mounts and starts libfuse's loop in threads of its own. The last two are for the mended one only.
   * @throws Error
   */
  fuse_native_mount(
    mountpoint: string,
    optionString: string,
    thread: Buffer,
    receiver: object,
    allocate: (sizeBytes: number) => Buffer,
    handlers: readonly unknown[],
    implemented: Uint32Array,
    onEnded: (result: number) => void,
    onInvalidated: (id: number, result: number) => void,
  ): void;
  /** Lets go of Node's event loop; unmounts nothing. */
  fuse_native_unmount(mountpoint: string, thread: Buffer): void;
}

/** What scripts/mend-fuse-native adds. */
interface MendedFuse extends NativeFuse {
  readonly mended_version: typeof MENDED_VERSION;
  /**
   * Has the kernel forget a node (`name` empty) or a name in a folder; `onInvalidated` is called with the id later.
   * @returns 0, or a negative errno and no call: -ENOENT when the kernel does not know the path
   */
  mended_invalidate(
    thread: Buffer,
    path: string,
    name: string,
    offsetBytes: number,
    lengthBytes: number,
    id: number,
  ): number;
  /** Cuts the connection, if we are root. @returns 0 or a negative errno */
  mended_cut(thread: Buffer): number;
  /** How many nodes the kernel holds references to. */
  mended_known_nodes(thread: Buffer): number;
}

/** Of the mending whose layout and functions this folder knows; served.h has the same number. */
const MENDED_VERSION = 1;

export function isMended(native: NativeFuse): native is MendedFuse {
  return 'mended_version' in native && native.mended_version === MENDED_VERSION;
}

export interface Addon {
  readonly Fuse: typeof Fuse;
  readonly native: NativeFuse;
}

let loaded: Addon | undefined;

/**
 * Loads fuse-native on first use, so that commands without a mount need neither it nor libfuse.
 * @throws MountError 'addon-missing'
 */
export function loadAddon(): Addon {
  loaded ??= load();
  return loaded;
}

function load(): Addon {
  const require = createRequire(import.meta.url);
  try {
    const entry = require.resolve('fuse-native');
    // The module keeps its compiled part to itself; its loader gives the same object again.
    const nativeLoader = createRequire(entry)('node-gyp-build') as (folder: string) => NativeFuse;
    return { native: nativeLoader(dirname(entry)), Fuse: require(entry) as typeof Fuse };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const hint = reason.includes('libfuse.so.2')
      ? 'install the package libfuse2 (libfuse2t64 on Ubuntu 24.04), or a C compiler and this program anew'
      : 'install this program anew';
    throw new MountError('addon-missing', `the FUSE binding cannot be loaded: ${reason}; ${hint}`, { cause });
  }
}
