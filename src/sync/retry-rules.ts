import { Failure, type FailureCode } from '../errors.ts';
import type { Trouble } from '../tree/local-node.ts';

const minuteMs = 60_000;
const firstRetryMs = 3_000;
const longestRetryMs = 5 * minuteMs;

/** Refusals that may pass by themselves, and when it makes sense to ask again. */
const refusals: Partial<Record<FailureCode, number>> = {
  'no-space': 10 * minuteMs,
  refused: 60 * minuteMs,
  'allowance-spent': 6 * 60 * minuteMs,
};

/** The server took it and does not show it: no failure of one request. */
const notKept = 'not-kept';
const firstNotKeptMs = 10 * minuteMs;
const longestNotKeptMs = 6 * 60 * minuteMs;

/** What will be refused again whatever time passes: somebody must do something about it. */
const final: ReadonlySet<string> = new Set<FailureCode>([
  'too-large',
  'invalid',
  'unsupported',
  'name-too-long',
  'not-found',
  'stale',
  'damaged-store',
]);

/** What the whole Disk, and not this one file, is to be waited for. */
export function concernsAll(error: unknown): error is Failure {
  return error instanceof Failure && (error.code === 'offline' || error.code === 'login-needed');
}

/** @param tries how often it has failed one after the other, this time included */
export function troubleOf(error: unknown, tries: number, nowMs: number): Trouble {
  const isExpected = error instanceof Failure;
  const code = isExpected ? error.code : 'local';
  const message = error instanceof Error ? error.message : String(error);
  const retryMs = Math.min(firstRetryMs * 2 ** (tries - 1), longestRetryMs);
  const waitMs = isExpected ? (refusals[error.code] ?? retryMs) : longestRetryMs;
  const isFinal = isExpected && final.has(error.code);
  const askedMs = isExpected ? (error.retryAfterMs ?? 0) : 0;
  return {
    code,
    message,
    sinceMs: nowMs,
    retryAtMs: isFinal ? undefined : nowMs + Math.max(waitMs, askedMs),
  };
}

/** @param times how often people were told */
export function notKeptTrouble(message: string, times: number, nowMs: number): Trouble {
  const waitMs = Math.min(firstNotKeptMs * 2 ** (times - 1), longestNotKeptMs);
  return { code: notKept, message, sinceMs: nowMs, retryAtMs: nowMs + waitMs };
}

/** Whether a person should know: it will not go by itself, or not soon. */
export function needsAttention({ code, retryAtMs }: Trouble): boolean {
  return retryAtMs === undefined || code in refusals || code === notKept;
}
