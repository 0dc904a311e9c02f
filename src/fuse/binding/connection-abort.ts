import { writeFileSync } from 'node:fs';
import type { MountEntry } from './mount-table.ts';

/** Where fusectl is mounted on every system that has it. */
const CONTROL_FOLDER = '/sys/fs/fuse/connections';

/**
 * Cuts a mount's connection: every process that waits for an answer gets an error, and nothing can hang on it any
 * more. Synchronous, for the last moment of a process; it touches a file of the kernel's, never the mount. It is also
 * what frees a mount whose process was killed and cannot die, since it stood in the kernel with an invalidation.
 *
 * @returns whether it could be done: fusectl must be there, and the mount must be ours
 */
export function cutConnection(mount: Pick<MountEntry, 'device'>): boolean {
  const minor = mount.device.split(':')[1];
  try {
    writeFileSync(`${CONTROL_FOLDER}/${minor}/abort`, '1');
    return true;
  } catch {
    return false;
  }
}
