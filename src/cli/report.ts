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

/** By what it is about: lines that come behind the hint of such a failure. */
const furtherHints = new Map<FailureCode, string>();

/** Has one more line said of each failure of a kind: what those who throw it do not know, such as by whom the program was called. */
export function hintFurther(code: FailureCode, line: string): void {
  furtherHints.set(code, line);
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
  const hints = [body.hint, furtherHints.get(body.code)].filter((hint) => hint !== undefined && hint !== '');
  for (const hint of hints) lines.push(...linesOf(translated(hint ?? '')).map((line) => `  ${line}`));
  process.stderr.write(`${lines.join('\n')}\n`);
}

/** Fit for a terminal: a message may name what strangers have named. */
function linesOf(text: string): string[] {
  return text.split('\n').map(shownPath);
}
