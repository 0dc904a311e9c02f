/**
 * Every behaviour of the stand-in Disk that is adjustable: the doubtful ones (the real service was never
 * seen doing it, or was seen doing both) and the unkind ones (slow operations, locks, lag, limits).
 * Each comment says what is known of the real Disk; "unproven" means that nobody recorded it.
 * A default is the likeliest behaviour, not the kindest. "API reference: 7, 10.3" names its sections; those of
 * section 10 are its open questions.
 */
import { z } from 'zod';

const milliseconds = (byDefault: number) => z.number().min(0).default(byDefault);
const count = (byDefault: number) => z.number().int().min(0).default(byDefault);
const flag = (byDefault: boolean) => z.boolean().default(byDefault);
const choice = <const T extends readonly [string, ...string[]]>(values: T, byDefault: T[number]) =>
  z.enum(values).default(byDefault as never);

/** Operations and locks. API reference: 4 (operations), 7 (locks), 10.8, 10.9, 10.11. */
const operationSettings = {
  /** Life of an operation answered with 202, whatever its size. Recorded: mostly done within one second. */
  operationMs: milliseconds(700),
  /** Added for every resource that the operation touches. */
  operationMsPerItem: milliseconds(2),
  /** When the effect of a 202 shows: as its last step, or at once while it still says "in-progress". Unproven. */
  operationEffect: choice(['end', 'start'], 'end'),
  /** How long a finished operation can be asked about. Unproven. */
  operationLifeMs: milliseconds(24 * 3600_000),
  /** Form of an operation's href. `query` is the documented one, `http` was seen by an old client. */
  operationHref: choice(['path', 'query', 'http'], 'path'),
  /** Every operation ends as failed, and has no effect. */
  operationsFail: flag(false),
  /** Word for a failed operation; one public client also accepts "failure". */
  operationFailedWord: choice(['failed', 'failure'], 'failed'),
  /** Whether deleting one file is answered 202 as a non-empty folder is. Documented: 204. */
  fileDeleteIsAsync: flag(false),
  /** 423 while another change holds the resource, something above it or something beneath it. */
  locks: flag(true),
  /** Whether bytes on their way to an upload link lock their path against other changes. Unproven. */
  uploadLocksPath: flag(false),
};

/** What is seen when. API reference: 7 (after upload, modified, revision), 10.3, 10.12. */
const visibilitySettings = {
  /** For so long after an upload a file is not final: properties set in between are lost (see below). */
  finalAfterMs: milliseconds(1500),
  /** What becomes of a PATCH on a file that is not final yet; all but `keep` were seen by rclone's authors. */
  patchBeforeFinal: choice(['mixed', 'drop', 'error', 'keep'], 'mixed'),
  /** For so long after an upload the new content is not seen: 404, or the old version. Seen with large files. */
  seenLateMs: milliseconds(0),
  /** For so long after an upload a file is shown without its hashes. Recorded: small ones have them at once; of large ones nobody knows. */
  hashesLateMs: milliseconds(0),
  /** Listings of a folder show its state of so long ago, while `revision` is already new. Unproven. */
  listingLagMs: milliseconds(0),
  /** `total` of a listing is of so long ago; 0 is exact. Unproven. */
  totalLagMs: milliseconds(0),
  /** Which changes move the `revision` of the Disk. Likely every one; unproven. */
  diskRevisionMoves: choice(['always', 'sometimes', 'never'], 'always'),
  /** The `revision` of the Disk is told so much later. Unproven. */
  diskRevisionLagMs: milliseconds(0),
  /** Whether publishing and withdrawing move `revision`. Recorded: yes. */
  publishMovesRevision: flag(true),
  /** Whether changes by the owner of a shared folder move the `revision` of this Disk. Unproven. */
  sharedChangesMoveRevision: flag(true),
  /** Whether a folder's `revision` moves when something directly in it changes. Unproven. */
  folderRevisionFollowsChildren: flag(false),
  /** Whether a folder's `modified` moves when something is added to or taken from it. Unproven. */
  folderModifiedFollowsChildren: flag(false),
};

/** Listings. API reference: 4 (list), 10.6. */
const listingSettings = {
  /** Largest `limit` that is honoured. Unproven; clients use 500 and 1,000. */
  maxLimit: count(10_000),
  /** What a `limit` above the largest gets. Unproven. */
  limitAboveMax: choice(['lower', 'reject'], 'lower'),
  /** Order of a listing without `sort`. Recorded (small samples): folders first, then names. */
  defaultOrder: choice(['folders-first', 'unspecified'], 'folders-first'),
  /** Order of the flat list of files. Recorded: by creation; documented: by name. */
  filesOrder: choice(['created', 'name'], 'created'),
};

