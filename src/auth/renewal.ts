import { Failure } from '../errors.ts';
import { defaultAccount } from './account-name.ts';
import type { OAuthClient, Tokens } from './oauth-client.ts';
import type { App, StoredLogin } from './stored-login.ts';

/** The login that fresh tokens make. `nowMs` is the calendar's time. */
export function loginOf(tokens: Tokens, app: App, nowMs: number): StoredLogin {
  return {
    accessToken: tokens.accessToken,
    ...(tokens.refreshToken === undefined ? {} : { refreshToken: tokens.refreshToken }),
    app,
    obtainedAt: new Date(nowMs).toISOString(),
    ...(tokens.lifeMs === undefined ? {} : { expiresAt: new Date(nowMs + tokens.lifeMs).toISOString() }),
  };
}

/**
 * Exchanges the refresh token. What comes back must be stored before it is used: the old refresh token may be dead from now on.
 * @throws Failure 'login-needed' when the service refuses or there is nothing to renew with, 'server' when it refuses with a word that
 * nobody knows: that may pass; else as `OAuthClient`
 */
export async function renewedLogin(
  oauth: OAuthClient,
  login: StoredLogin,
  account: string,
  nowMs: number,
): Promise<StoredLogin> {
  const { refreshToken, app } = login;
  if (refreshToken === undefined || app === undefined) {
    throw loginNeeded(
      'The stored token is not valid any more, and was stored without the means to renew it',
      account,
    );
  }
  const answer = await oauth.refresh(app, refreshToken);
  if (answer.kind === 'refused') {
    if (answer.reason === 'slow-down' || answer.reason === 'pending') throw answer.failure;
    if (answer.reason === 'other') {
      throw new Failure('server', `The login cannot be renewed now. ${answer.failure.message}`, {
        cause: answer.failure,
      });
    }
    const message =
      answer.reason === 'dead'
        ? 'The login is not valid any more: it was withdrawn, is too old, or the password was changed'
        : `The login cannot be renewed. ${answer.failure.message}`;
    throw loginNeeded(message, account, answer.failure);
  }
  const { person } = login;
  return { refreshToken, ...loginOf(answer.value, app, nowMs), ...(person && { person }) };
}

/** Nobody is logged in, or not any more. */
export function loginNeeded(message: string, account: string, cause?: Failure): Failure {
  return new Failure('login-needed', message, { hint: `Log in with \`${setupCommandOf(account)}\`.`, cause });
}

/** What to type for a login of that name. */
export function setupCommandOf(account: string): string {
  return account === defaultAccount ? 'yadiskfs setup' : `yadiskfs setup --account ${account}`;
}
