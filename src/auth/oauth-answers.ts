import { z } from 'zod';
import { Failure, type FailureCode } from '../errors.ts';
import { isHeaderSafe, shownText } from './secret-text.ts';

/** What the OAuth service says, in our words. */

/** Why it said no. */
type RefusalReason =
  /** The user has not answered yet. */
  | 'pending'
  /** We ask too often. */
  | 'slow-down'
  /** A code or a refresh token that is not good any more: too old, used, revoked, or never was. */
  | 'dead'
  /** The user said no. */
  | 'denied'
  /** ClientID or Client secret. */
  | 'wrong-app'
  | 'blocked-app'
  | 'wrong-rights'
  /** This token cannot be revoked. */
  | 'not-revocable'
  | 'other';

/** What an OAuth request came to; `failure` says the refusal to a person. */
export type Answer<T> =
  | { readonly kind: 'given'; readonly value: T }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly failure: Failure };

interface Refusal {
  readonly reason: RefusalReason;
  readonly code: FailureCode;
  readonly message: string;
  readonly hint?: string;
}

const rights = 'cloud_api:disk.info, cloud_api:disk.read and cloud_api:disk.write';

const pending: Refusal = { reason: 'pending', code: 'busy', message: 'Nobody has confirmed the code yet' };
const denied: Refusal = {
  reason: 'denied',
  code: 'refused',
  message: 'The access was denied on the page of Yandex',
  hint: 'Run `yadiskfs setup` again to get a new code.',
};
const wrongApp: Refusal = {
  reason: 'wrong-app',
  code: 'refused',
  message: 'Yandex does not know this ClientID, or the Client secret does not belong to it',
  hint: 'Both stand on the page of your app: https://oauth.yandex.ru',
};

function dead(message: string): Refusal {
  return { reason: 'dead', code: 'login-needed', message, hint: 'Run `yadiskfs setup` to log in again.' };
}

/**
 * The one table of OAuth errors. Documented by Yandex or recorded: authorization_pending, invalid_client, invalid_grant,
 * bad_verification_code, unsupported_token_type, invalid_request, invalid_scope, unauthorized_client, unsupported_grant_type.
 * The others are the words of RFC 8628 and their relatives elsewhere: what Yandex says of a denied code is not known.
 */
const refusals: Readonly<Record<string, Refusal>> = {
  authorization_pending: pending,
  slow_down: { reason: 'slow-down', code: 'busy', message: 'Yandex wants to be asked less often' },
  invalid_grant: dead('What was to be exchanged for a token is not valid any more'),
  expired_token: dead('The code has expired'),
  bad_verification_code: dead('The code is not valid'),
  access_denied: denied,
  authorization_denied: denied,
  authorization_declined: denied,
  user_denied: denied,
  denied,
  invalid_client: wrongApp,
  unauthorized_client: {
    reason: 'blocked-app',
    code: 'refused',
    message: 'Yandex does not let this app log in: it waits for approval, or was blocked',
    hint: 'See the state of the app on https://oauth.yandex.ru',
  },
  invalid_scope: {
    reason: 'wrong-rights',
    code: 'refused',
    message: 'The app may not ask for these permissions',
    hint: `Tick ${rights} on the page of your app, then run \`yadiskfs setup\` again.`,
  },
  unsupported_token_type: {
    reason: 'not-revocable',
    code: 'unsupported',
    message: 'Yandex revokes only tokens that were given to a device',
  },
};

/** Any answer but 2xx, or 2xx of the wrong shape, is one of these. */
const errorShape = z.object({ error: z.string(), error_description: z.string().nullish() });

/** No life is longer, whatever is said: a date that is computed with it must be one. */
const longestSec = 10 * 366 * 86_400;
/** Seconds that may come as text; nonsense counts as missing. */
const seconds = z.coerce
  .number()
  .nonnegative()
  .transform((given) => Math.min(given, longestSec))
  .optional()
  .catch(undefined);
const secret = z.string().refine(isHeaderSafe);

/** Recorded: `{device_code, user_code, verification_url, interval 5, expires_in 300}`; RFC 8628 names the page otherwise. */
export const codeShape = z
  .object({
    device_code: secret,
    user_code: z.string().regex(/^(?=.*\S)[\x20-\x7e]{1,40}$/),
    verification_url: z.string().optional(),
    verification_uri: z.string().optional(),
    interval: seconds,
    expires_in: seconds,
  })
  .transform(({ verification_uri, verification_url = verification_uri ?? '', ...rest }) => ({
    ...rest,
    verification_url,
  }))
  .refine(({ verification_url }) => verification_url !== '');

/** Recorded: `{access_token, expires_in 31536000, refresh_token, token_type}`; `scope` when fewer rights than asked. */
export const tokenShape = z.object({
  access_token: secret,
  refresh_token: secret.nullish(),
  expires_in: seconds,
});

export const revokedShape = z.object({ status: z.string().optional() });

export interface OAuthReply {
  readonly status: number;
  readonly text: string;
  /** How long the service asked us to wait. */
  readonly retryAfterMs?: number | undefined;
}

/** Words for a fault that passes by itself, with whatever status they come. */
const passingFaults = ['server_error', 'temporarily_unavailable'];

/**
 * Reads a reply of the OAuth service.
 * @param secrets what was sent and must not come back in a message
 * @throws Failure 'server', 'busy', or 'nonsense' for what is no word of the service
 */
export function readAnswer<S extends z.ZodType>(
  reply: OAuthReply,
  shape: S,
  secrets: readonly string[],
): Answer<z.infer<S>> {
  const { status, retryAfterMs } = reply;
  const json = parseJson(reply.text);
  if (status >= 200 && status < 300) {
    const checked = shape.safeParse(json);
    if (checked.success) return { kind: 'given', value: checked.data };
    throw nonsense(status);
  }
  // The status goes first: a service in trouble may name any error, and nobody must log in again for that.
  const named = errorShape.safeParse(json);
  if (status >= 500 || (named.success && passingFaults.includes(named.data.error))) {
    throw new Failure('server', `Yandex OAuth has a fault of its own (${status})`, { retryAfterMs });
  }
  if (status === 429) throw new Failure('busy', 'Yandex OAuth has too many requests (429)', { retryAfterMs });
  if (named.success) return refused(named.data.error, named.data.error_description ?? '', secrets);
  throw nonsense(status);
}

function refused<T>(name: string, description: string, secrets: readonly string[]): Answer<T> {
  const known = Object.hasOwn(refusals, name) ? refusals[name] : undefined;
  if (known) {
    const failure = new Failure(known.code, known.message, { hint: known.hint });
    return { kind: 'refused', reason: known.reason, failure };
  }
  const said = [name, description].map((text) => shownText(text, secrets)).filter((text) => text !== '');
  return {
    kind: 'refused',
    reason: 'other',
    failure: new Failure('refused', `Yandex OAuth refused: ${said.join(', ')}`),
  };
}

function nonsense(status: number): Failure {
  return new Failure('nonsense', `The answer is not one of Yandex OAuth (${status})`, {
    hint: 'Something in between may have answered: a page that asks for a login to the network, or a proxy.',
  });
}

/** No error is kept: it would quote the text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
