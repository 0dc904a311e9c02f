/** One mount, as the user asked for it. */
export interface DriveSettings {
  readonly mountpoint: string;
  readonly apiUrl: string;
  /** What is kept of each person's Disk lies in folders in here. */
  readonly stateFolder: string;
  /** Folder of the Disk that is shown. */
  readonly root: string;
  readonly allowOther: boolean;
  readonly uid: number;
  readonly gid: number;
  readonly umask: number;
  /** A change made elsewhere may stay unseen for this long. */
  readonly pollIntervalMs: number;
  /** Of all transfers together; 0 = no limit. */
  readonly downLimitBytesPerSecond: number;
  readonly upLimitBytesPerSecond: number;
  /** Blocks are kept in folders in here, which may be deleted at any time. */
  readonly cacheFolder: string;
  readonly cacheLimitBytes: number;
  /** Room on the local disk that the cache leaves to others. */
  readonly cacheMinFreeBytes: number;
  /** Requests to the API host in any one second; 0 = no limit. */
  readonly apiRatePerSecond: number;
}
