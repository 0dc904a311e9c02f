import { Failure } from '../errors.ts';

/** What the shell expects of a program that a signal has ended: 128 and the signal's number. */
const exitCodeBySignal = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type EndingSignal = keyof typeof exitCodeBySignal;

/** The user, or the system, has ended it. */
export function interruption(signal: EndingSignal = 'SIGINT'): Failure {
  return new Failure('aborted', 'Given up', { cause: signal });
}

/** Undefined for what is no interruption. */
export function exitCodeOfInterruption(failure: Failure): number | undefined {
  const { cause } = failure;
  if (failure.code !== 'aborted' || typeof cause !== 'string') return undefined;
  return Object.entries(exitCodeBySignal).find(([signal]) => signal === cause)?.[1];
}

/** Runs `task` with a signal that fires when the user wants an end. Whoever asks twice does not have to wait for it. */
export async function interruptible<T>(task: (stop: AbortController) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => {
    const listener = () => {
      if (stop.signal.aborted) process.exit(exitCodeBySignal[signal]);
      stop.abort(interruption(signal));
    };
    process.on(signal, listener);
    return () => process.removeListener(signal, listener);
  });
  try {
    return await task(stop);
  } finally {
    for (const remove of listeners) remove();
  }
}
