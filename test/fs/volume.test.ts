import { expect, test } from 'vitest';
import { Volume } from '../../src/fs/volume.ts';

test('who writes over the quota is told what the trash holds, and where it is emptied', () => {
  const volume = new Volume(() => Promise.reject(new Error('not asked')), { bytes: 10, sentBytes: 0 });
  volume.noteQuota({ total_space: 100, used_space: 80, trash_size: 70, max_file_size: undefined });
  volume.checkGrowth(10, 10);
  expect(() => volume.checkGrowth(11, 11)).toThrow(
    expect.objectContaining({
      code: 'no-space',
      message: 'The Disk is full',
      hint: expect.stringMatching(/70 bytes.*https:\/\/disk\.yandex\.ru\/client\/trash$/),
    }),
  );
});

test('what was sent since the Disk told its quota is in use', async () => {
  const growth = { bytes: 10, sentBytes: 100 };
  const volume = new Volume(() => Promise.reject(new Error('not asked')), growth);
  volume.noteQuota({ total_space: 100, used_space: 80, trash_size: 0, max_file_size: undefined });
  Object.assign(growth, { bytes: 2, sentBytes: 108 });
  expect(await volume.space(AbortSignal.timeout(1_000))).toEqual({ totalBytes: 100, freeBytes: 10 });
  volume.checkGrowth(10, 10);
  expect(() => volume.checkGrowth(11, 11)).toThrow(expect.objectContaining({ code: 'no-space' }));
});
