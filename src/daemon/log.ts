import { dirname } from 'node:path';
import { isatty } from 'node:tty';
import { type DestinationStream, type Logger, pino } from 'pino';
import { Failure, type FailureCode } from '../errors.ts';
import { makeFolders } from '../make-folders.ts';
import { writesToJournal, writeToJournal } from './journal.ts';
import { LogFile } from './log-file.ts';
import { writeToTerminal } from './terminal-log.ts';

export type Log = Logger;
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

interface LogOptions {
  readonly level: LogLevel;
  readonly file: string | undefined;
  /** The file was not asked for: where it cannot be made, its lines go to stderr. */
  readonly mayGoWithout: boolean;
  /** Tells whether stderr is systemd's journal; without, it is not. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** Lines of JSON to a file (see `LogFile`) or to stderr, where that is the journal or a terminal in the form of those. @throws Failure 'local' when the file cannot be made */
export async function openLog(options: LogOptions): Promise<Log> {
  return pino({ level: options.level, base: { pid: process.pid } }, await destinationOf(options));
}

async function destinationOf({ file, mayGoWithout, environment }: LogOptions): Promise<DestinationStream> {
  if (file === undefined) return standardError(environment);
  try {
    await makeFolders(dirname(file), 0o700);
    return new LogFile(file);
  } catch (cause) {
    if (mayGoWithout) return standardError(environment);
    throw new Failure('local', `The log cannot be written: ${file}`, { path: file, cause });
  }
}

function standardError(environment: NodeJS.ProcessEnv = {}): DestinationStream {
  if (writesToJournal(environment)) return { write: writeToJournal };
  return isatty(2) ? { write: writeToTerminal } : pino.destination(2);
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
