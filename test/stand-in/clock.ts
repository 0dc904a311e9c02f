/** Time as the stand-in sees it: the machine's, or one that stands still until it is told to move. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Moves time forward. */
  advance(ms: number): void;
  /** False for a clock that only moves by `advance`. */
  readonly runs: boolean;
}

/** The machine's clock, which `advance` puts forward. */
export function runningClock(): Clock {
  let aheadMs = 0;
  return {
    runs: true,
    now: () => Date.now() + aheadMs,
    advance: (ms) => {
      aheadMs += ms;
    },
  };
}

/** A clock that stands at `startMs` until it is advanced. */
export function standingClock(startMs = Date.UTC(2026, 0, 15, 12)): Clock {
  let nowMs = startMs;
  return {
    runs: false,
    now: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}
