import { readMountTable, topAt } from '../fuse/binding/mount-table.ts';
import { readRecord } from './mount-record.ts';
import { mountType } from './mountpoint.ts';

/** A Disk that is mounted, by a process that may be gone. */
export interface RunningMount {
  readonly mountpoint: string;
  readonly pid: number;
  readonly root: string;
  readonly socket: string | null;
  /** Name of the login that it is mounted with, where it told. */
  readonly account?: string | undefined;
}

/** All Disks in the mount table. */
export interface MountedDisks {
  /** Those that processes of this user serve, in this runtime folder. */
  readonly mounts: readonly RunningMount[];
  /** The places of the others. */
  readonly strangers: readonly string[];
  /** Only mounts of this login are meant. */
  readonly account?: string | undefined;
}

/** Those that are meant. */
export function mountsOf({ mounts, account }: MountedDisks): readonly RunningMount[] {
  return account === undefined ? mounts : mounts.filter((mount) => mount.account === account);
}

/** None of them is touched: one that is dead, or waits for a network, would hold up whoever asks. */
export async function mountedDisks(runtimeFolder: string, account?: string): Promise<MountedDisks> {
  const table = await readMountTable();
  const places = new Set(table.filter(({ type }) => type === mountType).map(({ mountpoint }) => mountpoint));
  const mounts: RunningMount[] = [];
  const strangers: string[] = [];
  for (const mountpoint of places) {
    if (topAt(table, mountpoint)?.type !== mountType) continue;
    const record = await readRecord(runtimeFolder, mountpoint);
    if (record) mounts.push(record);
    else strangers.push(mountpoint);
  }
  return { mounts, strangers, account };
}
