import { Failure, type FailureCode } from '../errors.ts';

/** Whether the Disk can be worked with, by how the last request to its API ended. */
export type Reach = 'online' | 'offline' | 'login-needed';

const reachByFailure: Partial<Record<FailureCode, Reach | 'unknown'>> = {
  'login-needed': 'login-needed',
  offline: 'offline',
  // Somebody answers, but nobody who does what was asked.
  server: 'offline',
  nonsense: 'offline',
  // These say nothing about the Disk.
  aborted: 'unknown',
  local: 'unknown',
};

/** @returns undefined when this failure tells nothing about it. */
export function reachAfter(error: unknown): Reach | undefined {
  if (!(error instanceof Failure)) return undefined;
  // A refusal is an answer.
  const reach = reachByFailure[error.code] ?? 'online';
  return reach === 'unknown' ? undefined : reach;
}