/** What changes leave as it was. API reference: 7 (modified), 10.1, 10.2. */
const survivalSettings = {
  /** What an upload over an existing file leaves as it was. All unproven. */
  overwriteKeepsResourceId: flag(true),
  overwriteKeepsProperties: flag(false),
  overwriteKeepsPublication: flag(true),
  overwriteKeepsCreated: flag(true),
  /** What a move leaves as it was. `resource_id` is said to survive; the rest is unproven. */
  moveKeepsResourceId: flag(true),
  moveKeepsProperties: flag(true),
  moveKeepsPublication: flag(true),
  moveKeepsCreated: flag(true),
  moveKeepsModified: flag(true),
  /** Whether a move changes `revision` of the resource, and of everything beneath it. Unproven. */
  moveMovesRevision: flag(true),
  moveMovesRevisionBeneath: flag(false),
  /** Whether a move to a name with another extension changes mime and media type. Unproven. */
  moveReclassifies: flag(true),
  /** Whether a copy takes the properties along. Unproven. (Recorded: a copy is "created" when it is made.) */
  copyKeepsProperties: flag(true),
};

/** Names that are taken. API reference: 4 (copy, move, delete, trash), 5, 10.8, 10.9, 10.16. */
const collisionSettings = {
  /** Where overwrite=false of an upload is looked at. A conflict at the link was seen; the commit is unproven. */
  overwriteCheckedAt: choice(['both', 'link', 'commit'], 'both'),
  /** Server-side copy over a file with overwrite=true: rclone got 409, a recording with force_async succeeded. */
  copyOntoFile: choice(['conflict-unless-async', 'conflict', 'overwrite'], 'conflict-unless-async'),
  /** Move over a file with overwrite=true. Unproven. */
  moveOntoFile: choice(['overwrite', 'conflict'], 'overwrite'),
  /** Move or copy over a folder with overwrite=true: the folder is lost, or 409. Unproven. */
  ontoFolder: choice(['replace', 'conflict'], 'replace'),
  /** Restoring from the trash to a name that is taken: 409, or 423 as one client met. */
  restoreOntoExisting: choice(['conflict', 'locked'], 'conflict'),
  /** Whether restoring brings the time of change back that was replaced by the time of deletion. Unproven. */
  restoreKeepsModified: flag(false),
  /** Whether DELETE honours `md5` (409 MD5DifferError). Named by one client; unproven. */
  md5GuardsDelete: flag(true),
  /** A name already taken when the server fetches a URL for us. Unproven. */
  saveUrlCollision: choice(['rename', 'overwrite', 'fail'], 'rename'),
};

/** Names. API reference: 7 (names), 10.7. */
const nameSettings = {
  /** How names are compared. Unproven. */
  nameComparison: choice(['exact', 'nfc', 'case'], 'exact'),
  /** Whether names are stored as sent or composed. Unproven. */
  nameStoredAs: choice(['sent', 'nfc'], 'sent'),
  /** Spaces and dots at the end of a name. One client says that they get lost; unproven. */
  nameTrailing: choice(['keep', 'strip', 'reject'], 'keep'),
  /** Characters that Windows refuses: \ : * ? " < > |. Unproven. */
  nameWindowsSet: choice(['accept', 'rewrite', 'reject'], 'accept'),
  /** Control characters in a name (tab, LF and CR are said to be accepted). */
  nameControls: choice(['accept', 'reject'], 'accept'),
  /** Longest name, and what it is counted in. Documented: 255 characters; the unit is unproven. */
  nameMax: count(255),
  nameUnit: choice(['utf16', 'characters', 'bytes'], 'utf16'),
  /** Longest path in characters. Documented. */
  pathMax: count(32_760),
};

/** Custom properties. API reference: 4 (PATCH), 10.13. */
const propertySettings = {
  /** Size of all custom properties together as JSON, and what it is counted in. Documented: 1,024 characters. */
  propertiesMax: count(1024),
  propertiesUnit: choice(['characters', 'bytes'], 'characters'),
};

