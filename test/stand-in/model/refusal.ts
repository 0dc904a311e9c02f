/** Why the Disk says no: the `error` word of the API, and the path that the description quotes. */
export type RefusalCode =
  | 'FieldValidationError'
  | 'UnauthorizedError'
  | 'ForbiddenError'
  | 'DiskUnsupportedUserAccountTypeError'
  | 'DiskSymlinkPasswordRequiredError'
  | 'DiskAccountOverQuotaError'
  | 'DiskNotFoundError'
  | 'DiskOperationNotFoundError'
  | 'DiskPathDoesntExistsError'
  | 'DiskPathPointsToExistentDirectoryError'
  | 'DiskResourceAlreadyExistsError'
  | 'MD5DifferError'
  | 'DiskFileSizeLimitExceededError'
  | 'DiskResourceLockedError'
  | 'DiskUploadTrafficLimitExceeded'
  | 'TooManyRequestsError'
  | 'InternalServerError'
  | 'DiskStorageQuotaExhaustedError'
  | 'DiskNotEnoughFreeSpaceError'
  | 'NotAcceptableError'
  | 'MethodNotAllowedError'
  | 'NotFoundError';

/** Thrown by the model and by the endpoints; the HTTP side turns it into status and body. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly path: string;
  /** In place of the code's usual status, where a setting says so. */
  readonly status: number | null;

  constructor(code: RefusalCode, path = '', status: number | null = null) {
    super(path ? `${code}: ${path}` : code);
    this.code = code;
    this.path = path;
    this.status = status;
  }
}
