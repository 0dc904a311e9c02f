import type { Bench, Span } from './bench.ts';
import type { Range } from './question.ts';

/** How a look that is repeated ended. */
interface Watched<T> {
  /** Undefined: it did not come within the time. */
  readonly value: T | undefined;
  /** How long after the event it came. */
  readonly after: Range;
}

interface WatchOptions {
  /** Most time to spend; the pace's patience unless told. */
  readonly atMostMs?: number;
}

/**
 * Looks again and again, at growing intervals, until `look` answers something. The event happened at the other side
 * somewhere within its span, and so did each look, which is why the answer is a range.
 */
export async function watch<T>(
  bench: Bench,
  event: Span,
  look: () => Promise<T | undefined>,
  { atMostMs = bench.pace.patienceMs }: WatchOptions = {},
): Promise<Watched<T>> {
  const { clock, pace } = bench;
  let atLeast = 0;
  let intervalMs = pace.pollMs;
  for (;;) {
    const beforeMs = clock.nowMs();
    const value = await look();
    if (value !== undefined) return { value, after: { atLeast, atMost: clock.nowMs() - event.sentAtMs } };
    atLeast = Math.max(0, beforeMs - event.answeredAtMs);
    if (clock.nowMs() - event.answeredAtMs >= atMostMs) return { value, after: { atLeast, atMost: null } };
    await bench.wait(intervalMs);
    intervalMs = Math.min(pace.longestPollMs, intervalMs * 1.2);
  }
}
