import { Failure, type FailureCode } from '../errors.ts';
import { translated } from '../words/words.ts';
import { shownPath } from './status-lines.ts';
import { exitCodeOfInterruption } from './terminal-interruption.ts';

/** 0 done · 1 failed · 2 wrong use · 3 not logged in or refused · 4 no network · 5 time ran out · 128 and more: a signal. */
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
  'timed-out': exitCodes.timeRanOut,
};

export function exitCodeOf(error: unknown): number {
  if (!(error instanceof Failure)) return exitCodes.failed;
  return exitCodeOfInterruption(error) ?? exitCodeByFailure[error.code] ?? exitCodes.failed;
}

/** A failure for programs. */
export function failureJson(error: unknown) {
  const failure = error instanceof Failure ? error : undefined;
  const message = failure?.message ?? (error instanceof Error ? error.message : String(error));
  return { code: failure?.code ?? 'local', message, path: failure?.path, hint: failure?.hint };
}

/** Tells a failure on stderr: what happened, to what, what to do next; with `json` as one object on one line. */
export function reportFailure(error: unknown, json: boolean): void {
  const body = failureJson(error);
  if (json) {
    process.stderr.write(`${JSON.stringify({ error: body })}\n`);
    return;
  }
  const lines = [`yadiskfs: ${linesOf(translated(body.message)).join('\n')}`];
  if (body.hint) lines.push(...linesOf(translated(body.hint)).map((line) => `  ${line}`));
  process.stderr.write(`${lines.join('\n')}\n`);
}

/** Fit for a terminal: a message may name what strangers have named. */
function linesOf(text: string): string[] {
  return text.split('\n').map(shownPath);
}
