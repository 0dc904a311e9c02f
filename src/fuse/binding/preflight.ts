import { access, constants, realpath, stat } from 'node:fs/promises';
import { findFusermount } from './fusermount.ts';
import { MountError } from './mount-error.ts';

const DEVICE = '/dev/fuse';

/** fuse-native's C copies the path into 1,024 bytes and cuts what is longer without a word. */
const MOUNTPOINT_MAX_BYTES = 1023;

/**
 * Looks for what would make libfuse fail with a word on stderr only.
 * @returns the mountpoint as the kernel will name it: absolute, links resolved
 * @throws MountError 'bad-mountpoint', 'dead-mount', 'no-device' or 'no-fusermount'
 */
export async function checkBeforeMount(mountpoint: string): Promise<string> {
  const resolved = await resolveMountpoint(mountpoint);
  if (Buffer.byteLength(resolved) > MOUNTPOINT_MAX_BYTES) {
    throw new MountError(
      'bad-mountpoint',
      `the path of the mountpoint is longer than ${MOUNTPOINT_MAX_BYTES} bytes`,
    );
  }
  try {
    await access(DEVICE, constants.R_OK | constants.W_OK);
  } catch (cause) {
    const missing = codeOf(cause) === 'ENOENT';
    const message = missing
      ? `${DEVICE} is missing (module "fuse" not loaded?)`
      : `${DEVICE} is closed to this user`;
    throw new MountError('no-device', message, { cause });
  }
  // This is the name that libfuse 2 calls; fuse3 brings it as a link.
  if (process.geteuid?.() !== 0) await findFusermount(['fusermount']);
  return resolved;
}

async function resolveMountpoint(mountpoint: string): Promise<string> {
  try {
    const resolved = await realpath(mountpoint);
    if ((await stat(resolved)).isDirectory()) return resolved;
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOTCONN') {
      throw new MountError('dead-mount', `the process that served ${mountpoint} is gone: unmount it first`, {
        cause,
      });
    }
    throw new MountError('bad-mountpoint', `${mountpoint} cannot be mounted on: ${code}`, { cause });
  }
  throw new MountError('bad-mountpoint', `${mountpoint} is not a folder`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
