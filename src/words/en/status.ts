import { trashEmptied } from '../../errors.ts';
import { dateText } from '../local-time.ts';
import { formatSize } from '../size.ts';
import { counted } from './counted.ts';

interface Queue {
  readonly uploads: number;
  readonly uploadBytes: number;
  readonly operations: number;
}

interface Here {
  readonly files: number;
  readonly filesHere: number;
  readonly bytes: number;
  readonly bytesHere: number;
}

/** How a mount stands: `status`, `pins`, `limit`. */
export const status = {
  labels: {
    offline: 'Off line',
    toBeSent: 'To be sent',
    sent: 'Sent',
    sending: 'Sending',
    waiting: 'Waiting',
    unsent: 'Unsent',
    conflicts: 'Conflicts',
    limits: 'Limits',
    disk: 'Disk',
    cache: 'Cache',
    pinned: 'Pinned',
    checked: 'Checked',
    requests: 'Requests',
    process: 'Process',
  },
  states: {
    online: 'online',
    offline: 'OFFLINE',
    paused: 'PAUSED: yadiskfs resume',
  },
  loginNeeded: (command: string) => `LOGIN NEEDED: ${command}`,
  waitReasons: {
    'write-back': 'the write-back delay',
    open: 'a file is still open',
    retry: 'the next try',
    turn: 'others go first',
  },
  /** `2 changes: the write-back delay` */
  waits: (changes: number, why: string) => `${counted(changes, 'change')}: ${why}`,
  secondsMore: (seconds: number) => `${seconds} s more`,
  notBefore: (iso: string) => `not before ${dateText(iso)}`,
  noAnswer: 'NO ANSWER',
  nothingMounted: 'Nothing is mounted. `yadiskfs mount DIR` mounts the Disk.',
  /** `3 files (12.1 MiB) and 2 other changes` */
  queue: ({ uploads, uploadBytes, operations }: Queue): string => {
    const files = uploads > 0 ? `${counted(uploads, 'file')} (${formatSize(uploadBytes)})` : '';
    const others = operations > 0 ? counted(operations, files ? 'other change' : 'change') : '';
    return [files, others].filter((part) => part !== '').join(' and ') || 'nothing';
  },
  unconfirmed: (count: number) => `${counted(count, 'sent change')} to be looked at once more`,
  waiting: (root: string, queue: string) =>
    `${root} is not mounted: ${queue} kept on this machine for its next mount.`,
  rate: (bytesPerSecond: number) => `${formatSize(bytesPerSecond)}/s`,
  part: (doneBytes: number, wholeBytes: number) => `${formatSize(doneBytes)} of ${formatSize(wholeBytes)}`,
  since: (iso: string) => `since ${dateText(iso)}`,
  yours: (copy: string) => `yours is ${copy}`,
  more: (count: number) => `… and ${count} more`,
  moreLines: (count: number) => `… and ${counted(count, 'line')} more`,
  noLimit: 'no limit',
  limits: (up: string, down: string) => `${up} up, ${down} down`,
  /** `2 pins: all of 3 files (12.1 MiB) here` */
  pins: (count: number, here: string) => `${counted(count, 'pin')}: ${here}`,
  here: ({ files, filesHere, bytes, bytesHere }: Here): string => {
    if (filesHere === files && bytesHere === bytes)
      return `all of ${counted(files, 'file')} (${formatSize(bytes)}) here`;
    return `${filesHere} of ${counted(files, 'file')} (${formatSize(bytesHere)} of ${formatSize(bytes)}) here`;
  },
  pinStates: {
    complete: 'complete',
    fetching: 'being fetched',
    waiting: 'WAITING',
    'no-room': 'NO ROOM on this machine',
    failed: 'NOT ALL can be had',
    gone: 'GONE: nothing is there any more',
  },
  notKnownYet: 'not known yet',
  used: (usedBytes: number, totalBytes: number) =>
    `${formatSize(usedBytes)} of ${formatSize(totalBytes)} used`,
  inTrash: (trashBytes: number) => `, of which ${formatSize(trashBytes)} in the trash (${trashEmptied})`,
  notYet: 'not yet',
  secondsAgo: (seconds: number) => `${seconds} s ago`,
  moment: dateText,
  revision: (revision: number | undefined) => `revision ${revision ?? 'not told'}`,
  requests: (api: number, data: number) => `${api} to the API, ${data} for content`,
};
