import { expect, test } from 'vitest';
import { statusLines } from '../../src/cli/status-lines.ts';
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
