import type { Person } from '../../scripts/probing/person.ts';
import type { SettingName } from '../../scripts/probing/question.ts';
import type { StandIn } from '../stand-in/index.ts';
import type { SettingsInput } from '../stand-in/settings.ts';
import type { ProbingOptions } from './probing.ts';

/** One setting, the question that claims to decide it, and the values at which that is tried. */
export interface Case {
  readonly question: string;
  readonly setting: SettingName;
  readonly values: readonly unknown[];
  /** Settings without which this one cannot show. */
  readonly beside?: SettingsInput;
  readonly options?: ProbingOptions;
}

const bool = [true, false];
const minuteMs = 60_000;
const dayMs = 24 * 3600_000;

const publicly: ProbingOptions = { optedIn: ['public'] };
const patiently: ProbingOptions = { optedIn: ['patient'] };
const oauth: ProbingOptions = { optedIn: ['oauth'] };

/** Somebody who does at the verification page what the probe asks for. */
export const helpful = (disk: StandIn): Person => ({
  present: true,
  tell: (text: string) => {
    if (text.includes('REFUSE')) disk.control.denyDevice();
    if (text.includes('ALLOW')) disk.control.approveDevice();
  },
  confirm: async () => true,
});
const withPerson: ProbingOptions = { ...oauth, person: helpful };

const sharedPath = 'disk:/From a friend';
/** A folder of somebody who changes something in it when asked to. */
export const withShared: ProbingOptions = {
  optedIn: ['shared'],
  shared: sharedPath,
  fill: (disk) => {
    disk.model.mkdir(sharedPath);
    disk.model.touch(sharedPath, { share: { isRoot: true, isOwned: false, rights: 'rw' } });
  },
  person: (disk) => ({
    ...helpful(disk),
    tell: (text) => {
      helpful(disk).tell(text);
      if (text.includes('let the owner'))
        disk.model.putFile(`${sharedPath}/theirs.txt`, 'theirs', { byOwner: true });
    },
  }),
};

/** `http` can only be told where the service is asked by https. */
export const operationHrefs = ['path', 'query', 'http'] as const;

