import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { severalAtOnce } from '../../src/async/several.ts';

test('runs all, no more than so many at once, and keeps their order', async () => {
  const items = Array.from({ length: 40 }, (_, index) => index);
  let [underWay, most] = [0, 0];
  const results = await severalAtOnce(items, 6, async (item) => {
    most = Math.max(most, ++underWay);
    await sleep(item % 3);
    underWay--;
    return item * 2;
  });
  expect(results).toEqual(items.map((item) => item * 2));
  expect(most).toBe(6);
});

test('begins no other after one that failed', async () => {
  const begun: number[] = [];
  const failing = severalAtOnce([1, 2, 3, 4], 1, async (item) => {
    begun.push(item);
    if (item === 2) throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(begun).toEqual([1, 2]);
});
