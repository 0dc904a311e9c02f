import { pause } from '../async/pause.ts';
import { type Failure, failedWith } from '../errors.ts';
import type { DeviceIdentity } from './device-identity.ts';
import type { Answer } from './oauth-answers.ts';
import type { DeviceCode, OAuthClient, Tokens } from './oauth-client.ts';
import type { App } from './stored-login.ts';

/** A code that was given out, and until when it is good (monotonic milliseconds). */
export interface OpenCode extends DeviceCode {
  readonly deadlineMs: number;
}

/** How waiting for the user ended. */
export type WaitOutcome =
  | { readonly kind: 'granted'; readonly tokens: Tokens }
  | { readonly kind: 'expired' }
  | { readonly kind: 'denied'; readonly failure: Failure }
  /** The secret is wrong; the code is still good. */
  | { readonly kind: 'wrong-app'; readonly failure: Failure };

interface WaitOptions {
  readonly app: App;
  readonly device: DeviceIdentity;
  readonly code: OpenCode;
  /** Still nothing; `problem` when Yandex could not be asked at all. */
  readonly onPending: (remainingMs: number, problem: Failure | undefined) => void;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
}

/** Monotonic milliseconds, and a wait. */
interface Clock {
  now(): number;
  pause(ms: number, signal: AbortSignal | undefined): Promise<void>;
}

const machineClock: Clock = { now: () => performance.now(), pause };

/** RFC 8628, 3.5: what `slow_down` adds to the interval for good. */
const slowDownMs = 5_000;

/**
 * Asks once, right after the code came: a wrong secret shows before anybody takes the trouble to type the code.
 * @throws Failure as `OAuthClient` does
 */
export async function firstPoll(
  oauth: OAuthClient,
  app: App,
  device: DeviceIdentity,
  code: OpenCode,
  signal?: AbortSignal,
): Promise<WaitOutcome | undefined> {
  return outcomeOf(await oauth.poll(app, device, code.deviceCode, signal));
}

/**
 * Asks again and again until the user has answered or the code is too old. A network that comes and goes does not end it: the
 * user may have confirmed in the meantime.
 * @throws Failure when Yandex could not be asked when the time ran out, or refused for another reason
 */
export async function waitForGrant(oauth: OAuthClient, options: WaitOptions): Promise<WaitOutcome> {
  const { app, device, code, signal, clock = machineClock } = options;
  let { intervalMs } = code;
  let problem: Failure | undefined;
  for (;;) {
    const leftMs = code.deadlineMs - clock.now();
    if (leftMs <= 0) {
      if (problem) throw problem;
      return { kind: 'expired' };
    }
    await clock.pause(Math.min(Math.max(intervalMs, problem?.retryAfterMs ?? 0), leftMs), signal);
    try {
      const answer = await oauth.poll(app, device, code.deviceCode, signal);
      problem = undefined;
      if (answer.kind === 'refused' && answer.reason === 'slow-down') intervalMs += slowDownMs;
      const outcome = outcomeOf(answer);
      if (outcome) return outcome;
    } catch (error) {
      if (!failedWith(error, 'offline', 'server', 'busy', 'nonsense')) throw error;
      problem = error;
    }
    options.onPending(Math.max(0, code.deadlineMs - clock.now()), problem);
  }
}

/** Undefined: go on waiting. @throws Failure for a refusal that no waiting mends */
function outcomeOf(answer: Answer<Tokens>): WaitOutcome | undefined {
  if (answer.kind === 'given') return { kind: 'granted', tokens: answer.value };
  switch (answer.reason) {
    case 'pending':
    case 'slow-down':
      return undefined;
    case 'dead':
      return { kind: 'expired' };
    case 'denied':
    case 'wrong-app':
      return { kind: answer.reason, failure: answer.failure };
    default:
      throw answer.failure;
  }
}
