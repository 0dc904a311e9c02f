/** Time for the wire. It is not the clock of the Disk, which tests put forward. */
export interface WireClock {
  /** Milliseconds that never go back, with a fraction. */
  nowMs(): number;
  /** Runs a task once after a while; the answer cancels it. */
  schedule(delayMs: number, task: () => void): () => void;
}

/** The machine's own clock. Its timers do not keep the process alive. */
export const realClock: WireClock = {
  nowMs: () => performance.now(),
  schedule(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
