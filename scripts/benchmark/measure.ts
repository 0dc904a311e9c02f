import type { Goal } from './goals.ts';
import type { Traffic } from './traffic.ts';

export type Unit = 's' | 'ms' | 'looks' | '/s' | 'MB/s' | 'MB' | 'requests' | '% of a core';

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
  /** The same as a number in the measure's unit, where it is one. */
  readonly boundValue?: number;
  /** What cannot be beaten by who keeps to no limit on API requests, where that is another number; rclone is one of them. */
  readonly liftedBoundValue?: number;
  /** What must be known to read the figure. */
  readonly remark?: string;
  /** Where rclone does something smaller in its place, which no ratio to it should hide. */
  readonly rcloneDoesLess?: boolean;
}

/** What came out of one measure, once. */
export interface Outcome {
  readonly measure: string;
  /** In the measure's unit; null when what was waited for did not come. */
  readonly value: number | null;
  readonly traffic?: Traffic;
  /** Since the mount was started, mounting itself included, up to the end of this. */
  readonly trafficInAll?: Traffic;
  /** What the mount's process used of the processors meanwhile. */
  readonly cpuSeconds?: number;
}
