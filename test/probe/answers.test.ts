import { expect, test } from 'vitest';
import { allQuestions, neverAsked, notDoubtful, watchedSettings } from '../../scripts/probing/catalogue.ts';
import type { ProbeReport } from '../../scripts/probing/report.ts';
import { completeSettings } from '../stand-in/settings.ts';
import { type Case, cases } from './cases.ts';
import { probeStandIn } from './probing.ts';

/*
 * The probe is right about a Disk whose answers are known: at every value of every setting that a question claims to
 * decide, the report names the value that the stand-in has.
 */

const questions = allQuestions({ largeSizesBytes: [1 << 20], shared: undefined, client: undefined });

for (const each of cases) {
  for (const value of each.values) {
    test.concurrent(`${each.question} finds ${each.setting} = ${JSON.stringify(value)}${besideText(each)}`, async () => {
      const { question, setting, beside, options } = each;
      const { report } = await probeStandIn(
        { ...beside, [setting]: value },
        { ...options, only: [question] },
      );
      const asked = report.questions.find(({ id }) => id === question);
      expect(asked).toMatchObject({ state: 'answered' });
      expect(asked?.unclear.filter((unclear) => unclear.setting === setting)).toEqual([]);
      expect(report.cleaning).toMatchObject({ complete: true });
      expectFound(report, each, value);
    });
  }
}

function besideText({ beside }: Case): string {
  return beside ? ` beside ${JSON.stringify(beside)}` : '';
}

/** What was measured lies in the range that is told; all else is exactly so. */
function expectFound(report: ProbeReport, { setting }: Case, value: unknown): void {
  const finding = report.questions
    .flatMap(({ findings }) => findings)
    .find((each) => each.setting === setting);
  const { range } = finding ?? {};
  if (range) {
    expect(value).toBeGreaterThanOrEqual(range.atLeast);
    expect(value).toBeLessThanOrEqual(range.atMost ?? Number.POSITIVE_INFINITY);
  } else {
    expect(report.settings).toHaveProperty(setting);
    expect(report.settings[setting]).toEqual(value);
  }
}

test('every setting of the stand-in is decided by a question, or is listed with the reason why not', () => {
  const accounted = [
    ...questions.flatMap(({ settings }) => settings),
    ...neverAsked.flatMap(({ settings }) => settings),
    ...watchedSettings,
    ...notDoubtful,
  ];
  expect([...new Set(accounted)].sort()).toEqual(Object.keys(completeSettings()).sort());
  expect(new Set(accounted).size).toBe(accounted.length);
});

test('every setting that a question claims to decide is tried at two values at least', () => {
  const claimed = questions.flatMap(({ id, settings }) => settings.map((setting) => `${id} ${setting}`));
  const tried = new Set(
    cases.filter(({ values }) => values.length >= 2).map(({ question, setting }) => `${question} ${setting}`),
  );
  expect(claimed.filter((claim) => !tried.has(claim))).toEqual([]);
});
