import type { MountStatus, PinStatus, QueueStatus } from '../daemon/control-messages.ts';
import { trashEmptied } from '../errors.ts';
import { formatSize } from './units.ts';

const indent = ' '.repeat(14);
/** More would scroll the rest away; `--json` and `unsent list` show all. */
const mostShown = 10;

/** A path or message, fit for a terminal: names are the words of strangers, and may hold what a terminal obeys. */
export function shownPath(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
}

/** `3 files (12.1 MiB) and 2 other changes` */
export function queueText({ uploads, uploadBytes, operations }: QueueStatus): string {
  const files = uploads > 0 ? `${counted(uploads, 'file')} (${formatSize(uploadBytes)})` : '';
  const others = operations > 0 ? counted(operations, files ? 'other change' : 'change') : '';
  return [files, others].filter((part) => part !== '').join(' and ') || 'nothing';
}

/** What went there and is to be seen there; empty where there is nothing of the kind. */
export function unconfirmedText({ unconfirmed }: QueueStatus): string {
  return unconfirmed > 0 ? `${counted(unconfirmed, 'sent change')} to be looked at once more` : '';
}

export function isSending({ uploads, operations }: QueueStatus): boolean {
  return uploads + operations > 0;
}

/** Work that is kept on this machine while nothing is mounted. */
export interface Waiting {
  readonly root: string;
  readonly queue: QueueStatus;
}

/** Nothing where nothing waits. */
export function waitingLines({ root, queue }: Waiting): string[] {
  if (!isSending(queue)) return [];
  return [`${shownPath(root)} is not mounted: ${queueText(queue)} kept on this machine for its next mount.`];
}

/** One mount, for people. `bytesPerSecond`: of what is going up, if it is known. */
export function statusLines(mount: MountStatus, nowMs: number, bytesPerSecond?: number): string[] {
  const { queue, quota, cache, pins, remote, requests } = mount;
  const lines: [string, string][] = [
    ['To be sent', `${queueText(queue)}${bytesPerSecond ? `, ${formatSize(bytesPerSecond)}/s` : ''}`],
    ...listed(
      'Sent',
      [unconfirmedText(queue)].filter((text) => text !== ''),
    ),
    ...listed(
      'Sending',
      queue.active.map(
        ({ path, sentBytes, sizeBytes }) =>
          `${shownPath(path)}  ${formatSize(sentBytes)} of ${formatSize(sizeBytes)}`,
      ),
    ),
    ...listed(
      'Unsent',
      mount.unsent.map(
        ({ path, message, since }) => `${shownPath(path)}: ${shownPath(message)} (since ${dateText(since)})`,
      ),
    ),
    ...listed(
      'Conflicts',
      mount.conflicts.map(
        ({ path, copy, since }) =>
          `${shownPath(path)}: yours is ${shownPath(copy)} (since ${dateText(since)})`,
      ),
    ),
    ...listed('Limits', limitRows(mount.limits)),
    ['Disk', quotaText(quota)],
    ['Cache', `${formatSize(cache.usedBytes)} of ${formatSize(cache.limitBytes)}`],
    ...listed('Pinned', pins.count > 0 ? [pinnedText(pins)] : []),
    ['Checked', checkedText(remote, nowMs)],
    ['Requests', `${requests.api} to the API, ${requests.data} for content`],
    ['Process', `${mount.pid}, yadiskfs ${mount.version}`],
  ];
  return [
    `${shownPath(mount.mountpoint)}  ${stateText[mount.state]}  (${mount.account}, ${shownPath(mount.root)})`,
    ...lines.map(([name, text]) => `  ${name === '' ? indent.slice(2) : `${name}:`.padEnd(12)}${text}`),
  ];
}

/** `2.0 MiB/s up, no limit down` */
export function limitsText({ upBytesPerSecond, downBytesPerSecond }: MountStatus['limits']): string {
  const text = (rate: number) => (rate === 0 ? 'no limit' : `${formatSize(rate)}/s`);
  return `${text(upBytesPerSecond)} up, ${text(downBytesPerSecond)} down`;
}

function limitRows(limits: MountStatus['limits']): string[] {
  return limits.upBytesPerSecond + limits.downBytesPerSecond > 0 ? [limitsText(limits)] : [];
}

/** `2 pins: all of 3 files (12.1 MiB) here`, `1 pin: 2 of 3 files (8.0 MiB of 12.1 MiB) here` */
function pinnedText({ count, ...counts }: MountStatus['pins']): string {
  return `${counted(count, 'pin')}: ${hereText(counts)}`;
}

function hereText({
  files,
  filesHere,
  bytes,
  bytesHere,
}: Pick<PinStatus, 'files' | 'filesHere' | 'bytes' | 'bytesHere'>): string {
  if (filesHere === files && bytesHere === bytes)
    return `all of ${counted(files, 'file')} (${formatSize(bytes)}) here`;
  return `${filesHere} of ${counted(files, 'file')} (${formatSize(bytesHere)} of ${formatSize(bytes)}) here`;
}

const pinStateText: Readonly<Record<string, string>> = {
  complete: 'complete',
  fetching: 'being fetched',
  waiting: 'WAITING',
  'no-room': 'NO ROOM on this machine',
  failed: 'NOT ALL can be had',
  gone: 'GONE: nothing is there any more',
};

/** One pin, for people. */
export function pinLines(pin: PinStatus & { readonly mountpoint: string }): string[] {
  const { mountpoint, path, state, message } = pin;
  const said = message === null ? '' : `: ${shownPath(message)}`;
  return [
    `${shownPath(path === '' ? mountpoint : `${mountpoint}/${path}`)}`,
    `  ${pinStateText[state] ?? shownPath(state)}${said}; ${hereText(pin)}`,
  ];
}

const stateText: Readonly<Record<MountStatus['state'], string>> = {
  online: 'online',
  offline: 'OFFLINE',
  paused: 'PAUSED: yadiskfs resume',
  'login-needed': 'LOGIN NEEDED: yadiskfs setup',
};

/** Local time, to the second. */
export function dateText(iso: string): string {
  const date = new Date(iso);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace('T', ' ');
}

function listed(name: string, rows: readonly string[]): [string, string][] {
  const shown = rows.slice(0, mostShown);
  if (rows.length > shown.length) shown.push(`… and ${rows.length - shown.length} more`);
  return shown.map((row, index) => [index === 0 ? name : '', row]);
}

function quotaText({ totalBytes, usedBytes, trashBytes }: MountStatus['quota']): string {
  if (totalBytes === null || usedBytes === null) return 'not known yet';
  const share = totalBytes === 0 ? '' : ` (${Math.round((usedBytes / totalBytes) * 100)} %)`;
  const trash = trashBytes ? `, of which ${formatSize(trashBytes)} in the trash (${trashEmptied})` : '';
  return `${formatSize(usedBytes)} of ${formatSize(totalBytes)} used${share}${trash}`;
}

function checkedText({ revision, checkedAt }: MountStatus['remote'], nowMs: number): string {
  if (checkedAt === null) return 'not yet';
  const agoSec = Math.max(0, Math.round((nowMs - Date.parse(checkedAt)) / 1000));
  return `${agoSec < 120 ? `${agoSec} s ago` : dateText(checkedAt)}, revision ${revision ?? 'not told'}`;
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
