import { expect, it } from 'vitest';
import { nearest } from '../../src/cli/near-miss.ts';
import { parseMoment } from '../../src/cli/units.ts';

const known = ['read-only', 'root', 'account', 'type', 'timeout', 'uid', 'gid'];

it.each([
  ['rot', 'root'],
  ['roto', 'root'],
  ['acount', 'account'],
  ['tpye', 'type'],
  ['read', 'read-only'],
  ['time', 'type'],
  ['readonly', 'read-only'],
  ['timeot', 'timeout'],
  ['u', undefined],
  ['xyz', undefined],
  ['completely-else', undefined],
])('%s is meant for %s', (word, meant) => {
  expect(nearest(word, known)).toBe(meant);
});

it('a moment is a day, a time of a day, or a time from now', () => {
  const nowMs = Date.UTC(2026, 10, 26);
  expect(parseMoment('7d', '--until', nowMs) - nowMs).toBe(7 * 86_400_000);
  expect(parseMoment('1h30m', '--until', nowMs) - nowMs).toBe(5_400_000);
  expect(new Date(parseMoment('2026-12-31', '--until')).getHours()).toBe(23);
  expect(parseMoment('2026-12-31T12:00:00Z', '--until')).toBe(Date.UTC(2026, 11, 31, 12));
  for (const text of ['', 'soon', '7', '2026', '31.12.2026', '2026-13-01', '7d ago', '99999999999d'])
    expect(() => parseMoment(text, '--until')).toThrowError('--until must be');
});
