import { Failure, type FailureCode } from '../errors.ts';

/** 0 done · 1 failed · 2 wrong use · 3 not logged in or refused · 4 no network · 5 time ran out. */
export const exitCodes = {
  done: 0,
  failed: 1,
  wrongUse: 2,
  notLoggedIn: 3,
  noNetwork: 4,
  timeRanOut: 5,
} as const;

const exitCodeByFailure: Partial<Record<FailureCode, number>> = {
  invalid: exitCodes.wrongUse,
  'login-needed': exitCodes.notLoggedIn,
  refused: exitCodes.notLoggedIn,
  offline: exitCodes.noNetwork,
};

export function exitCodeOf(error: unknown): number {
  return (error instanceof Failure ? exitCodeByFailure[error.code] : undefined) ?? exitCodes.failed;
}

/** Tells a failure on stderr: what happened, to what, what to do next; with `json` as one object on one line. */
export function reportFailure(error: unknown, json: boolean): void {
  const failure = error instanceof Failure ? error : undefined;
  const message = failure?.message ?? (error instanceof Error ? error.message : String(error));
  if (json) {
    const body = { code: failure?.code ?? 'local', message, path: failure?.path, hint: failure?.hint };
    process.stderr.write(`${JSON.stringify({ error: body })}\n`);
    return;
  }
  process.stderr.write(`yadiskfs: ${message}\n${failure?.hint ? `  ${failure.hint}\n` : ''}`);
}
