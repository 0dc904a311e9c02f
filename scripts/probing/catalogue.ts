import type { OAuthClient } from './device-login.ts';
import type { Question, SettingName } from './question.ts';
import { account } from './questions/account.ts';
import { copyCollisions } from './questions/copy-collisions.ts';
import { copyEffects } from './questions/copy-effects.ts';
import { cutBody } from './questions/cut-body.ts';
import { deleting } from './questions/deleting.ts';
import { deviceCode } from './questions/device-code.ts';
import { deviceLogin } from './questions/device-login.ts';
import { diskRevision } from './questions/disk-revision.ts';
import { downloadLinks } from './questions/download-links.ts';
import { downloadRanges } from './questions/download-ranges.ts';
import { earlyPatch } from './questions/early-patch.ts';
import { emptyFile } from './questions/empty-file.ts';
import { failedOperation } from './questions/failed-operation.ts';
import { folderDownload } from './questions/folder-download.ts';
import { folderFollowsChildren } from './questions/folder-follows-children.ts';
import { listLimits } from './questions/list-limits.ts';
import { listOrder } from './questions/list-order.ts';
import { listingLag } from './questions/listing-lag.ts';
import { locks } from './questions/locks.ts';
import { moveCollisions } from './questions/move-collisions.ts';
import { moveEffects } from './questions/move-effects.ts';
import { nameCharacters } from './questions/name-characters.ts';
import { nameLength } from './questions/name-length.ts';
import { nameTwins } from './questions/name-twins.ts';
import { operations } from './questions/operations.ts';
import { overwriteCheck } from './questions/overwrite-check.ts';
import { overwriteSurvival } from './questions/overwrite-survival.ts';
import { pathLength } from './questions/path-length.ts';
import { patientLinks } from './questions/patient-links.ts';
import { previews } from './questions/previews.ts';
import { propertyLimits } from './questions/property-limits.ts';
import { publication } from './questions/publication.ts';
import { saveUrl } from './questions/save-url.ts';
import { sharedFolder } from './questions/shared-folder.ts';
import { trashRestore } from './questions/trash-restore.ts';
import { uploadLinks } from './questions/upload-links.ts';
import { uploadLock } from './questions/upload-lock.ts';
import { uploadResume } from './questions/upload-resume.ts';
import { uploadThrottle } from './questions/upload-throttle.ts';
import { visibility } from './questions/visibility.ts';
import { largeVisibility } from './questions/visibility-large.ts';

/** What questions depend on beside the Disk. */
export interface Subject {
  readonly largeSizesBytes: readonly number[];
  /** A folder shared by somebody else. */
  readonly shared: string | undefined;
  readonly client: OAuthClient | undefined;
}

/** Every question, in the order in which they are asked: each by itself, none needs another. */
export function allQuestions({ largeSizesBytes, shared, client }: Subject): readonly Question[] {
  const oauthClient = client ?? { id: '', secret: '' };
  return [
    account,
    visibility,
    earlyPatch,
    overwriteSurvival,
    overwriteCheck,
    cutBody,
    uploadLinks,
    uploadLock,
    uploadResume,
    uploadThrottle,
    emptyFile,
    moveEffects,
    moveCollisions,
    copyEffects,
    copyCollisions,
    deleting,
    trashRestore,
    operations,
    failedOperation,
    locks,
    saveUrl,
    diskRevision,
    folderFollowsChildren,
    listingLag,
    listLimits,
    listOrder,
    nameCharacters,
    nameTwins,
    nameLength,
    pathLength,
    propertyLimits,
    downloadRanges,
    downloadLinks,
    folderDownload,
    previews,
    publication,
    sharedFolder(shared),
    largeVisibility(largeSizesBytes),
    deviceCode(oauthClient),
    deviceLogin(oauthClient),
    patientLinks,
  ];
}

/** Something that stays unknown, because asking would do harm or needs more than one account. */
export interface NotAsked {
  readonly title: string;
  readonly settings: readonly SettingName[];
  readonly reason: string;
}

export const neverAsked: readonly NotAsked[] = [
  {
    title: 'How many requests a second are too many?',
    settings: ['apiRequestsPerSecond'],
    reason: 'a 429 is never provoked; one that comes by itself is reported, with its Retry-After',
  },
  {
    title: 'What answers DELETE or PATCH of disk:/ itself?',
    settings: [],
    reason: 'it would touch the whole Disk',
  },
  {
    title: 'Can an infected file be downloaded?',
    settings: ['infectedDownload'],
    reason: 'a file that virus scanners know may get the account watched or blocked',
  },
  {
    title: 'Where is a lack of room noticed, and under which name?',
    settings: ['quotaCheckedAt', 'quotaError'],
    reason:
      'the Disk would have to be filled to its last byte, and other programs of its owner would fail meanwhile',
  },
  {
    title: 'What happens when the upload allowance of the month is spent?',
    settings: ['uploadAllowanceBytes'],
    reason: 'it would be spent',
  },
  {
    title: "Are uploads quick when they claim to come from Yandex's own program?",
    settings: ['throttleSparesOwnClient'],
    reason: 'the probe does not pose as another program',
  },
  {
    title: 'Which tokens can be revoked?',
    settings: ['revokeNeedsDeviceId'],
    reason: 'a token without a device id may be the one that other machines of this person use',
  },
  {
    title: "Which calls does a token for the application's own folder allow?",
    settings: [],
    reason: 'it takes such a token; with one in YADISKFS_TOKEN the probe cannot make its folder',
  },
  {
    title: 'What is answered for an account that is over its quota, or has no Disk?',
    settings: ['accountState'],
    reason: 'it takes such an account',
  },
  {
    title: 'Do all operations fail now and then?',
    settings: ['operationsFail'],
    reason: 'that is an accident, not a way to behave',
  },
  {
    title: 'Does a refresh still work when the access token has expired?',
    settings: [],
    reason: 'it takes a year',
  },
  {
    title: 'How large may a file be that the Disk fetches from an address?',
    settings: [],
    reason: "a file larger than the limit would have to lie at somebody else's",
  },
  {
    title: 'What is answered during maintenance?',
    settings: [],
    reason: 'it cannot be brought about',
  },
  {
    title: 'Do readers ever see neither file while one is moved over another?',
    settings: [],
    reason: 'it would take many requests a second to see a gap of milliseconds',
  },
];

/** What the watch over all requests tells, without a question of its own. */
export const watchedSettings: readonly SettingName[] = ['retryAfterSeconds'];

/** Settings of the stand-in that stand for nobody's behaviour: whose account it is, and which application. */
export const notDoubtful: readonly SettingName[] = [
  'clientId',
  'clientSecret',
  'deviceAutoApproveAfterPolls',
  'uid',
  'login',
  'displayName',
  'country',
  'appFolder',
];
