import { expect, test } from 'vitest';
import { fitted, statusLines } from '../../src/cli/status-lines.ts';
import { someQueue, statusOf } from '../daemon/scripted-control.ts';

test('status tells what the trash holds, and where it is emptied', () => {
  const quota = { totalBytes: 100 << 20, usedBytes: 90 << 20, trashBytes: 30 << 20 };
  expect(statusLines(statusOf('/mnt/disk', { quota }), 0)).toContain(
    '  Disk:       90.0 MiB of 100 MiB used (90 %), of which 30.0 MiB in the trash (emptied by yadiskfs trash empty, or at https://disk.yandex.ru/client/trash)',
  );
});

test('what was sent and is to be seen there is counted, too', () => {
  const queue = { ...someQueue, uploads: 0, uploadBytes: 0, operations: 0, active: [], unconfirmed: 212 };
  const lines = statusLines(statusOf('/mnt/disk', { queue }), 0);
  expect(lines).toContain('  To be sent: nothing');
  expect(lines).toContain('  Sent:       212 sent changes to be looked at once more');
});

test('status tells why something is not sent yet, and once where nothing is sent at all', () => {
  const waiting = [
    { reason: 'write-back', changes: 2, until: '1970-01-01T00:00:38.000Z' },
    { reason: 'open', changes: 1, until: null },
    { reason: 'of a later version', changes: 1, until: null },
  ];
  const queue = { ...someQueue, waiting };
  expect(statusLines(statusOf('/mnt/disk', { queue }), 500).join('\n')).toContain(`
  Waiting:    2 changes: the write-back delay, 38 s more
              1 change: a file is still open
              1 change: of a later version
`);
  const paused = statusLines(statusOf('/mnt/disk', { queue, state: 'paused' }), 0).join('\n');
  expect(paused).toContain('PAUSED: yadiskfs resume');
  expect(paused).not.toContain('Waiting');
});

test('status tells why the Disk cannot be reached, and what helps', () => {
  const outage = { message: 'Something answered\u001b in its place', hint: 'A login page?' };
  expect(statusLines(statusOf('/mnt/disk', { outage, state: 'offline' }), 0).slice(0, 3)).toEqual([
    '/mnt/disk  OFFLINE  (default, disk:/)',
    '  Off line:   Something answered? in its place',
    '              A login page?',
  ]);
});

test('status tells which login is needed', () => {
  const lines = (account: string) =>
    statusLines(statusOf('/mnt/disk', { account, state: 'login-needed' }), 0);
  expect(lines('default')[0]).toBe('/mnt/disk  LOGIN NEEDED: yadiskfs setup  (default, disk:/)');
  expect(lines('work')[0]).toBe('/mnt/disk  LOGIN NEEDED: yadiskfs setup --account work  (work, disk:/)');
});

test('a screen that is drawn over and over holds what fits, and counts the rest', () => {
  const lines = ['/mnt/a  online', '  To be sent: nothing', '  Disk:       full', '', '/mnt/b  PAUSED'];
  expect(fitted(lines, { columns: 80, rows: 6 })).toEqual(lines);
  expect(fitted(lines, { columns: 16, rows: 5 })).toEqual([
    '/mnt/a  online',
    '  To be sent: n',
    '  Disk:       f',
    '… and 2 lines m',
  ]);
  // A terminal that does not know its size.
  expect(fitted(lines, { columns: 0, rows: 0 })).toEqual(lines);
});
