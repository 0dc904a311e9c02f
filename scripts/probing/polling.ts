import type { Bench, Span } from './bench.ts';
import type { Range } from './question.ts';

/** How a look that is repeated ended. */
export interface Watched<T> {
  /** Undefined: it did not come within the time. */
  readonly value: T | undefined;
  /** How long after the event it came. */
  readonly after: Range;
}

interface WatchOptions {
  /** Most time to spend; the pace's patience unless told. */
  readonly atMostMs?: number;
}

/** Looks, and answers something when it sees what is waited for. */
type Look<T> = () => Promise<T | undefined>;

/**
 * Looks again and again, at growing intervals, until `look` answers something. The event happened at the other side
 * somewhere within its span, and so did each look, which is why the answer is a range.
 */
export async function watch<T>(
  bench: Bench,
  event: Span,
  look: Look<T>,
  options: WatchOptions = {},
): Promise<Watched<T>> {
  const [watched] = await watchTogether(bench, event, [look, async () => true as const], options);
  return watched;
}

/** The same for two things that follow one event and come each in its own time. */
export async function watchTogether<One, Other>(
  bench: Bench,
  event: Span,
  [one, other]: readonly [Look<One>, Look<Other>],
  { atMostMs = bench.pace.patienceMs }: WatchOptions = {},
): Promise<readonly [Watched<One>, Watched<Other>]> {
  const first = new Waiting(bench, event, one);
  const second = new Waiting(bench, event, other);
  let intervalMs = bench.pace.pollMs;
  for (;;) {
    await first.look();
    await second.look();
    const isOver = bench.clock.nowMs() - event.answeredAtMs >= atMostMs;
    if (isOver || (first.isSeen && second.isSeen)) return [first.watched, second.watched];
    await bench.wait(intervalMs);
    intervalMs = Math.min(bench.pace.longestPollMs, intervalMs * 1.2);
  }
}

/** One thing that is waited for. */
class Waiting<T> {
  readonly #bench: Bench;
  readonly #event: Span;
  readonly #look: Look<T>;
  #value: T | undefined;
  #atLeast = 0;
  #atMost: number | null = null;

  constructor(bench: Bench, event: Span, look: Look<T>) {
    this.#bench = bench;
    this.#event = event;
    this.#look = look;
  }

  get isSeen(): boolean {
    return this.#value !== undefined;
  }

  get watched(): Watched<T> {
    return { value: this.#value, after: { atLeast: this.#atLeast, atMost: this.#atMost } };
  }

  /** Looks once more, unless it was seen already. */
  async look(): Promise<void> {
    if (this.isSeen) return;
    const beforeMs = this.#bench.clock.nowMs();
    this.#value = await this.#look();
    if (this.isSeen) this.#atMost = this.#bench.clock.nowMs() - this.#event.sentAtMs;
    else this.#atLeast = Math.max(0, beforeMs - this.#event.answeredAtMs);
  }
}
