import type { IncomingHttpHeaders } from 'node:http';
import { Failure, type FailureCode } from '../errors.ts';
import { errorReply } from './replies.ts';

/** Names that say more than the status they come with. All others fall back on the status: no complete list exists. */
const codeByName: Readonly<Record<string, FailureCode>> = {
  UnauthorizedError: 'login-needed',
  DiskNotFoundError: 'not-found',
  DiskPathDoesntExistsError: 'not-found',
  DiskOperationNotFoundError: 'not-found',
  DiskPathPointsToExistentDirectoryError: 'exists',
  DiskResourceAlreadyExistsError: 'exists',
  DiskResourceLockedError: 'locked',
  DiskUploadTrafficLimitExceeded: 'no-space',
  DiskResourceUploadTrafficLimitExceededError: 'no-space',
  DiskResourceDownloadLimitExceededError: 'refused',
  DiskStorageQuotaExhaustedError: 'no-space',
  DiskNotEnoughFreeSpaceError: 'no-space',
  DiskFileSizeLimitExceededError: 'too-large',
  FieldValidationError: 'invalid',
};

const codeByStatus: Readonly<Record<number, FailureCode>> = {
  400: 'invalid',
  401: 'login-needed',
  403: 'refused',
  404: 'not-found',
  409: 'exists',
  413: 'too-large',
  423: 'locked',
  429: 'busy',
  507: 'no-space',
};

const hintByCode: Partial<Record<FailureCode, string>> = {
  'login-needed':
    'The token is not valid any more: run `yadiskfs setup`, or set YADISKFS_TOKEN to a fresh one.',
  refused: 'The token may lack a permission: the app needs cloud_api:disk.info, .read and .write.',
  'no-space': 'See `yadiskfs info`; emptying the trash of the Disk frees what it holds.',
};

/**
 * The failure that an API reply other than 2xx stands for. Decides on the reply's `error` name, else on the status.
 * `what` says what was asked, in plain words ("list disk:/Photos").
 */
export function refusal(
  status: number,
  headers: IncomingHttpHeaders,
  body: string,
  what: string,
  path?: string,
): Failure {
  const named = errorReply.safeParse(parseJson(body));
  const name = named.success ? named.data.error : undefined;
  const code =
    (name !== undefined ? codeByName[name] : undefined) ?? codeByStatus[status] ?? unlistedCode(status);
  const said = (named.success ? (named.data.description ?? named.data.message) : undefined) ?? '';
  return new Failure(
    code,
    `The Disk refused to ${what}: ${status}${name ? ` ${name}` : ''}${said ? ` (${clip(said)})` : ''}`,
    {
      path,
      hint: hintByCode[code],
      retryAfterMs: retryAfterMs(headers['retry-after']),
    },
  );
}

function unlistedCode(status: number): FailureCode {
  return status >= 500 ? 'server' : 'nonsense';
}

/** `undefined` when it is not JSON: a proxy or a captive portal answers in HTML. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const longestWaitMs = 60_000;

/** Seconds or an HTTP date; nonsense is ignored, and no server makes us wait longer than a minute at a time. */
function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(waitMs) ? Math.min(longestWaitMs, Math.max(0, waitMs)) : undefined;
}

const longestQuote = 300;

function clip(text: string): string {
  return text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text;
}
