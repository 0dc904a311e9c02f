import { pino } from 'pino';
import { expect, test } from 'vitest';
import { logOperation } from '../../src/daemon/log.ts';
import { Failure, type FailureCode } from '../../src/errors.ts';

function logged(error: unknown): Record<string, unknown> {
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line) => lines.push(line) });
  logOperation(log, 'write', '/a', error);
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '{}');
}

const { debug, warn, error: wrong } = pino.levels.values;

test('what programs ask for and cannot have is no news', () => {
  const ordinary: FailureCode[] = ['not-found', 'exists', 'not-empty', 'invalid', 'not-permitted'];
  for (const code of ordinary) expect(logged(new Failure(code, 'no'))).toMatchObject({ level: debug, code });
});

test('what a user may want to know is told with what to do about it', () => {
  const hint = 'Make room.';
  expect(logged(new Failure('no-space', 'The Disk is full', { hint }))).toMatchObject({
    ...{ level: warn, operation: 'write', path: '/a' },
    ...{ code: 'no-space', message: 'The Disk is full', hint },
  });
});

test('a mistake of ours is an error', () => {
  expect(logged(new TypeError('undefined is not a function'))).toMatchObject({ level: wrong });
});
