import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What a person should know of, also with no terminal open. Paths are those in the mount. */
type DesktopNotice =
  | { readonly kind: 'unsent'; readonly path: string; readonly message: string }
  | { readonly kind: 'conflict'; readonly path: string; readonly copy: string };

/** How it is said to whoever has mounted. */
export interface NoticeWords {
  changedHereAndElsewhere(count: number): string;
  couldNotBeSent(count: number): string;
  yours(copy: string): string;
  more(count: number): string;
  readonly keptHere: string;
  /** A message of ours, which is English. */
  translated(message: string): string;
}

interface DesktopTiming {
  /** What comes within this time is told together … */
  readonly gatherMs: number;
  /** … and what comes sooner than so long after the last one, too. */
  readonly intervalMs: number;
}

const usualTiming: DesktopTiming = { gatherMs: 2_000, intervalMs: 60_000 };
/** Of a crowd these are named, and the rest counted. */
const mostNamed = 3;
const longestNameCharacters = 80;
/** A notification program that waits for a desktop that is gone is ended. */
const programMs = 10_000;
const shownMs = 15_000;
/** What a program that shows words has no business to know. */
const secrets = ['YADISKFS_TOKEN', 'YADISKFS_CLIENT_SECRET'];

/**
 * Tells of trouble by a notification of the desktop: `notify-send` (libnotify), else `gdbus` (GLib), where there is a session to tell it to. Nothing
 * here fails: without a desktop, or any of the two, the log has said it already.
 *
 * A library was not taken: those there are bring a D-Bus of their own, or start `notify-send` themselves.
 */
export class DesktopNotices {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #words: NoticeWords;
  readonly #timing: DesktopTiming;
  #waiting: DesktopNotice[] = [];
  #waitingCount = 0;
  #timer: NodeJS.Timeout | undefined;
  #lastAtMs = Number.NEGATIVE_INFINITY;

  constructor(environment: NodeJS.ProcessEnv, words: NoticeWords, timing: DesktopTiming = usualTiming) {
    this.#environment = environment;
    this.#words = words;
    this.#timing = timing;
  }

  tell(notice: DesktopNotice): void {
    this.#waitingCount++;
    if (this.#waiting.length < mostNamed) this.#waiting.push(notice);
    const { gatherMs, intervalMs } = this.#timing;
    const delayMs = Math.max(gatherMs, this.#lastAtMs + intervalMs - performance.now());
    this.#timer ??= setTimeout(() => this.#show(), delayMs).unref();
  }

  /** What was not told yet is told now. */
  close(): void {
    this.#show();
  }

  #show(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const [notices, count] = [this.#waiting, this.#waitingCount];
    this.#waiting = [];
    this.#waitingCount = 0;
    if (count === 0 || !hasSession(this.#environment)) return;
    this.#lastAtMs = performance.now();
    const { summary, body } = textOf(notices, count, this.#words);
    const text = [oneLine(summary), escaped(body)] as const;
    this.#run('notify-send', notifySendArguments(...text), () =>
      this.#run('gdbus', gdbusArguments(...text), () => {}),
    );
  }

  /** No shell: a name may hold anything. */
  #run(program: string, args: readonly string[], onMissing: () => void): void {
    const env = Object.fromEntries(
      Object.entries(this.#environment).filter(([name]) => !secrets.includes(name)),
    );
    const child = spawn(program, args, { cwd: '/', env, stdio: 'ignore', timeout: programMs });
    child.once('error', onMissing);
    child.unref();
  }
}

/** Whether there is a bus of a session: libnotify and GLib look in these two places. */
function hasSession({ DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR }: NodeJS.ProcessEnv): boolean {
  if (DBUS_SESSION_BUS_ADDRESS) return true;
  return XDG_RUNTIME_DIR !== undefined && existsSync(join(XDG_RUNTIME_DIR, 'bus'));
}

function textOf(
  notices: readonly DesktopNotice[],
  count: number,
  words: NoticeWords,
): { readonly summary: string; readonly body: string } {
  const areConflicts = notices.every(({ kind }) => kind === 'conflict');
  const summary = areConflicts ? words.changedHereAndElsewhere(count) : words.couldNotBeSent(count);
  const lines = notices.map((notice) => lineOf(notice, words));
  if (count > notices.length) lines.push(words.more(count - notices.length));
  if (!areConflicts) lines.push(words.keptHere);
  return { summary: `Yandex Disk: ${summary}`, body: lines.join('\n') };
}

function lineOf(notice: DesktopNotice, words: NoticeWords): string {
  if (notice.kind === 'unsent') return `${named(notice.path)}: ${oneLine(words.translated(notice.message))}`;
  return `${named(notice.path)}: ${words.yours(named(basename(notice.copy)))}`;
}

function named(path: string): string {
  const characters = [...oneLine(path)];
  if (characters.length <= longestNameCharacters) return characters.join('');
  return `…${characters.slice(1 - longestNameCharacters).join('')}`;
}

/** Names are the words of strangers: nothing in them turns lines or letters round, and none is half a letter. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
}

/** The body of a notification is markup. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function notifySendArguments(summary: string, body: string): string[] {
  return ['--app-name=yadiskfs', `--expire-time=${shownMs}`, '--', summary, body];
}

/** org.freedesktop.Notifications.Notify; values in the text form of GVariant. */
function gdbusArguments(summary: string, body: string): string[] {
  const service = 'org.freedesktop.Notifications';
  const text = (value: string) =>
    `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
  return [
    ...['call', '--session', '--dest', service, '--object-path', '/org/freedesktop/Notifications'],
    ...['--method', `${service}.Notify`, '--'],
    ...[text('yadiskfs'), 'uint32 0', text(''), text(summary), text(body), '@as []', '@a{sv} {}'],
    `${shownMs}`,
  ];
}
