import type { DiskPath } from '../disk-api/paths.ts';

/** One mount, as the user asked for it. All values are checked. */
export interface DriveSettings {
  /** Absolute. */
  readonly mountpoint: string;
  readonly apiUrl: URL;
  readonly root: DiskPath;
  readonly allowOther: boolean;
  readonly uid: number;
  readonly gid: number;
  readonly umask: number;
  /** A change made elsewhere may stay unseen for this long. */
  readonly pollIntervalMs: number;
  /** Requests to the API host in any one second; 0 = no limit. */
  readonly apiRatePerSecond: number;
}
