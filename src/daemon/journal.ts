import { fstatSync, writeSync } from 'node:fs';
import { pino } from 'pino';

const stderr = 2;

/**
 * Whether what is written to stderr goes straight to systemd's journal: `JOURNAL_STREAM` names its device and inode (systemd.exec(5)). The variable
 * alone tells nothing: programs that the journal's owner starts have inherited it, also with a terminal of their own.
 */
export function writesToJournal(environment: NodeJS.ProcessEnv): boolean {
  const named = environment['JOURNAL_STREAM'];
  if (!named) return false;
  try {
    const { dev, ino } = fstatSync(stderr, { bigint: true });
    return named === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

/** syslog(3)'s numbers for pino's. */
const priorities: readonly (readonly [level: number, priority: number])[] = [
  [pino.levels.values['error'] ?? 50, 3],
  [pino.levels.values['warn'] ?? 40, 4],
  [pino.levels.values['info'] ?? 30, 6],
];
const debugPriority = 7;

/** An entry of the log, as pino writes it. */
export type LogEntry = Readonly<Record<string, unknown>>;

/** What the journal keeps of each line by itself, and a terminal shows otherwise or not at all. */
const saidOtherwise = new Set(['level', 'time', 'pid', 'msg']);

/**
 * A line of the log as the journal shows it: `<6>mounted mountpoint="/home/a/Disk"`, with the priority in front as sd-daemon(3) has it. Names of files are
 * quoted as in JSON: none of them begins a line of its own.
 */
export function journalLine(json: string): string {
  const entry = JSON.parse(json) as LogEntry;
  const level = Number(entry['level']);
  const [, priority = debugPriority] = priorities.find(([least]) => level >= least) ?? [];
  return `<${priority}>${wordsOf(entry)}\n`;
}

/** What happened, and then all that is known of it: `mounted mountpoint="/home/a/Disk"`. */
export function wordsOf(entry: LogEntry): string {
  const rest = Object.entries(entry)
    .filter(([name]) => !saidOtherwise.has(name))
    .map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return `${String(entry['msg'] ?? '')}${rest.join('')}`;
}

export function writeToJournal(json: string): void {
  try {
    writeSync(stderr, journalLine(json));
  } catch {
    // The journal is restarted now and then.
  }
}
