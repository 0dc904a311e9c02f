/** When the queue looks again: at once, at some time, but never before its rest is over. Only the soonest counts. */
export class Wake {
  #dueAtMs = Number.POSITIVE_INFINITY;
  #restUntilMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #resolve: (() => void) | undefined;

  now(): void {
    this.at(0);
  }

  at(delayMs: number): void {
    const atMs = performance.now() + Math.max(0, delayMs);
    if (atMs >= this.#dueAtMs) return;
    this.#dueAtMs = atMs;
    this.#arm();
  }

  /** No sooner than in this many milliseconds. */
  rest(forMs: number): void {
    this.#restUntilMs = performance.now() + forMs;
    this.#arm();
  }

  /** Resolves when it is time, or the signal fires. */
  async wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        signal.removeEventListener('abort', end);
        resolve();
      };
      signal.addEventListener('abort', end, { once: true });
      this.#resolve = end;
      this.#arm();
    });
    this.#resolve = undefined;
    clearTimeout(this.#timer);
    this.#dueAtMs = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const resolve = this.#resolve;
    if (!resolve || this.#dueAtMs === Number.POSITIVE_INFINITY) return;
    const atMs = Math.max(this.#dueAtMs, this.#restUntilMs);
    this.#timer = setTimeout(resolve, Math.min(2 ** 31 - 1, Math.max(0, atMs - performance.now())));
  }
}
