import { mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { type DestinationStream, type Logger, pino } from 'pino';
import { Failure, type FailureCode } from '../errors.ts';

export type Log = Logger;
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

interface LogOptions {
  readonly level: LogLevel;
  readonly file: string | undefined;
  /** The file was not asked for: where it cannot be made, its lines go to stderr. */
  readonly mayGoWithout: boolean;
}

/** Lines of JSON to a file, or to stderr. @throws Failure 'local' when the file cannot be made */
export function openLog(options: LogOptions): Log {
  return pino({ level: options.level, base: { pid: process.pid } }, destinationOf(options));
}

function destinationOf({ file, mayGoWithout }: LogOptions): DestinationStream {
  if (file === undefined) return pino.destination(2);
  try {
    mkdirSync(dirname(file), { recursive: true });
    const descriptor = openSync(file, 'a', 0o600);
    return { write: (line) => writeIfPossible(descriptor, line) };
  } catch (cause) {
    if (mayGoWithout) return pino.destination(2);
    throw new Failure('local', `The log cannot be written: ${file}`, { path: file, cause });
  }
}

/** On a full disk there is nothing to be said and nobody to say it to; pino's own writer waits there for ever. */
function writeIfPossible(descriptor: number, line: string): void {
  try {
    writeSync(descriptor, line);
  } catch {
    // The next line may find room.
  }
}

/**
 * What a log may hold of an error. Never the error itself: those of the HTTP library carry the request, and with it the token and
 * signed links.
 */
export function loggable(error: unknown): Record<string, string | undefined> {
  if (error instanceof Failure)
    return { code: error.code, message: error.message, hint: error.hint, cause: causeCode(error.cause) };
  if (error instanceof Error) return { code: causeCode(error), message: error.message, stack: error.stack };
  return { message: String(error) };
}

function causeCode(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
}

/** What programs ask for and cannot have, as every file system answers it. A user has nothing to do about that. */
const ordinaryCodes: ReadonlySet<FailureCode> = new Set([
  'not-found',
  'exists',
  'not-a-folder',
  'not-empty',
  'is-a-folder',
  'no-attribute',
  'buffer-too-small',
  'invalid',
  'not-permitted',
  'read-only',
  'name-too-long',
  'aborted',
]);

/** An operation of a program failed: what is ordinary is told to those who look for it, the rest a user may want to know about. */
export function logOperation(log: Log, operation: string, path: string, error: unknown): void {
  const isOrdinary = error instanceof Failure && ordinaryCodes.has(error.code);
  const level = isOrdinary ? 'debug' : error instanceof Failure ? 'warn' : 'error';
  log[level]({ operation, path, ...loggable(error) }, 'operation failed');
}
