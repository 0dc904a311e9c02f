import { keyOf, type Step } from './step.ts';

interface Hold {
  readonly untilMs: number;
  readonly times: number;
}

const longestHoldMs = 60_000;

/** When what could not be done is tried again, and how often it was. Times are those of the clock that is passed in, in milliseconds. */
export class Retries {
  readonly #holds = new Map<string, Hold>();
  readonly #tries = new Map<string, number>();

  /** Until when a step is not to begin; in the past when it may. */
  heldUntilMs(step: Step): number {
    return this.#holds.get(keyOf(step))?.untilMs ?? Number.NEGATIVE_INFINITY;
  }

  /** Not now; longer each time. */
  hold(step: Step, delayMs: number, nowMs: number): void {
    const key = keyOf(step);
    const times = (this.#holds.get(key)?.times ?? 0) + 1;
    const waitMs = Math.min(Math.max(delayMs, 50 * times) * 1.5 ** (times - 1), longestHoldMs);
    this.#holds.set(key, { untilMs: nowMs + waitMs, times });
  }

  /** It failed. @returns how often it has, one time after the other */
  count(step: Step): number {
    const key = keyOf(step);
    const tries = (this.#tries.get(key) ?? 0) + 1;
    this.#tries.set(key, tries);
    return tries;
  }

  onDone(step: Step): void {
    const key = keyOf(step);
    this.#holds.delete(key);
    this.#tries.delete(key);
  }

  /** Of a node: it begins anew, or is gone. */
  forget(id: number): void {
    for (const kind of kindsOfNodes) {
      this.#holds.delete(`${kind} ${id}`);
      this.#tries.delete(`${kind} ${id}`);
    }
  }

  /** Of folders that nobody looks at any more: what nobody came back for in twice the longest time. */
  forgetOld(nowMs: number): void {
    for (const [key, { untilMs }] of this.#holds)
      if (untilMs + longestHoldMs < nowMs) this.#holds.delete(key);
  }
}

const kindsOfNodes = [
  'make-folder',
  'upload',
  'move',
  'delete',
  'set-properties',
  'resolve',
] as const satisfies readonly Step['kind'][];
