/** Counts events within a sliding window and remembers the most there ever were. Keeps the times of one window. */
export class RateWindow {
  readonly #windowMs: number;
  /** A ring of times, its length a power of two. */
  #times = new Float64Array(64);
  #first = 0;
  #count = 0;
  #max = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  get max(): number {
    return this.#max;
  }

  /** Times never go back. An event a whole window ago no longer counts. */
  add(nowMs: number): void {
    const mask = this.#times.length - 1;
    while (this.#count > 0 && (this.#times[this.#first & mask] ?? 0) <= nowMs - this.#windowMs) {
      this.#first = (this.#first + 1) & mask;
      this.#count -= 1;
    }
    if (this.#count === this.#times.length) this.#grow();
    this.#times[(this.#first + this.#count) & (this.#times.length - 1)] = nowMs;
    this.#count += 1;
    this.#max = Math.max(this.#max, this.#count);
  }

  reset(): void {
    this.#count = 0;
    this.#max = 0;
  }

  #grow(): void {
    const grown = new Float64Array(this.#times.length * 2);
    grown.set(this.#times.subarray(this.#first));
    grown.set(this.#times.subarray(0, this.#first), this.#times.length - this.#first);
    this.#times = grown;
    this.#first = 0;
  }
}
