import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../errors.ts';
import { runFusermount } from '../fuse/binding/fusermount.ts';
import { MountError } from '../fuse/binding/mount-error.ts';
import { isListening } from './control-socket.ts';
import type { Folders } from './folders.ts';
import { readRecord, removeRecord } from './mount-record.ts';
import { isDeadMount, mountAt, mountType, resolveMountpoint } from './mountpoint.ts';
import { endHint, goOnHint, isStopped } from './stopped-process.ts';

/** How long the process behind the mount may take to put everything in order. */
const endingMs = 15_000;
/** … and one that was stopped, which ends when it goes on. */
const stoppedMs = 1_000;

interface UnmountOptions {
  /** Detaches it even if it is in use, and lets a process go on that was stopped; a dead one is detached anyway. */
  readonly force: boolean;
  /** Waited for when the mount is gone, and before its process is expected to end. */
  readonly lastSent?: Promise<void> | undefined;
}

/**
 * Takes a mount away and waits until the process that served it has ended: until then nobody else can mount what it keeps.
 * @throws Failure 'local': no Disk is mounted there, it is in use, or the process does not end; and what `lastSent` is rejected with
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
  const record = await readRecord(folders.runtime, mountpoint);
  if (entry?.type !== mountType) {
    // Who has unmounted it, and was told that its process goes on, may want that to end as well.
    if (record && (await isListening(record.socket))) return processEnd(mountpoint, record.pid, force);
    throw noDiskAt(mountpoint);
  }
  const dead = await isDeadMount(mountpoint);
  const pid = record?.pid;
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
  let wasLetGoOn = false;
  while (isAlive(pid)) {
    const nowMs = performance.now();
    const stopped = nowMs > stoppedDeadlineMs && isStopped(pid);
    if (stopped && force && !wasLetGoOn) {
      // It finds its mount gone, and ends in good order.
      process.kill(pid, 'SIGCONT');
      wasLetGoOn = true;
    } else if ((stopped && !force) || nowMs > deadlineMs) {
      throw new Failure('local', `Unmounted, but process ${pid} has not ended yet`, {
        path: mountpoint,
        hint: stopped && !force ? goOnHint(pid) : endHint(pid),
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
