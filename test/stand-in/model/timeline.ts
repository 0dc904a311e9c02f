interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/**
 * What is going to happen at a known time. Nothing runs by itself: whoever looks at the Disk first lets
 * everything happen that is due, in order. So the model needs no timers, and a standing clock drives it too.
 */
export class Timeline {
  #events: Event[] = [];
  #order = 0;

  at(atMs: number, run: () => void): void {
    this.#events.push({ atMs, order: this.#order, run });
    this.#order += 1;
    this.#events.sort((left, right) => left.atMs - right.atMs || left.order - right.order);
  }

  /** Lets everything happen that is due at `nowMs`, also what that brings about. */
  settle(nowMs: number): void {
    for (;;) {
      const next = this.#events[0];
      if (!next || next.atMs > nowMs) return;
      this.#events.shift();
      next.run();
    }
  }

  /** Forgets what was to come. */
  clear(): void {
    this.#events = [];
  }
}
