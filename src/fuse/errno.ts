import { constants } from 'node:os';
import { Failure, type FailureCode } from '../errors.ts';

const { errno } = constants;

/** The one table from our failures to what programs see. Anything that is not a `Failure` is EIO. */
const errnoByCode = {
  'not-found': errno.ENOENT,
  'no-parent': errno.ENOENT,
  exists: errno.EEXIST,
  'not-a-folder': errno.ENOTDIR,
  'not-empty': errno.ENOTEMPTY,
  'is-a-folder': errno.EISDIR,
  'no-attribute': errno.ENODATA,
  'buffer-too-small': errno.ERANGE,
  'bad-handle': errno.EBADF,
  invalid: errno.EINVAL,
  'name-too-long': errno.ENAMETOOLONG,
  'read-only': errno.EROFS,
  'not-permitted': errno.EPERM,
  unsupported: errno.EOPNOTSUPP,
  'login-needed': errno.EACCES,
  refused: errno.EACCES,
  stale: errno.ESTALE,
  'no-space': errno.ENOSPC,
  'too-large': errno.EFBIG,
  'allowance-spent': errno.EDQUOT,
  locked: errno.EBUSY,
  busy: errno.EIO,
  offline: errno.ENETUNREACH,
  server: errno.EIO,
  'in-doubt': errno.EIO,
  'operation-failed': errno.EIO,
  nonsense: errno.EIO,
  damaged: errno.EIO,
  unsettled: errno.EIO,
  'timed-out': errno.ETIMEDOUT,
  local: errno.EIO,
  'damaged-store': errno.EIO,
  'too-new': errno.EIO,
  'in-use': errno.EBUSY,
  aborted: errno.EINTR,
} satisfies Record<FailureCode, number>;

/** Negative, as the binding wants it. */
export function errnoOf(error: unknown): number {
  return -(error instanceof Failure ? errnoByCode[error.code] : errno.EIO);
}
