import { setTimeout as sleep } from 'node:timers/promises';
import { abortFailure } from '../errors.ts';

/** Waits, and hears the signal. @throws Failure when it fires. */
export async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(delayMs, undefined, signal ? { signal } : {});
  } catch (error) {
    throw signal?.aborted ? abortFailure(signal) : error;
  }
}