/** Uploads. API reference: 2 (413, 423), 5, 10.4, 10.11, 10.18. */
const uploadSettings = {
  /** Life of an upload link until its first use. Documented: 30 minutes; clients saw it die sooner. */
  uploadLinkLifeMs: milliseconds(30 * 60_000),
  /** Status of a PUT to an upload link that is too old. */
  uploadLinkExpiredStatus: z.literal([410, 404]).default(410),
  /** Status of a second PUT to one upload link. Seen by rclone: 400. */
  uploadLinkReusedStatus: z.literal([400, 404, 410]).default(400),
  /** 201, or 202: stored, and moved to the Disk `lateCommitMs` later. */
  uploadAnswer: z.literal([201, 202]).default(201),
  lateCommitMs: milliseconds(1000),
  /** The wait between the last byte and the answer, and its part that grows with size (3 min/GiB was asked for). */
  commitMs: milliseconds(0),
  commitMsPerMiB: milliseconds(0),
  /** The upload's operation stays "in-progress" for so long after the answer. Recorded: success right after. */
  uploadOperationLagMs: milliseconds(0),
  /** Whether a body whose connection was cut is stored as far as it came. Unproven. */
  cutBody: choice(['drop', 'keep-chunked', 'keep'], 'drop'),
  /** Whether chunked bodies are taken. Recorded by rclone: yes. */
  chunkedUploads: flag(true),
  /** HEAD and Content-Range on the upload link: 202 for each part, 201 for the last. Nobody recorded it. */
  uploadResume: flag(false),
  /** A HEAD with hashes that the Disk knows creates the file without a body. Only hinted at. */
  uploadByHash: flag(false),
  /** What becomes of the upload's operation when the link dies unused. Unproven. */
  abandonedUpload: choice(['failed', 'forgotten'], 'failed'),
  /** Uploads of these media types are slowed; the real list is data, compressed and video. Off by default. */
  throttledMediaTypes: z.array(z.string()).default([]),
  throttleBytesPerSecond: z
    .number()
    .positive()
    .default(128 * 1024),
  /** Whether the User-Agent of Yandex's own client on the link request escapes the slowing. */
  throttleSparesOwnClient: flag(true),
  /** Largest file (413). Recorded: 1 GiB free, 50 GiB paid. */
  maxFileSizeBytes: count(1024 ** 3),
  /** Bytes that may still be uploaded this month; at 0 link requests get 423. `null` is no limit. */
  uploadAllowanceBytes: z.number().min(0).nullable().default(null),
};

/** Room. API reference: 2 (507), 7 (quota). */
const quotaSettings = {
  totalSpaceBytes: count(45_097_156_608),
  /** Where a lack of room is noticed: `link` asks only whether anything is left. Unproven. */
  quotaCheckedAt: choice(['both', 'link', 'commit'], 'both'),
  /** Answer to a lack of room. Documented: 507; 403 for an account over its quota. */
  quotaStatus: z.literal([507, 403]).default(507),
  quotaError: choice(
    ['DiskStorageQuotaExhaustedError', 'DiskNotEnoughFreeSpaceError'],
    'DiskStorageQuotaExhaustedError',
  ),
};

/** Downloads and previews. API reference: 4 (preview_size), 6, 10.5, 10.17, 10.18. */
const downloadSettings = {
  /** Life of a download link. Recorded: 4 hours, 7 of 7. */
  downloadLinkLifeMs: milliseconds(4 * 3600_000),
  /** Status of a dead or damaged link; the body is an HTML page. Recorded: 410 and 500. */
  deadLinkStatus: z.literal([410, 500, 404]).default(410),
  /** What a link serves after its file was overwritten: the bytes that it was made for, nothing, or the new ones. Unproven. */
  linkAfterOverwrite: choice(['old', 'dead', 'new'], 'old'),
  /** What it serves after its file was deleted. Unproven. */
  linkAfterDelete: choice(['old', 'dead'], 'old'),
  /** 206 for one range, or always the whole. Believed to be honoured; unproven. */
  ranges: flag(true),
  /** Form of the ETag of a download. Unproven. */
  etag: choice(['quoted-md5', 'plain-md5', 'weak-md5', 'other', 'none'], 'quoted-md5'),
  /** Redirects between the link and the bytes. */
  redirectHops: z.number().int().min(0).max(5).default(1),
  /** Whether an empty file has a `file` link (and a media type). Unproven. */
  emptyFileHasLink: flag(true),
  /** Files of these media types have previews. Recorded: often, also of texts, and often not. */
  previewMediaTypes: z.array(z.string()).default(['image']),
  /** Whether previews ask for the token. */
  previewNeedsToken: flag(false),
  /** Whether a file that is not clean can be downloaded. Unproven. */
  infectedDownload: choice(['refused', 'served'], 'refused'),
  /** Whether a folder of one's own can be downloaded as a zip, as a public one can. Unproven. */
  ownFolderDownload: choice(['zip', 'refused'], 'zip'),
};

