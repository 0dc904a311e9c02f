import { pino } from 'pino';
import { expect, test } from 'vitest';
import { journalLine, writesToJournal } from '../../src/daemon/journal.ts';

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
