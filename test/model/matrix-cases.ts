import { describe, expect, it } from 'vitest';
import type { SettingsInput } from '../stand-in/settings.ts';
import { type Deed, deeds, files, type Moment, outcomeOf } from './matrix.ts';
import { OneMachine } from './one-machine.ts';

type Expected = { readonly [Here in Deed]?: { readonly [There in Deed]?: string } };

/** One test for each pair, of all deeds here or of some: what is there in the end, and whether a conflict is listed just where there is a copy. */
export function describeMatrix(
  title: string,
  moment: Moment,
  settings: SettingsInput,
  expected: Expected,
  hereDeeds: readonly Deed[] = deeds,
): void {
  describe(title, () => {
    for (const here of hereDeeds)
      for (const there of deeds) {
        const outcome = expected[here]?.[there];
        if (outcome === undefined) continue;
        it(`${here} here, ${there} there`, async () => {
          await OneMachine.run(settings, files, async (one) => {
            expect(await outcomeOf(one, here, there, moment)).toBe(outcome);
            expect(one.conflicts()).toHaveLength(outcome.includes('(conflict)') ? 1 : 0);
          });
        });
      }
  });
}
