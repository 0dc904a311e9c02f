import type { Goal } from './goals.ts';
import type { Traffic } from './traffic.ts';

export type Unit = 's' | '/s' | 'MB/s' | 'MB' | 'requests' | '% of a core';

/** One thing that a scene measures. */
export interface Measure {
  readonly name: string;
  readonly unit: Unit;
  /** Whether more is better; rates are, times are not. */
  readonly moreIsBetter?: boolean;
  /** To reach, as shipped. */
  readonly goal?: Goal;
  /** To reach without a limit on API requests, where that is another one. */
  readonly liftedGoal?: Goal;
  /** What cannot be beaten, or what is known of the ground, in words. */
  readonly bound?: string;
  /** What must be known to read the figure. */
  readonly remark?: string;
}

/** What came out of one measure, once. */
export interface Outcome {
  readonly measure: string;
  /** In the measure's unit; null when what was waited for did not come. */
  readonly value: number | null;
  readonly traffic?: Traffic;
  /** What the mount's process used of the processors meanwhile. */
  readonly cpuSeconds?: number;
}
