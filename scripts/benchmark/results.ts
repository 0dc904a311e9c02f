import type { Contender } from './contenders.ts';
import { type Goal, goalWords, isReached } from './goals.ts';
import type { Measure, Outcome, Unit } from './measure.ts';
import type { Scene } from './scene.ts';
import type { Traffic } from './traffic.ts';

/** What one contender did in one round of one scene. */
export interface Played {
  readonly scene: Scene;
  readonly contender: Contender;
  readonly outcomes: readonly Outcome[];
  readonly compared: number;
  readonly mistakes: readonly string[];
  readonly peakBytes: number;
}

/** One line of the table: one measure, one contender, all rounds. */
export interface Row {
  readonly scene: number;
  readonly title: string;
  readonly measure: string;
  readonly by: string;
  readonly unit: Unit;
  /** Then `timesRclone` above 1 is good; else below 1 is. */
  readonly moreIsBetter: boolean;
  /** One a round; null where what was waited for did not come. */
  readonly values: readonly (number | null)[];
  readonly median: number | null;
  readonly least: number | null;
  readonly most: number | null;
  /** Medians, as the following are. */
  readonly traffic: Traffic | null;
  /** With what mounting cost, and whatever else was done in that mount before. */
  readonly trafficInAll: Traffic | null;
  readonly cpuSeconds: number | null;
  /** The most that the mount's process had up to the end of the scene. */
  readonly peakBytes: number;
  /** This median by rclone's; null for rclone itself and where it has none. */
  readonly timesRclone: number | null;
  /** This median by the bound; null where no number is one. */
  readonly timesBound: number | null;
  readonly goal: string | null;
  readonly reached: boolean | null;
  /** In words, and in the measure's unit for this contender. */
  readonly bound: string | null;
  readonly boundValue: number | null;
  readonly remark: string | null;
  /** How much was compared with the Disk, in all rounds and measures of the scene. */
  readonly compared: number;
  readonly mistakes: readonly string[];
}

/** All lines, in order of scenes, measures and contenders. @param withGoals false where scenes have another size */
export function rowsOf(played: readonly Played[], withGoals: boolean): Row[] {
  const scenes = [...new Set(played.map(({ scene }) => scene))];
  return scenes.flatMap((scene) => {
    const here = played.filter((one) => one.scene === scene);
    const contenders = [...new Set(here.map(({ contender }) => contender))];
    return scene.measures.flatMap((measure) => {
      const medianOf = (contender: Contender) => median(valuesOf(here, contender, measure));
      const byRclone = contenders.find(({ kind }) => kind === 'rclone');
      const rcloneValue = byRclone && medianOf(byRclone);
      return contenders.flatMap((contender) => {
        const runs = here.filter((one) => one.contender === contender);
        // Not every contender takes every measure.
        if (valuesOf(runs, contender, measure).length === 0) return [];
        return [rowOf(scene, measure, contender, runs, rcloneValue, withGoals)];
      });
    });
  });
}

function rowOf(
  scene: Scene,
  measure: Measure,
  contender: Contender,
  runs: readonly Played[],
  rcloneValue: number | null | undefined,
  withGoals: boolean,
): Row {
  const outcomes = runs.flatMap(({ outcomes: all }) =>
    all.filter(({ measure: name }) => name === measure.name),
  );
  const values = outcomes.map(({ value }) => value);
  const numbers = values.filter((value) => value !== null);
  const middle = median(values);
  const traffic = medianTraffic(outcomes.flatMap(({ traffic: one }) => one ?? []));
  const trafficInAll = medianTraffic(outcomes.flatMap(({ trafficInAll: one }) => one ?? []));
  const cpu = outcomes.flatMap(({ cpuSeconds }) => cpuSeconds ?? []);
  const goal = withGoals ? goalOf(measure, contender) : undefined;
  const reached = {
    value: middle,
    requests: requestsOf(traffic),
    requestsInAll: requestsOf(trafficInAll),
    apiRequests: traffic?.apiRequests,
    bytes: traffic?.bytes,
    rcloneValue,
  };
  const boundValue = boundOf(measure, contender) ?? null;
  const hasRatio = contender.kind !== 'rclone' && !measure.rcloneDoesLess;
  return {
    scene: scene.number,
    title: scene.title,
    measure: measure.name,
    by: contender.name,
    unit: measure.unit,
    moreIsBetter: measure.moreIsBetter ?? false,
    values,
    median: middle,
    least: numbers.length > 0 ? Math.min(...numbers) : null,
    most: numbers.length > 0 ? Math.max(...numbers) : null,
    traffic,
    trafficInAll,
    cpuSeconds: median(cpu),
    peakBytes: Math.max(...runs.map(({ peakBytes }) => peakBytes)),
    timesRclone: !hasRatio || middle === null || !rcloneValue ? null : middle / rcloneValue,
    timesBound: middle === null || !boundValue ? null : middle / boundValue,
    goal: goal ? goalWords(goal, measure.unit) : null,
    reached: (goal && isReached(goal, reached)) ?? null,
    bound: measure.bound ?? null,
    boundValue,
    remark: measure.remark ?? null,
    compared: runs.reduce((sum, { compared }) => sum + compared, 0),
    mistakes: runs.flatMap(({ mistakes }) => mistakes),
  };
}

function goalOf(measure: Measure, { kind }: Contender): Goal | undefined {
  if (kind === 'as-shipped') return measure.goal;
  return kind === 'limit-lifted' ? measure.liftedGoal : undefined;
}

function boundOf({ boundValue, liftedBoundValue }: Measure, { kind }: Contender): number | undefined {
  return kind === 'limit-lifted' || kind === 'rclone' ? (liftedBoundValue ?? boundValue) : boundValue;
}

function requestsOf(traffic: Traffic | null): number | undefined {
  return traffic ? traffic.apiRequests + traffic.dataRequests : undefined;
}

function valuesOf(runs: readonly Played[], contender: Contender, measure: Measure): (number | null)[] {
  return runs
    .filter((one) => one.contender === contender)
    .flatMap(({ outcomes }) => outcomes.filter(({ measure: name }) => name === measure.name))
    .map(({ value }) => value);
}

function medianTraffic(all: readonly Traffic[]): Traffic | null {
  if (all.length === 0) return null;
  const of = (name: keyof Traffic) => Math.round(median(all.map((one) => one[name])) ?? 0);
  return {
    apiRequests: of('apiRequests'),
    dataRequests: of('dataRequests'),
    bytes: of('bytes'),
    bytesUp: of('bytesUp'),
  };
}

/** Null where there is none, or where one round came to nothing. */
function median(values: readonly (number | null)[]): number | null {
  const numbers = values.filter((value) => value !== null).sort((left, right) => left - right);
  if (numbers.length === 0 || numbers.length < values.length) return null;
  const half = (numbers.length - 1) / 2;
  return ((numbers[Math.floor(half)] ?? 0) + (numbers[Math.ceil(half)] ?? 0)) / 2;
}
