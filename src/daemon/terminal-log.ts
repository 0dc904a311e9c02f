import { writeSync } from 'node:fs';
import { pino } from 'pino';
import { type LogEntry, wordsOf } from './journal.ts';

const stderr = 2;

const marks: readonly (readonly [level: number, mark: string])[] = [
  [pino.levels.values['error'] ?? 50, 'ERROR '],
  [pino.levels.values['warn'] ?? 40, 'WARNING '],
];

/** A line of the log for whoever looks at it at a terminal: `14:05:09 mounted mountpoint="/home/a/Disk"`, in the time of this machine. */
export function terminalLine(json: string): string {
  const entry = JSON.parse(json) as LogEntry;
  const at = new Date(Number(entry['time']));
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  const [, mark = ''] = marks.find(([least]) => Number(entry['level']) >= least) ?? [];
  // Names are the words of strangers, and may hold what a terminal obeys.
  const words = wordsOf(entry).replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
  return `${time} ${mark}${words}\n`;
}

export function writeToTerminal(json: string): void {
  try {
    writeSync(stderr, terminalLine(json));
  } catch {
    // It may be closed while the mount comes to its end.
  }
}
