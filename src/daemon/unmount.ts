import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../errors.ts';
import { runFusermount } from '../fuse/binding/fusermount.ts';
import { MountError } from '../fuse/binding/mount-error.ts';
import type { Folders } from './folders.ts';
import { readRecord, removeRecord } from './mount-record.ts';
import { isDeadMount, mountAt, mountType, resolveMountpoint } from './mountpoint.ts';
import { goOnHint, isStopped } from './stopped-process.ts';

/** How long the process behind the mount may take to put everything in order. */
const endingMs = 15_000;
/** … and one that was stopped, which ends when somebody lets it go on. */
const stoppedMs = 1_000;

interface UnmountOptions {
  /** Detaches it even if it is in use; a dead one is detached anyway. */
  readonly force: boolean;
  /** Waited for when the mount is gone, and before its process is expected to end. */
  readonly lastSent?: Promise<void> | undefined;
}

/**
 * Takes a mount away and waits until the process that served it has ended.
 * @throws Failure 'local': no Disk is mounted there, or it is in use; and what `lastSent` is rejected with
 */
export async function unmountDrive(
  folders: Folders,
  place: string,
  { force, lastSent }: UnmountOptions,
): Promise<void> {
  const mountpoint = await resolveMountpoint(place).catch((cause: unknown) => {
    // It says what to do for a mount.
    throw new Failure('local', `No Disk is mounted at ${resolve(place)}`, { path: resolve(place), cause });
  });
  const entry = await mountAt(mountpoint);
  if (entry?.type !== mountType) {
    throw noDiskAt(mountpoint);
  }
  const dead = await isDeadMount(mountpoint);
  const pid = (await readRecord(folders.runtime, mountpoint))?.pid;
  try {
    await runFusermount(mountpoint, force || dead ? 'lazy' : 'plain');
  } catch (error) {
    throw notUnmounted(mountpoint, error);
  }
  if (dead || pid === undefined) return removeRecord(folders.runtime, mountpoint);
  try {
    await lastSent;
  } finally {
    await processEnd(mountpoint, pid, force);
  }
}

export function noDiskAt(path: string): Failure {
  return new Failure('local', `No Disk is mounted at ${path}`, {
    path,
    hint: 'yadiskfs status tells what is mounted.',
  });
}

function notUnmounted(mountpoint: string, cause: unknown): Failure {
  const busy = cause instanceof MountError && cause.code === 'busy';
  const message = cause instanceof Error ? cause.message : String(cause);
  return new Failure('local', busy ? `In use: ${mountpoint}` : `Cannot unmount ${mountpoint}: ${message}`, {
    path: mountpoint,
    hint: busy
      ? `Close what is open there (fuser -vm '${mountpoint}' shows it), or detach it: yadiskfs umount --force '${mountpoint}'`
      : undefined,
    cause,
  });
}

async function processEnd(mountpoint: string, pid: number, force: boolean): Promise<void> {
  const deadlineMs = performance.now() + endingMs;
  const stoppedDeadlineMs = performance.now() + stoppedMs;
  while (isAlive(pid)) {
    const nowMs = performance.now();
    const hint = nowMs > stoppedDeadlineMs && isStopped(pid) ? goOnHint(pid) : undefined;
    if (hint !== undefined || nowMs > deadlineMs) {
      // With force, programs may hold files for as long as they like; the name is gone, which is what was asked for.
      if (force) return;
      throw new Failure('local', `Unmounted, but process ${pid} has not ended yet`, {
        path: mountpoint,
        hint,
      });
    }
    await sleep(20);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
