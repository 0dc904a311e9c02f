import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { roundsOf } from '../all-tests.ts';
import { modelCase, requireRight } from './model-case.ts';
import { onceWrong } from './once-wrong.ts';

/*
 * Random work of two machines, from the file system down, and of somebody at the web, with the wire failing. In the end all sides are the same, every content
 * that anybody counted on is somewhere, nobody has overwritten or deleted what he could not have seen, and there is no conflict copy without a conflict.
 * scripts/model-test does the same by thousands.
 */

describe('what came out wrong once', () => {
  test.each(onceWrong.map((each) => [each.what, each] as const))('%s', async (_, {
    given,
    choice,
    mostFlushMs = Number.POSITIVE_INFINITY,
  }) => {
    expect((await requireRight(given, choice)).flushMs).toBeLessThanOrEqual(mostFlushMs);
  });
});

test.each([
  'usual',
  'other',
] as const)('whatever two machines and the web do comes out right, settings %s', async (choice) => {
  await fc.assert(
    fc.asyncProperty(modelCase, async (given) => {
      await requireRight(given, choice);
    }),
    { numRuns: roundsOf(6, 100), endOnFailure: true },
  );
}, 600_000);
