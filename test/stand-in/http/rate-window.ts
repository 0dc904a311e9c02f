import type { Clock } from '../clock.ts';

const windowMs = 1000;

/** Counts requests within the last second. */
export class RateWindow {
  readonly #clock: Clock;
  #times: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether one more request is within the limit; one that is not does not count. */
  admit(perSecond: number | null): boolean {
    if (perSecond === null) return true;
    const nowMs = this.#clock.now();
    this.#times = this.#times.filter((timeMs) => timeMs > nowMs - windowMs);
    if (this.#times.length >= perSecond) return false;
    this.#times.push(nowMs);
    return true;
  }
}
