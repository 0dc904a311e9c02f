import { setupCommandOf } from '../auth/renewal.ts';
import type { MountStatus, PinStatus, QueueStatus } from '../daemon/control-messages.ts';
import { translated, words } from '../words/words.ts';

const indent = ' '.repeat(14);
/** More would scroll the rest away; `--json` and `unsent list` show all. */
const mostShown = 10;

/** A path or message, fit for a terminal: names are the words of strangers, and may hold what a terminal obeys. */
export function shownPath(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
}

/** `3 files (12.1 MiB) and 2 other changes` */
export function queueText(queue: QueueStatus): string {
  return words.status.queue(queue);
}

/** What went there and is to be seen there; empty where there is nothing of the kind. */
function unconfirmedText({ unconfirmed }: QueueStatus): string {
  return unconfirmed > 0 ? words.status.unconfirmed(unconfirmed) : '';
}

export function isSending({ uploads, operations }: QueueStatus): boolean {
  return uploads + operations > 0;
}

/** Work that is kept on this machine while nothing is mounted. */
export interface Waiting {
  readonly root: string;
  /** The login, where it is not the usual one. */
  readonly account: string | undefined;
  readonly queue: QueueStatus;
}

/** Nothing where nothing waits. */
export function waitingLines({ root, account, queue }: Waiting): string[] {
  if (!isSending(queue)) return [];
  const name = account === undefined ? shownPath(root) : `${shownPath(root)} (${account})`;
  return [words.status.waiting(name, queueText(queue))];
}

/** One mount, for people. `bytesPerSecond`: of what is going up, if it is known. */
export function statusLines(mount: MountStatus, nowMs: number, bytesPerSecond?: number): string[] {
  const { queue, quota, cache, pins, remote, requests } = mount;
  const { labels, rate, part, since, yours, states, loginNeeded } = words.status;
  const lines: [string, string][] = [
    ...listed(labels.offline, outageRows(mount.outage)),
    [labels.toBeSent, `${queueText(queue)}${bytesPerSecond ? `, ${rate(bytesPerSecond)}` : ''}`],
    ...listed(
      labels.sent,
      [unconfirmedText(queue)].filter((text) => text !== ''),
    ),
    ...listed(
      labels.sending,
      queue.active.map(
        ({ path, sentBytes, sizeBytes }) => `${shownPath(path)}  ${part(sentBytes, sizeBytes)}`,
      ),
    ),
    // While nothing is sent at all, the head says why.
    ...listed(labels.waiting, mount.state === 'online' ? waitRows(queue, nowMs) : []),
    ...listed(
      labels.unsent,
      mount.unsent.map(
        ({ path, message, since: at }) =>
          `${shownPath(path)}: ${shownPath(translated(message))} (${since(at)})`,
      ),
    ),
    ...listed(
      labels.conflicts,
      mount.conflicts.map(
        ({ path, copy, since: at }) => `${shownPath(path)}: ${yours(shownPath(copy))} (${since(at)})`,
      ),
    ),
    ...listed(labels.limits, limitRows(mount.limits)),
    [labels.disk, quotaText(quota)],
    [labels.cache, part(cache.usedBytes, cache.limitBytes)],
    ...listed(labels.pinned, pins.count > 0 ? [pinnedText(pins)] : []),
    [labels.checked, checkedText(remote, nowMs)],
    [labels.requests, words.status.requests(requests.api, requests.data)],
    [labels.process, `${mount.pid}, yadiskfs ${mount.version}`],
  ];
  const state =
    mount.state === 'login-needed' ? loginNeeded(setupCommandOf(mount.account)) : states[mount.state];
  return [
    `${shownPath(mount.mountpoint)}  ${state}  (${mount.account}, ${shownPath(mount.root)})`,
    ...lines.map(([name, text]) => `  ${name === '' ? indent.slice(2) : `${name}:`.padEnd(12)}${text}`),
  ];
}

/**
 * What of these fits on a screen that is drawn over and over: the line behind the last, where the cursor is, counts. More would roll the rest away each
 * time, and fill what can be scrolled back to.
 */