export const cases: readonly Case[] = [
  { question: 'account', setting: 'maxFileSizeBytes', values: [1024 ** 3, 50 * 1024 ** 3] },
  { question: 'account', setting: 'totalSpaceBytes', values: [10 * 1024 ** 3, 1024 ** 4] },
  { question: 'account', setting: 'isPaid', values: bool },
  {
    question: 'account',
    setting: 'quotaStatus',
    values: [507, 403],
    beside: { totalSpaceBytes: 10_000_000 },
  },

  { question: 'visibility', setting: 'uploadAnswer', values: [201, 202] },
  { question: 'visibility', setting: 'seenLateMs', values: [0, 2500, 9000] },
  { question: 'visibility', setting: 'lateCommitMs', values: [1000, 4000], beside: { uploadAnswer: 202 } },
  { question: 'visibility', setting: 'uploadOperationLagMs', values: [0, 3000] },
  { question: 'visibility', setting: 'commitMs', values: [0, 400] },
  {
    question: 'visibility-large',
    setting: 'commitMsPerMiB',
    values: [0, 120],
    options: { optedIn: ['large'] },
  },
  { question: 'early-patch', setting: 'patchBeforeFinal', values: ['mixed', 'drop', 'error', 'keep'] },
  {
    question: 'early-patch',
    setting: 'finalAfterMs',
    values: [0, 1500, 2700],
    beside: { patchBeforeFinal: 'drop' },
  },
  {
    question: 'early-patch',
    setting: 'patchBeforeFinal',
    values: ['drop', 'error'],
    beside: { seenLateMs: 800 },
  },

  { question: 'overwrite-survival', setting: 'overwriteKeepsResourceId', values: bool },
  { question: 'overwrite-survival', setting: 'overwriteKeepsProperties', values: bool },
  { question: 'overwrite-survival', setting: 'overwriteKeepsCreated', values: bool },
  { question: 'overwrite-check', setting: 'overwriteCheckedAt', values: ['both', 'link', 'commit'] },
  { question: 'cut-body', setting: 'cutBody', values: ['drop', 'keep-chunked', 'keep'] },
  { question: 'upload-links', setting: 'uploadLinkReusedStatus', values: [400, 404, 410] },
  { question: 'upload-links', setting: 'chunkedUploads', values: bool },
  { question: 'upload-lock', setting: 'uploadLocksPath', values: bool },
  { question: 'upload-resume', setting: 'uploadResume', values: bool },
  { question: 'upload-resume', setting: 'uploadByHash', values: bool },
  {
    question: 'upload-throttle',
    setting: 'throttledMediaTypes',
    values: [[], ['compressed', 'video']],
    beside: { throttleBytesPerSecond: 2 << 20 },
  },
  {
    question: 'upload-throttle',
    setting: 'throttleBytesPerSecond',
    values: [1 << 20, 2 << 20],
    beside: { throttledMediaTypes: ['video'] },
  },
  { question: 'empty-file', setting: 'emptyFileHasLink', values: bool },

  { question: 'move-effects', setting: 'moveKeepsResourceId', values: bool },
  { question: 'move-effects', setting: 'moveKeepsProperties', values: bool },
  { question: 'move-effects', setting: 'moveKeepsCreated', values: bool },
  { question: 'move-effects', setting: 'moveKeepsModified', values: bool },
  { question: 'move-effects', setting: 'moveMovesRevision', values: bool },
  { question: 'move-effects', setting: 'moveMovesRevisionBeneath', values: bool },
  { question: 'move-effects', setting: 'moveReclassifies', values: bool },
  { question: 'move-collisions', setting: 'moveOntoFile', values: ['overwrite', 'conflict'] },
  { question: 'move-collisions', setting: 'ontoFolder', values: ['replace', 'conflict'] },
  { question: 'copy-effects', setting: 'copyKeepsProperties', values: bool },
  {
    question: 'copy-collisions',
    setting: 'copyOntoFile',
    values: ['conflict-unless-async', 'conflict', 'overwrite'],
  },
  { question: 'deleting', setting: 'fileDeleteIsAsync', values: bool },
  { question: 'deleting', setting: 'md5GuardsDelete', values: bool },
  { question: 'trash-restore', setting: 'restoreOntoExisting', values: ['conflict', 'locked'] },
  { question: 'trash-restore', setting: 'restoreKeepsModified', values: bool },

  { question: 'operations', setting: 'operationHref', values: ['path', 'query'] },
  { question: 'operations', setting: 'operationEffect', values: ['end', 'start'] },
  { question: 'operations', setting: 'operationMs', values: [700, 3000] },
  {
    question: 'operations',
    setting: 'operationMsPerItem',
    values: [2, 90],
    beside: { operationMs: 500 },
  },
  { question: 'failed-operation', setting: 'operationFailedWord', values: ['failed', 'failure'] },
  { question: 'locks', setting: 'locks', values: bool },
  {
    question: 'save-url',
    setting: 'saveUrlCollision',
    values: ['rename', 'overwrite', 'fail'],
    beside: { operationMs: 0 },
  },

  { question: 'disk-revision', setting: 'diskRevisionMoves', values: ['always', 'sometimes', 'never'] },
  { question: 'disk-revision', setting: 'diskRevisionLagMs', values: [0, 1200, 6000] },
  { question: 'folder-follows-children', setting: 'folderRevisionFollowsChildren', values: bool },
  { question: 'folder-follows-children', setting: 'folderModifiedFollowsChildren', values: bool },
  { question: 'listing-lag', setting: 'listingLagMs', values: [0, 2500, 9000] },
  { question: 'listing-lag', setting: 'totalLagMs', values: [0, 2500, 9000] },
  { question: 'list-limits', setting: 'maxLimit', values: [500, 10_000] },
  {
    question: 'list-limits',
    setting: 'maxLimit',
    values: [1000, 1234],
    beside: { limitAboveMax: 'reject' },
  },
  { question: 'list-limits', setting: 'limitAboveMax', values: ['lower', 'reject'] },
  { question: 'list-order', setting: 'defaultOrder', values: ['folders-first', 'unspecified'] },
  { question: 'list-order', setting: 'filesOrder', values: ['created', 'name'] },

  { question: 'name-characters', setting: 'nameTrailing', values: ['keep', 'strip', 'reject'] },
  { question: 'name-characters', setting: 'nameWindowsSet', values: ['accept', 'rewrite', 'reject'] },
  { question: 'name-characters', setting: 'nameControls', values: ['accept', 'reject'] },
  { question: 'name-twins', setting: 'nameComparison', values: ['exact', 'nfc', 'case'] },
  {
    question: 'name-twins',
    setting: 'nameComparison',
    values: ['exact', 'nfc'],
    beside: { nameStoredAs: 'nfc' },
  },
  { question: 'name-twins', setting: 'nameStoredAs', values: ['sent', 'nfc'] },
  { question: 'name-length', setting: 'nameMax', values: [255, 143] },
  { question: 'name-length', setting: 'nameUnit', values: ['utf16', 'characters', 'bytes'] },
  { question: 'path-length', setting: 'pathMax', values: [1000, 4321] },
  { question: 'property-limits', setting: 'propertiesMax', values: [1024, 700] },
  { question: 'property-limits', setting: 'propertiesUnit', values: ['characters', 'bytes'] },

  { question: 'download-ranges', setting: 'ranges', values: bool },
  {
    question: 'download-ranges',
    setting: 'etag',
    values: ['quoted-md5', 'plain-md5', 'weak-md5', 'other', 'none'],
  },
  { question: 'download-ranges', setting: 'redirectHops', values: [0, 1, 3] },
  { question: 'download-links', setting: 'downloadLinkLifeMs', values: [4 * 3600_000, 30 * minuteMs] },
  { question: 'download-links', setting: 'deadLinkStatus', values: [410, 500, 404] },
  { question: 'download-links', setting: 'linkAfterOverwrite', values: ['old', 'dead', 'new'] },
  { question: 'download-links', setting: 'linkAfterDelete', values: ['old', 'dead'] },
  { question: 'folder-download', setting: 'ownFolderDownload', values: ['zip', 'refused'] },
  { question: 'previews', setting: 'previewNeedsToken', values: bool },
  { question: 'previews', setting: 'previewMediaTypes', values: [[], ['image'], ['image', 'document']] },

  { question: 'publication', setting: 'overwriteKeepsPublication', values: bool, options: publicly },
  { question: 'publication', setting: 'moveKeepsPublication', values: bool, options: publicly },
  { question: 'publication', setting: 'publishMovesRevision', values: bool, options: publicly },
  { question: 'shared-folder', setting: 'sharedChangesMoveRevision', values: bool, options: withShared },

  {
    question: 'patient-links',
    setting: 'uploadLinkLifeMs',
    values: [30 * minuteMs, 7 * minuteMs],
    options: patiently,
  },
  { question: 'patient-links', setting: 'uploadLinkExpiredStatus', values: [410, 404], options: patiently },
  {
    question: 'patient-links',
    setting: 'abandonedUpload',
    values: ['failed', 'forgotten'],
    options: patiently,
  },
  {
    question: 'patient-links',
    setting: 'operationLifeMs',
    values: [12 * minuteMs, dayMs],
    options: patiently,
  },

  {
    question: 'device-code',
    setting: 'verificationUrl',
    values: ['https://ya.ru/device', 'https://oauth.yandex.ru/device'],
    options: oauth,
  },
  { question: 'device-code', setting: 'devicePollIntervalMs', values: [5000, 2000], options: oauth },
  { question: 'device-code', setting: 'deviceCodeLifeMs', values: [300_000, 600_000], options: oauth },
  {
    question: 'device-code',
    setting: 'devicePolledTooFast',
    values: ['slow_down', 'authorization_pending', 'invalid_request'],
    options: oauth,
  },
  {
    question: 'device-code',
    setting: 'deviceCodeExpired',
    values: ['invalid_grant', 'expired_token', 'bad_verification_code'],
    options: oauth,
  },
  {
    question: 'device-login',
    setting: 'deviceDenied',
    values: ['access_denied', 'invalid_grant'],
    options: withPerson,
  },
  {
    question: 'device-login',
    setting: 'accessTokenLifeMs',
    values: [365 * dayMs, 30 * dayMs],
    options: withPerson,
  },
  { question: 'device-login', setting: 'refreshKeepsAccessToken', values: bool, options: withPerson },
  { question: 'device-login', setting: 'refreshTokenRotates', values: bool, options: withPerson },
  { question: 'device-login', setting: 'oldRefreshTokenDies', values: bool, options: withPerson },
  { question: 'device-login', setting: 'refreshNeedsSecret', values: bool, options: withPerson },

  {
    question: 'name-characters',
    setting: 'retryAfterSeconds',
    values: [null, 2],
    beside: { apiRequestsPerSecond: 15 },
  },
];