/** Rate. API reference: 2 (429), 7 (rate), 10.10. */
const rateSettings = {
  /** Requests to the API host in any second; above it 429. `null` is no limit; 40 is what one client quotes. */
  apiRequestsPerSecond: z.number().positive().nullable().default(null),
  /** `Retry-After` of a 429, in seconds; `null` sends none. Unproven. */
  retryAfterSeconds: z.number().min(0).nullable().default(null),
};

/** Tokens. API reference: 3, 10.14. */
const oauthSettings = {
  /** The application that is known to the OAuth host. */
  clientId: z.string().default('stand-in-client'),
  clientSecret: z.string().default('stand-in-secret'),
  deviceCodeLifeMs: milliseconds(300_000),
  devicePollIntervalMs: milliseconds(5000),
  /** Answer to polling faster than the interval. Undocumented. */
  devicePolledTooFast: choice(['slow_down', 'authorization_pending', 'invalid_request'], 'slow_down'),
  /** Answer when the code is too old, and when the user said no. Unproven. */
  deviceCodeExpired: choice(['invalid_grant', 'expired_token', 'bad_verification_code'], 'invalid_grant'),
  deviceDenied: choice(['access_denied', 'invalid_grant'], 'access_denied'),
  /** A confirmed device code is granted by the poll with this number without anybody's hand; `null` waits for control. */
  deviceAutoApproveAfterPolls: z.number().int().min(0).nullable().default(null),
  verificationUrl: z.string().default('https://ya.ru/device'),
  accessTokenLifeMs: milliseconds(365 * 24 * 3600_000),
  /** Recorded: a refresh returned the same access token. */
  refreshKeepsAccessToken: flag(true),
  /** Recorded: a refresh returned a new refresh token; here whether the old one dies. Unproven. */
  refreshTokenRotates: flag(true),
  oldRefreshTokenDies: flag(true),
  /** Whether a refresh needs the client secret. Unproven. */
  refreshNeedsSecret: flag(true),
  /** What a token that is not good gets where none is needed: a refusal, as everywhere, or no notice. Unproven. */
  badTokenWithoutNeed: choice(['refused', 'ignored'], 'refused'),
  /** Only tokens issued with a device id can be revoked. */
  revokeNeedsDeviceId: flag(true),
};

/** The account. API reference: 2 (403), 4 (Disk object), 10.15. */
const accountSettings = {
  /** Over its quota or withdrawn: every API call is 403. */
  accountState: choice(['open', 'over-quota', 'without-disk'], 'open'),
  isPaid: flag(false),
  uid: z.string().regex(/^\d+$/).default('100000001'),
  login: z.string().default('testuser'),
  displayName: z.string().default('testuser'),
  country: z.string().default('ru'),
  /** Folder of the application's own space (`app:/`). */
  appFolder: z.string().default('disk:/Приложения/yadiskfs'),
};

const settingsSchema = z.strictObject({
  ...operationSettings,
  ...visibilitySettings,
  ...listingSettings,
  ...survivalSettings,
  ...collisionSettings,
  ...nameSettings,
  ...propertySettings,
  ...uploadSettings,
  ...quotaSettings,
  ...downloadSettings,
  ...rateSettings,
  ...oauthSettings,
  ...accountSettings,
});

/** All settings, each with a value. */
export type Settings = z.output<typeof settingsSchema>;

/** Some of the settings, as a test or a command line gives them. */
export type SettingsInput = { [Name in keyof Settings]?: Settings[Name] };

/** Fills in defaults. @throws ZodError for an unknown name or a value out of range. */
export function completeSettings(given: unknown = {}): Settings {
  return settingsSchema.parse(given);
}

/** Changes some settings in place, so that all who hold the object see it. @throws ZodError, and then changes nothing. */
export function changeSettings(settings: Settings, changes: unknown): void {
  const given = z.record(z.string(), z.unknown()).parse(changes);
  Object.assign(settings, settingsSchema.parse({ ...settings, ...given }));
}

/** A profile of quick answers: nothing lags, operations end at once. For tests of other subjects. */
export const calmSettings: SettingsInput = { operationMs: 0, operationMsPerItem: 0, finalAfterMs: 0 };
