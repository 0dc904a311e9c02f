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

/**
 * A clock that stands at `startMs` (the present second unless told) until it is advanced. Clients compare the
 * times in links with the machine's clock, so a start in the past makes every link look dead to them.
 */
export function standingClock(startMs = Math.floor(Date.now() / 1000) * 1000): Clock {
  let nowMs = startMs;
  return {
    runs: false,
    now: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}
