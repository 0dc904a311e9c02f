import type { IncomingHttpHeaders } from 'node:http';
import { Failure, type FailureCode, trashEmptied } from '../errors.ts';
import { errorReply } from './replies.ts';

/** Names that say more than the status they come with. All others fall back on the status: no complete list exists. */
const codeByName = new Map<string, FailureCode>(
  Object.entries({
    UnauthorizedError: 'login-needed',
    DiskNotFoundError: 'not-found',
    DiskOperationNotFoundError: 'not-found',
    DiskPathDoesntExistsError: 'no-parent',
    DiskPathPointsToExistentDirectoryError: 'is-a-folder',
    DiskPathPointsToRootError: 'invalid',
    DiskResourceAlreadyExistsError: 'exists',
    MD5DifferError: 'stale',
    DiskResourceLockedError: 'locked',
    DiskUploadTrafficLimitExceeded: 'allowance-spent',
    DiskResourceUploadTrafficLimitExceededError: 'allowance-spent',
    DiskResourceDownloadLimitExceededError: 'refused',
    DiskSymlinkPasswordRequiredError: 'refused',
    DiskUnsupportedUserAccountTypeError: 'refused',
    DiskStorageQuotaExhaustedError: 'no-space',
    DiskNotEnoughFreeSpaceError: 'no-space',
    DiskFileSizeLimitExceededError: 'too-large',
    FieldValidationError: 'invalid',
  } satisfies Record<string, FailureCode>),
);

const codeByStatus: Readonly<Record<number, FailureCode>> = {
  400: 'invalid',
  401: 'login-needed',
  403: 'refused',
  404: 'not-found',
  405: 'unsupported',
  406: 'unsupported',
  409: 'exists',
  410: 'not-found',
  412: 'stale',
  413: 'too-large',
  415: 'unsupported',
  423: 'locked',
  429: 'busy',
  507: 'no-space',
};

/** These mean the same whoever in between says them, in whatever form; but for a page to be read by people, which is a network's own login. */
const plainStatuses: ReadonlySet<number> = new Set([401, 429]);

const hintByName = new Map<string, string>(
  Object.entries({
    ForbiddenError:
      'The token may lack a permission: the app needs cloud_api:disk.info, .read and .write. A Disk over its quota is closed as well.',
    DiskSymlinkPasswordRequiredError: 'The owner has set a password, which this API cannot hand over.',
    DiskUnsupportedUserAccountTypeError: 'This account has no Disk: open disk.yandex.ru with it once.',
    DiskResourceDownloadLimitExceededError:
      'Many have downloaded it today. Save it to your own Disk, or wait.',
  }),
);

export const faultHint = 'The Disk has a fault of its own, which passes. Try again in some minutes.';

const hintByCode: Partial<Record<FailureCode, string>> = {
  'login-needed':
    'The token is not valid any more: run `yadiskfs setup`, or set YADISKFS_TOKEN to a fresh one.',
  'no-space': `See \`yadiskfs info\`; the trash of the Disk counts, and is ${trashEmptied}`,
  server: faultHint,
  'allowance-spent': 'The Disk takes no bytes until the next month, or with a larger plan.',
};

/** Whom some refusals come from, in plain words. */
const plainly: Partial<Record<FailureCode, string>> = {
  'no-space': 'The Disk is full, and',
  'allowance-spent': 'The Disk has taken all the bytes of this month, and',
};

/**
 * The failure that an API reply other than 2xx stands for. Decides on the reply's `error` name, else on the status.
 * `what` says what was asked, in plain words ("list disk:/Photos").
 *
 * The Disk refuses in JSON, always. A refusal in another form, like a redirect, was said by something in between (the login
 * page of a network, a proxy): that is no connection to the Disk, and least of all a word on whether a file exists.
 */
export function refusal(
  status: number,
  headers: IncomingHttpHeaders,
  body: string,
  what: string,
  path?: string,
): Failure {
  const named = errorReply.safeParse(parseJson(body));
  const isPlain = plainStatuses.has(status) && !(status === 401 && isPage(headers, body));
  if (status < 500 && !isPlain && !named.success) return notTheDisk(status, what, path);
  if (status === 511) return notTheDisk(status, what, path);
  const name = named.success ? named.data.error : undefined;
  const code =
    codeByName.get(name ?? '') ??
    (named.success || status < 500 ? codeByStatus[status] : undefined) ??
    (status >= 500 ? 'server' : 'refused');
  const said = (named.success ? (named.data.description ?? named.data.message) : undefined) ?? '';
  return new Failure(
    code,
    `${plainly[code] ?? 'The Disk'} refused to ${what}: ${status}${name ? ` ${clip(name)}` : ''}${said ? ` (${clip(said)})` : ''}`,
    {
      path,
      hint: hintByName.get(name ?? (status === 403 ? 'ForbiddenError' : '')) ?? hintByCode[code],
      retryAfterMs: retryAfterMs(headers['retry-after']),
    },
  );
}

/** Whether a reply is a refusal by its form. */
export function namesError(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'error' in json && typeof json.error === 'string';
}

/** Nothing of the Disk is HTML: a login page, shown by a network in place of what was asked for. */
export function isPage(headers: IncomingHttpHeaders, body: string): boolean {
  return /^text\/html\b/i.test(headers['content-type'] ?? '') || body.trimStart().startsWith('<');
}

export const loginPageHint = 'Does this network want a login page to be opened in a browser first?';

/** Somebody else answered in the place of the Disk. */
export function notTheDisk(status: number, what: string, path: string | undefined): Failure {
  return new Failure(
    'offline',
    `Something between here and the Disk answered in its place (${status}) when asked to ${what}`,
    { path, hint: loginPageHint },
  );
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
export function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(waitMs) ? Math.min(longestWaitMs, Math.max(0, waitMs)) : undefined;
}

const longestQuote = 300;

/** What others said, fit for a terminal and a log. */
function clip(text: string): string {
  const plain = text.replaceAll(/\p{Cc}+/gu, ' ');
  return plain.length > longestQuote ? `${plain.slice(0, longestQuote)}…` : plain;
}
