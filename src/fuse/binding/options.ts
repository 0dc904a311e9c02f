import { MountError } from './mount-error.ts';

/** How to mount. What is left out is left to libfuse 2.9 and the kernel. */
export interface MountOptions {
  /** First column of `mount` and `df`. */
  readonly sourceName?: string;
  /** The type becomes `fuse.SUBTYPE`. */
  readonly subtype?: string;
  readonly readOnly?: boolean;
  readonly noAtime?: boolean;
  /** Other users may enter; needs `user_allow_other` in /etc/fuse.conf unless we are root. */
  readonly allowOther?: boolean;
  /** The kernel checks modes and owners by itself. */
  readonly defaultPermissions?: boolean;
  /** Owner, group and mode mask shown for everything, in place of what `getattr` says. */
  readonly uid?: number;
  readonly gid?: number;
  readonly umask?: number;
  /** How long the kernel believes a name, attributes, and that a name does not exist. */
  readonly entryTimeoutSec?: number;
  readonly attrTimeoutSec?: number;
  readonly negativeTimeoutSec?: number;
  /** At open, the page cache of a file is dropped if its size or mtime changed since the last time. */
  readonly autoCache?: boolean;
  readonly maxReadBytes?: number;
  readonly maxWriteBytes?: number;
  readonly maxReadAheadBytes?: number;
  /** How many requests the kernel may have under way without a process waiting for them (read-ahead). */
  readonly maxBackground?: number;
  /** `open` gets O_TRUNC, in place of a `truncate` before it. */
  readonly atomicTruncate?: boolean;
  /** libfuse prints every request to stderr. */
  readonly debug?: boolean;
}

/** fuse-native's C copies the string into 1,024 bytes and cuts what is longer without a word. */
const OPTION_STRING_MAX_BYTES = 1023;

/**
 * The argument for libfuse. Writes come in pieces of up to 128 KiB (`big_writes`), and inode numbers are ours
 * (`use_ino`).
 * @throws MountError 'invalid-option' for a value that libfuse would misread, or for too long a string.
 */
export function optionString(options: MountOptions): string {
  const parts = ['big_writes', 'use_ino'];
  const flag = (name: string, value: boolean | undefined): void => {
    if (value) parts.push(name);
  };
  const count = (name: string, value: number | undefined): void => {
    if (value !== undefined) parts.push(`${name}=${wholeNumber(name, value)}`);
  };
  const seconds = (name: string, value: number | undefined): void => {
    if (value !== undefined) parts.push(`${name}=${finiteSeconds(name, value)}`);
  };
  const text = (name: string, value: string | undefined): void => {
    if (value !== undefined) parts.push(`${name}=${escaped(name, value)}`);
  };

  text('fsname', options.sourceName);
  text('subtype', options.subtype);
  flag('ro', options.readOnly);
  flag('noatime', options.noAtime);
  flag('allow_other', options.allowOther);
  flag('default_permissions', options.defaultPermissions);
  count('uid', options.uid);
  count('gid', options.gid);
  if (options.umask !== undefined) parts.push(`umask=${wholeNumber('umask', options.umask).toString(8)}`);
  seconds('entry_timeout', options.entryTimeoutSec);
  seconds('attr_timeout', options.attrTimeoutSec);
  seconds('negative_timeout', options.negativeTimeoutSec);
  flag('auto_cache', options.autoCache);
  count('max_read', options.maxReadBytes);
  count('max_write', options.maxWriteBytes);
  count('max_readahead', options.maxReadAheadBytes);
  count('max_background', options.maxBackground);
  flag('atomic_o_trunc', options.atomicTruncate);
  flag('debug', options.debug);

  const joined = `-o${parts.join(',')}`;
  if (Buffer.byteLength(joined) > OPTION_STRING_MAX_BYTES) {
    throw new MountError('invalid-option', `mount options are longer than ${OPTION_STRING_MAX_BYTES} bytes`);
  }
  return joined;
}

function wholeNumber(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff) return value;
  throw new MountError('invalid-option', `mount option ${name} must be a whole number, not ${value}`);
}

/** libfuse reads these with `%lf`, which knows no exponent-free form for very small ones: three decimals do. */
function finiteSeconds(name: string, value: number): string {
  if (Number.isFinite(value) && value >= 0 && value <= 1e9) return value.toFixed(3);
  throw new MountError('invalid-option', `mount option ${name} must be a number of seconds, not ${value}`);
}

/** Commas part options and a backslash escapes them; a control character would garble /proc/mounts. */
function escaped(name: string, value: string): string {
  const controls = /\p{Cc}/u;
  if (value === '' || controls.test(value)) {
    throw new MountError('invalid-option', `mount option ${name} cannot be ${JSON.stringify(value)}`);
  }
  return value.replaceAll(/[\\,]/g, (found) => `\\${found}`);
}
