import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { settingsOf } from '../../scripts/crash/doubtful-settings.ts';
import { seededRandom } from '../stand-in/random.ts';
import { type Act, act, type Weather, weather } from './acts.ts';
import { VirtualTime } from './virtual-time.ts';
import { World } from './world.ts';

/** All doubtful settings as is likely, or all the other way. */
export type Choice = 'usual' | 'other';

export interface ModelCase {
  readonly acts: readonly Act[];
  readonly weather: Weather;
}

export const modelCase: fc.Arbitrary<ModelCase> = fc.record({
  acts: fc.array(act, { minLength: 6, maxLength: 24, size: 'max' }),
  weather,
});

interface Outcome {
  /** What was done, in words. */
  readonly story: readonly string[];
  /** What came out wrong. */
  readonly mistakes: readonly string[];
  /** How often something was lost that no client could have seen: see `ServerWatch`. */
  readonly gaps: number;
  /** How long it took to send what was unsent when all went well again; milliseconds of the run's own time. */
  readonly flushMs: number;
}

/** Runs one case from an empty Disk to the end. */
export async function runCase({ acts, weather }: ModelCase, choice: Choice): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'yadiskfs-model-'));
  try {
    return await new VirtualTime().run(async () => {
      const world = await World.begin(folder, settingsOf(choice, seededRandom('')), weather);
      try {
        for (const each of acts) await world.perform(each);
        const mistakes = await world.outcome();
        return { story: world.story, mistakes, gaps: world.fellIntoTheGap, flushMs: world.flushMs };
      } finally {
        await world.close();
      }
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @throws Error with the story, when something came out wrong */
export async function requireRight(given: ModelCase, choice: Choice): Promise<Outcome> {
  const outcome = await runCase(given, choice);
  if (outcome.mistakes.length > 0)
    throw new Error(
      [...outcome.mistakes, '', `the weather is ${given.weather}`, ...outcome.story].join('\n'),
    );
  return outcome;
}

/** The case that a seed names. */
export function caseOf(seed: number): ModelCase {
  const [given] = fc.sample(modelCase, { seed, numRuns: 1 });
  if (!given) throw new Error('No case');
  return given;
}
