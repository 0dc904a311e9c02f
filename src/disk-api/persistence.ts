import { setMaxListeners } from 'node:events';
import { pause } from '../async/pause.ts';
import { Failure, type FailureCode } from '../errors.ts';
import type { Call } from './calls.ts';

/** What the Disk shows after a reply was lost; `undone` only where the change cannot come late any more. */
export type Verdict = 'done' | 'undone' | 'unclear';

interface Rules {
  readonly lostReply: Call['lostReply'];
  /** Asks the Disk whether the change took effect, before anything is sent again that may have had one. */
  readonly look?: (() => Promise<Verdict>) | undefined;
  /** What stands there was looked at: when somebody else holds it, what he makes of it is to be looked at, too; and again after a longer wait. */
  readonly wasLookedAt?: boolean | undefined;
  /** What was asked, in plain words ("move disk:/a to disk:/b"). */
  readonly what: string;
  readonly path?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether it is known by now that no further try would get through. */
  readonly isHopeless?: (() => boolean) | undefined;
}

/** How it ended: with the answer to the last try, or a look has shown that an earlier try had done it. */
type Outcome<T> = { readonly kind: 'answered'; readonly reply: T } | { readonly kind: 'found-done' };

/** What `persist` must hear of a request on its way. */
export interface Departure {
  /** It may have left; `kept` when it went over a connection that had been used before. */
  left(kept: boolean): void;
  /** It was refused: nothing came of it. */
  refused(): void;
}

/** The wait before the second try, doubled each time, and the time after which no further try begins. */
const patience: Partial<Record<FailureCode, { readonly firstDelayMs: number; readonly budgetMs: number }>> = {
  // Without a connection nothing begins after this long: an `ls` must not hang when the network is gone.
  offline: { firstDelayMs: 100, budgetMs: 6_000 },
  server: { firstDelayMs: 100, budgetMs: 12_000 },
  nonsense: { firstDelayMs: 100, budgetMs: 6_000 },
  busy: { firstDelayMs: 200, budgetMs: 15_000 },
  // Yandex's own advice is to wait 1.5 to 3 s.
  locked: { firstDelayMs: 750, budgetMs: 15_000 },
};

const mostAttempts = 8;
/** No attempt without an answer takes longer by itself: name, connection and handshake have 4 s each, the answer 8 s. */
const longestAttemptMs = 20_000;
const longestDelayMs = 3_000;
/** What was looked at may stay so for this long. */
const longestSinceLookMs = 2_000;
/** A server that lost us in the middle may still be at it. */
const settlingMs = 500;

/** They leave open what the server did, once the request had left. */
const openFailures: ReadonlySet<FailureCode> = new Set(['offline', 'server', 'nonsense', 'aborted']);
/** What a change that came late makes of its repetition. */
const lateFailures: ReadonlySet<FailureCode> = new Set(['not-found', 'exists', 'is-a-folder', 'no-parent']);

/**
 * Tries until there is an answer, as far as the rules of the call allow.
 * @throws Failure of the last try; 'in-doubt' when the change may have taken effect and must not be sent again
 */
export async function persist<T>(
  once: (departure: Departure) => Promise<T>,
  rules: Rules,
): Promise<Outcome<T>> {
  const startedAtMs = performance.now();
  // One signal may stand for a whole drive: any number of calls hear it.
  if (rules.signal) setMaxListeners(0, rules.signal);
  const looks = rules.lostReply === 'look' || rules.look !== undefined;
  let wasOpen = false;
  for (let attempt = 1; ; attempt++) {
    let sent = false;
    let overKept = false;
    try {
      const reply = await once({
        left: (kept) => {
          sent = true;
          overKept = kept;
        },
        refused: () => {
          sent = false;
        },
      });
      return { kind: 'answered', reply };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const open = sent && openFailures.has(error.code);
      if (looks && (open || (wasOpen && lateFailures.has(error.code)))) {
        if (await isDone(error, rules)) return { kind: 'found-done' };
      }
      wasOpen ||= open;
      // It may be an earlier try of ours that holds it.
      if (error.code === 'locked' && rules.wasLookedAt && !wasOpen) throw error;
      if (error.code === 'offline' && rules.isHopeless?.()) throw error;
      // A kept connection may have died unnoticed while this machine slept, or this process stood still all the while: that says nothing about the
      // network now.
      const stoodStill = performance.now() - startedAtMs > longestAttemptMs;
      const suspended = attempt === 1 && (overKept || stoodStill) && error.code === 'offline';
      const delayMs = waitBeforeNext(error, attempt, suspended ? performance.now() : startedAtMs);
      if (delayMs === undefined) throw error;
      // What was looked at may be another thing by then. Where an earlier try may still come, `look` tells more than a new beginning.
      if (rules.wasLookedAt && !wasOpen && delayMs > longestSinceLookMs) throw error;
      await pause(delayMs, rules.signal);
    }
  }
}

/** Undefined when there is to be no other try. */
function waitBeforeNext(error: Failure, attempt: number, startedAtMs: number): number | undefined {
  const rule = patience[error.code];
  if (!rule || attempt >= mostAttempts) return undefined;
  const doubledMs = rule.firstDelayMs * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
  const delayMs = Math.max(error.retryAfterMs ?? 0, Math.min(doubledMs, longestDelayMs));
  return performance.now() - startedAtMs + delayMs > rule.budgetMs ? undefined : delayMs;
}

/** @throws Failure 'in-doubt' when nobody can tell. */
async function isDone(error: Failure, { look, what, path, signal }: Rules): Promise<boolean> {
  let verdict: Verdict = 'unclear';
  let cause: unknown = error;
  if (look && !signal?.aborted) {
    try {
      await pause(settlingMs, signal);
      verdict = await look();
    } catch (lookError) {
      cause = lookError;
    }
  }
  if (verdict === 'unclear') throw inDoubt(what, path, cause);
  return verdict === 'done';
}

/** The change was sent, and nobody knows what came of it. */
export function inDoubt(what: string, path: string | undefined, cause: unknown): Failure {
  return new Failure('in-doubt', `No answer came when the Disk was asked to ${what}; it may be done or not`, {
    path,
    hint: 'Look at the Disk before trying again.',
    cause,
  });
}