export function fitted(
  lines: readonly string[],
  screen: { readonly columns?: number; readonly rows?: number },
): string[] {
  // A terminal that does not know its size says 0.
  const columns = screen.columns || 80;
  const most = Math.max(2, (screen.rows || 24) - 1);
  const shown =
    lines.length > most
      ? [...lines.slice(0, most - 1), words.status.moreLines(lines.length - most + 1)]
      : [...lines];
  return shown.map((line) => [...line].slice(0, Math.max(1, columns - 1)).join(''));
}

/** What happened, and what helps. */
function outageRows(outage: MountStatus['outage']): string[] {
  return outage
    ? [outage.message, outage.hint ?? ''].filter(Boolean).map((row) => shownPath(translated(row)))
    : [];
}

/** `2 changes: the write-back delay, 38 s more` */
function waitRows({ waiting }: QueueStatus, nowMs: number): string[] {
  const { waits, secondsMore, notBefore } = words.status;
  const known: Readonly<Record<string, string>> = words.status.waitReasons;
  return waiting.map(({ reason, changes, until }) => {
    const why = waits(changes, known[reason] ?? shownPath(reason));
    if (until === null) return why;
    const leftSec = Math.max(0, Math.ceil((Date.parse(until) - nowMs) / 1000));
    return `${why}, ${leftSec < 120 ? secondsMore(leftSec) : notBefore(until)}`;
  });
}

/** `2.0 MiB/s up, no limit down` */
export function limitsText({ upBytesPerSecond, downBytesPerSecond }: MountStatus['limits']): string {
  const { limits, noLimit, rate } = words.status;
  const text = (bytesPerSecond: number) => (bytesPerSecond === 0 ? noLimit : rate(bytesPerSecond));
  return limits(text(upBytesPerSecond), text(downBytesPerSecond));
}

function limitRows(limits: MountStatus['limits']): string[] {
  return limits.upBytesPerSecond + limits.downBytesPerSecond > 0 ? [limitsText(limits)] : [];
}

/** `2 pins: all of 3 files (12.1 MiB) here`, `1 pin: 2 of 3 files (8.0 MiB of 12.1 MiB) here` */
function pinnedText({ count, ...counts }: MountStatus['pins']): string {
  return words.status.pins(count, words.status.here(counts));
}

/** One pin, for people. */
export function pinLines(pin: PinStatus & { readonly mountpoint: string }): string[] {
  const { mountpoint, path, state, message } = pin;
  const said = message === null ? '' : `: ${shownPath(translated(message))}`;
  const states: Readonly<Record<string, string>> = words.status.pinStates;
  return [
    `${shownPath(path === '' ? mountpoint : `${mountpoint}/${path}`)}`,
    `  ${states[state] ?? shownPath(state)}${said}; ${words.status.here(pin)}`,
  ];
}

function listed(name: string, rows: readonly string[]): [string, string][] {
  const shown = rows.slice(0, mostShown);
  if (rows.length > shown.length) shown.push(words.status.more(rows.length - shown.length));
  return shown.map((row, index) => [index === 0 ? name : '', row]);
}

function quotaText({ totalBytes, usedBytes, trashBytes }: MountStatus['quota']): string {
  if (totalBytes === null || usedBytes === null) return words.status.notKnownYet;
  const share = totalBytes === 0 ? '' : ` (${Math.round((usedBytes / totalBytes) * 100)} %)`;
  const trash = trashBytes ? words.status.inTrash(trashBytes) : '';
  return `${words.status.used(usedBytes, totalBytes)}${share}${trash}`;
}

function checkedText({ revision, checkedAt }: MountStatus['remote'], nowMs: number): string {
  if (checkedAt === null) return words.status.notYet;
  const agoSec = Math.max(0, Math.round((nowMs - Date.parse(checkedAt)) / 1000));
  const { secondsAgo, moment, revision: revisionText } = words.status;
  return `${agoSec < 120 ? secondsAgo(agoSec) : moment(checkedAt)}, ${revisionText(revision ?? undefined)}`;
}
