import { dateText } from '../local-time.ts';
import { formatSize } from '../size.ts';
import { counted } from './counted.ts';

/** What commands answer, and what they ask. */
export const answers = {
  folder: 'folder',
  accounts: {
    nobody: 'Nobody is logged in. `yadiskfs setup` does it.',
    usual: ' (used unless another is named)',
    notKnownYet: 'not known yet: yadiskfs info',
    renewsBefore: (iso: string) => `renews itself before ${iso.slice(0, 10)}`,
    renews: 'renews itself',
    endsOn: (iso: string) => `ends on ${iso.slice(0, 10)}`,
    readyToken: 'a ready token, does not renew itself',
    tokenIsSet: 'YADISKFS_TOKEN is set: it is used wherever no --account is named.',
    permissionsMended: (path: string) => `others could look into ${path}; its permissions are put right`,
  },
  disk: {
    user: 'User',
    used: 'Used',
    free: 'Free',
    trash: 'Trash',
    largestFile: 'Largest file',
    revision: 'Revision',
    part: (partBytes: number, wholeBytes: number, percent: number) =>
      `${formatSize(partBytes)} of ${formatSize(wholeBytes)} (${percent} %)`,
    countsAsUsed: (trashBytes: number) => `${formatSize(trashBytes)} (counts as used)`,
  },
  logout: {
    withdrawn: (account: string) =>
      `Logged out: account "${account}" is withdrawn at Yandex and forgotten here.`,
    forgotten: (account: string) => `Account "${account}" is forgotten here; Yandex still knows its token.`,
    tokenStillSet: 'YADISKFS_TOKEN is still set, and is used.',
  },
  mount: {
    mounted: (mountpoint: string, pid: number) => `Mounted at ${mountpoint} (process ${pid})`,
    nothingKept:
      'nothing can be kept on this machine, so the mount is for reading only; yadiskfs doctor tells why.',
    here: (mountpoint: string) => `Mounted at ${mountpoint}. Ctrl-C unmounts it.`,
  },
  cache: {
    stats: (usedBytes: number, limitBytes: number | null, files: number) =>
      `${formatSize(usedBytes)}${limitBytes === null ? '' : ` of ${formatSize(limitBytes)}`} in ${counted(files, 'file')}`,
    freed: (bytes: number) => `${formatSize(bytes)} given back`,
    verified: (bytes: number, blocks: number, wrong: number) =>
      `${formatSize(bytes)} in ${counted(blocks, 'block')}, ${wrong === 0 ? 'all as written' : `${wrong} of them wrong and dropped`}`,
    nothing: 'Nothing is kept.',
  },
  doctor: { good: 'ok  ', warning: 'note', bad: 'BAD ' },
  bundleWritten: (path: string) =>
    `The report is in ${path}. Read it before you hand it on: it may name files.`,
  noFiles: 'No files.',
  pause: { paused: 'Paused', resumed: 'Sending again' },
  pin: {
    pinned: 'Pinned; it comes in the background. yadiskfs pins tells how far it is.',
    nothing: 'Nothing is pinned.',
  },
  publish: {
    until: (iso: string) => `until ${dateText(iso)}`,
    withPassword: 'with a password',
    lookingOnly: 'for looking only',
    nothing: 'Nothing is public.',
    nothingOf: { file: 'No file is public.', folder: 'No folder is public.' },
    notAnyMore: (path: string) => `Not public any more: ${path}`,
    wasNot: (path: string) => `It was not public: ${path}`,
  },
  public: {
    entries: (count: number) => counted(count, 'entry', 'entries'),
    of: (owner: string) => `, of ${owner}`,
    got: (files: number) => counted(files, 'file'),
    thereBefore: (count: number) => `, ${count} of them there before`,
    savedIn: (folder: string) => `Saved in ${folder}`,
    savedAs: (path: string) => `Saved as ${path}`,
    folderForDownloads: 'the folder for downloads',
  },
  service: {
    written: (folder: string, unit: string) =>
      `Written: ${folder}. systemctl --user enable --now '${unit}' starts it.`,
    mounted: (mountpoint: string, unit: string) =>
      `Mounted at ${mountpoint}, and with each login from now on (${unit})`,
    enabled: (mountpoint: string, unit: string) => `To be mounted at ${mountpoint} with each login (${unit})`,
    needsLogin:
      'Nobody is logged in yet: yadiskfs setup. A token in the environment is not kept for a service.',
    removed: (unit: string) => `Removed: ${unit}`,
    notInstalled: (mountpoint: string, unit: string) => `Nothing was installed for ${mountpoint} (${unit})`,
  },
  trash: {
    isEmpty: 'The trash is empty.',
    wasEmpty: 'The trash was empty.',
    restored: (path: string) => `Restored: ${path}`,
    deleteQuestion: (what: string) => `Delete ${what} for good?`,
    deleted: (what: string) => `Deleted for good: ${what}`,
    sum: (things: number, bytes: number, hasFolders: boolean) =>
      `${counted(things, 'thing')} (${formatSize(bytes)}${hasFolders ? ' and what is in folders' : ''})`,
  },
  unsent: {
    nothingForGood: 'Nothing is unsent for good; yadiskfs status shows what is on its way.',
    nothingToRetry: 'There is nothing to be tried again.',
    retried: (count: number) => `${count} to be tried again; yadiskfs status shows what becomes of it.`,
    nothing: 'Nothing is unsent.',
    givenUp: (path: string) => `Given up: ${path}`,
  },
  output: { notWritten: (code: string) => `cannot write the answer (${code})` },
};
