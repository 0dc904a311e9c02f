import { pino } from 'pino';
import { expect, test } from 'vitest';
import { journalLine, writesToJournal } from '../../src/daemon/journal.ts';
import { terminalLine } from '../../src/daemon/terminal-log.ts';

function shown(speak: (log: pino.Logger) => void): string {
  let text = '';
  const write = (json: string) => {
    text += journalLine(json);
  };
  speak(pino({ level: 'trace', base: { pid: 7 } }, { write }));
  return text;
}

test('a line of the journal has its priority in front, and says first what happened', () => {
  expect(shown((log) => log.error({ code: 'local' }, 'cannot unmount'))).toBe(
    '<3>cannot unmount code="local"\n',
  );
  expect(shown((log) => log.warn('slow'))).toBe('<4>slow\n');
  expect(shown((log) => log.info({ mountpoint: '/home/a b' }, 'mounted'))).toBe(
    '<6>mounted mountpoint="/home/a b"\n',
  );
  expect(shown((log) => log.debug({ changes: 2 }, 'changed elsewhere'))).toBe(
    '<7>changed elsewhere changes=2\n',
  );
  expect(shown((log) => log.trace('request'))).toBe('<7>request\n');
});

test('no name makes a line of its own', () => {
  const path = '/a\n<0>kernel: all is lost\u001b[2J';
  const text = shown((log) => log.warn({ path }, 'operation failed'));
  expect(text.trimEnd()).not.toContain('\n');
  expect(text).not.toContain('\u001b');
  expect(text.endsWith('\n')).toBe(true);
});

test('the variable alone, inherited by everything in a desktop, makes no journal', () => {
  expect(writesToJournal({})).toBe(false);
  expect(writesToJournal({ JOURNAL_STREAM: '8:1' })).toBe(false);
  expect(writesToJournal({ JOURNAL_STREAM: 'nonsense' })).toBe(false);
});

test('a terminal is told the time and what is worth a look, and nothing that it obeys', () => {
  const at = new Date(2026, 10, 26, 14, 5, 9).getTime();
  const line = (level: number, msg: string, more = {}) =>
    terminalLine(JSON.stringify({ level, time: at, pid: 7, msg, ...more }));
  expect(line(30, 'mounted', { mountpoint: '/home/a b' })).toBe('14:05:09 mounted mountpoint="/home/a b"\n');
  expect(line(40, 'slow')).toBe('14:05:09 WARNING slow\n');
  expect(line(50, 'lost')).toBe('14:05:09 ERROR lost\n');
  const hostile = line(30, 'operation failed', { path: 'a\n\u001b[2J\u009b2J\u202e' });
  expect(hostile.trimEnd()).toMatch(/^[\x20-\x7e]+$/);
});
