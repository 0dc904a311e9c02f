import { type Logger, pino } from 'pino';
import { Failure } from '../errors.ts';

export type Log = Logger;
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Lines of JSON to a file, or to stderr. */
export function openLog(options: { readonly level: LogLevel; readonly file: string | undefined }): Log {
  const destination = pino.destination(
    options.file === undefined ? 2 : { dest: options.file, mkdir: true, mode: 0o600 },
  );
  return pino({ level: options.level, base: { pid: process.pid } }, destination);
}

/**
 * What a log may hold of an error. Never the error itself: those of the HTTP library carry the request, and with it the token and
 * signed links.
 */
export function loggable(error: unknown): Record<string, string | undefined> {
  if (error instanceof Failure)
    return { code: error.code, message: error.message, cause: causeCode(error.cause) };
  if (error instanceof Error) return { code: causeCode(error), message: error.message, stack: error.stack };
  return { message: String(error) };
}

function causeCode(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
}
