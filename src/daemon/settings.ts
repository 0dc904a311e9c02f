export const durabilities = ['local', 'server'] as const;
type Durability = (typeof durabilities)[number];
export const deletions = ['trash', 'permanently'] as const;
type Deletion = (typeof deletions)[number];
export const desktopTrashes = ['refuse', 'allow'] as const;
type DesktopTrash = (typeof desktopTrashes)[number];

/** One mount, as the user asked for it. */
export interface DriveSettings {
  readonly mountpoint: string;
  /** The name of the login, for those who ask. */
  readonly account: string;
  readonly apiUrl: string;
  /** What is kept of each person's Disk lies in folders in here. */
  readonly stateFolder: string;
  /** The mount's record and socket lie in here, for commands. */
  readonly runtimeFolder: string;
  /** Folder of the Disk that is shown. */
  readonly root: string;
  /** Nothing can be changed through the mount. */
  readonly readOnly: boolean;
  readonly allowOther: boolean;
  readonly uid: number;
  readonly gid: number;
  /** What has no permissions of its own gets all but these … */
  readonly umask: number;
  /** … and nothing at all gets these. */
  readonly mask: number;
  /** A change made elsewhere may stay unseen for this long. */
  readonly pollIntervalMs: number;
  /** Of all transfers together; 0 = no limit. */
  readonly downLimitBytesPerSecond: number;
  readonly upLimitBytesPerSecond: number;
  /** How long a closed file waits for further changes before it is sent. */
  readonly writeBackMs: number;
  /** A file that stays open is sent as it is after so long a pause in writing … */
  readonly snapshotQuietMs: number;
  /** … and at the latest so long after it was sent last. */
  readonly snapshotEveryMs: number;
  /** Where `close` and `fsync` wait for. */
  readonly durability: Durability;
  /** Where on the Disk goes what is deleted here. */
  readonly deletion: Deletion;
  /** Uploads at once. */
  readonly transfers: number;
  /** Whether a desktop may make a trash folder of its own in the mount. */
  readonly desktopTrash: DesktopTrash;
  /** Kinds of file that the server takes slowly go up under a neutral name, and are renamed there. */
  readonly neutralUploadNames: boolean;
  /** Blocks are kept in folders in here, which may be deleted at any time. */
  readonly cacheFolder: string;
  readonly cacheLimitBytes: number;
  /** Room on the local disk that the cache leaves to others. */
  readonly cacheMinFreeBytes: number;
  /** Requests to the API host in any one second; 0 = no limit. */
  readonly apiRatePerSecond: number;
  /** Where metrics are served on 127.0.0.1; 0 = a port that is free. Undefined: nowhere. */
  readonly metricsPort: number | undefined;
}
