import { uptime } from 'node:os';

interface Clocks {
  /** The wall clock, Unix milliseconds: people and time servers set it. */
  readonly date: () => number;
  /** Milliseconds that only go forward; they stand still while the machine sleeps. */
  readonly monotonic: () => number;
  /** Milliseconds since the machine was started, with those that it slept. */
  readonly uptime: () => number;
}

const ofThisMachine: Clocks = {
  date: Date.now,
  monotonic: () => performance.now(),
  uptime: () => uptime() * 1000,
};

/** How long the machine slept is asked for no more often than this; it costs a call of the system. */
const askedEveryMs = 1_000;
/** `uptime` tells whole seconds on some systems; what looks like a shorter sleep is none. */
const shortestSleepMs = 2_000;

/**
 * Unix milliseconds by a clock that nobody sets: the wall clock as it was at the start, and what has passed since, sleep included. For
 * whatever waits, and is noted where the next process finds it. When the wall clock is set, delays stay what they are.
 */
export class SteadyDate {
  readonly #clocks: Clocks;
  readonly #startMs: number;
  readonly #awakeMs: number;
  #sleptMs = 0;
  #askedAtMs: number;

  constructor(clocks: Clocks = ofThisMachine) {
    this.#clocks = clocks;
    const monotonicMs = clocks.monotonic();
    this.#startMs = clocks.date() - monotonicMs;
    this.#awakeMs = clocks.uptime() - monotonicMs;
    this.#askedAtMs = monotonicMs;
  }

  now(): number {
    const monotonicMs = this.#clocks.monotonic();
    if (monotonicMs - this.#askedAtMs >= askedEveryMs) {
      this.#askedAtMs = monotonicMs;
      const sleptMs = this.#clocks.uptime() - monotonicMs - this.#awakeMs;
      if (sleptMs - this.#sleptMs >= shortestSleepMs) this.#sleptMs = sleptMs;
    }
    return Math.floor(this.#startMs + this.#sleptMs + monotonicMs);
  }
}

const ofThisProcess = new SteadyDate();

/** As `SteadyDate`, for all of this process. */
export function steadyDateMs(): number {
  return ofThisProcess.now();
}
