import { setTimeout as sleep } from 'node:timers/promises';
import { abortFailure } from '../errors.ts';

interface RetryOptions {
  /** Most tries, the first one included. */
  readonly attempts: number;
  /** No further try begins when this much time has passed since the first. */
  readonly budgetMs: number;
  /** Wait before the second try; doubled each time, with a random part so that many do not come back at once. */
  readonly firstDelayMs: number;
  /** Whether another try makes sense after `error`; a number is a wait in milliseconds asked for by the other side. */
  readonly again: (error: unknown) => boolean | number;
  readonly signal?: AbortSignal | undefined;
}

/** Runs `task` until it succeeds, tries or time run out, or another try makes no sense; throws the last error. */
export async function retry<T>(task: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const startedAtMs = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await task(attempt);
    } catch (error) {
      const again = options.again(error);
      if (again === false || attempt >= options.attempts || options.signal?.aborted) throw error;
      const doubledMs = options.firstDelayMs * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
      const delayMs = typeof again === 'number' ? Math.max(again, doubledMs) : doubledMs;
      if (performance.now() - startedAtMs + delayMs > options.budgetMs) throw error;
      await pause(delayMs, options.signal);
    }
  }
}

/** Waits, and hears the signal. @throws Failure when it fires. */
export async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(delayMs, undefined, signal ? { signal } : {});
  } catch (error) {
    throw signal?.aborted ? abortFailure(signal) : error;
  }
}
