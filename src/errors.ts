/**
 * One vocabulary of failures for the whole program.
 *
 * Two tables meet here: `disk-api` turns replies of the Disk into codes, `fuse` turns codes into errno, `cli` turns them
 * into exit codes. Whatever is thrown and is not a `Failure` is a bug of ours or of the machine; it becomes EIO and is logged.
 */
export type FailureCode =
  /** No such file, folder, link or attribute owner. */
  | 'not-found'
  /** The folder that something was to be put into is not there. */
  | 'no-parent'
  | 'exists'
  | 'not-a-folder'
  | 'not-empty'
  | 'is-a-folder'
  | 'no-attribute'
  | 'buffer-too-small'
  | 'bad-handle'
  | 'invalid'
  | 'name-too-long'
  | 'read-only'
  /** This is never done here, whoever asks. */
  | 'not-permitted'
  | 'unsupported'
  /** The token is missing, expired or revoked: somebody must log in. */
  | 'login-needed'
  /** The Disk knows us and says no. */
  | 'refused'
  /** The version that was opened is not on the server any more. */
  | 'stale'
  | 'no-space'
  | 'too-large'
  /** The month's upload allowance is spent: until it is renewed the Disk takes no bytes. */
  | 'allowance-spent'
  /** Another operation of the server holds the file or a folder above it. */
  | 'locked'
  /** Too many requests; the server wants us to wait. */
  | 'busy'
  /** No connection, or no answer in time. */
  | 'offline'
  /** The server answered that it is broken. */
  | 'server'
  /** A change may have taken effect or not: its reply never came, or made no sense. Look at the Disk before going on. */
  | 'in-doubt'
  /** An operation of the server began and ended without success; it gives no reason. */
  | 'operation-failed'
  /** A reply that makes no sense where it came: wrong shape, a forbidden redirect. */
  | 'nonsense'
  /** Bytes came that are not the bytes of the file. */
  | 'damaged'
  /** Listings moved under us more often than we are willing to start again. */
  | 'unsettled'
  /** The time that was given for it has run out. */
  | 'timed-out'
  /** A local condition: mount point, FUSE device, local disk. */
  | 'local'
  /** A file in which we keep something on this machine is damaged. */
  | 'damaged-store'
  /** … or was written by a newer version of this program. */
  | 'too-new'
  /** Another process of ours holds what only one may hold. */
  | 'in-use'
  /** Nobody waits for the result any more. */
  | 'aborted';

interface FailureDetails {
  /** What it happened to: a path of the Disk or of this machine. Never a signed link, never a token. */
  readonly path?: string | undefined;
  /** What the user can do next. */
  readonly hint?: string | undefined;
  /** How long the server asked us to wait. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** An expected failure; `code` says which, `message` says it to a person. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly path: string | undefined;
  readonly hint: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: FailureCode, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'Failure';
    this.code = code;
    this.path = details.path;
    this.hint = details.hint;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** How people empty the trash of the Disk; for hints. */
export const trashEmptied = 'emptied by yadiskfs trash empty, or at https://disk.yandex.ru/client/trash';

/** True when `error` is a `Failure` with one of the codes. */
export function failedWith(error: unknown, ...codes: FailureCode[]): error is Failure {
  return error instanceof Failure && codes.includes(error.code);
}

/** The failure that a fired signal stands for: the `Failure` it was aborted with, or a plain `aborted`. */
export function abortFailure(signal: AbortSignal): Failure {
  const reason: unknown = signal.reason;
  return reason instanceof Failure
    ? reason
    : new Failure('aborted', 'Given up: nobody waits any more', { cause: reason });
}
