import { bareReply, htmlReply, jsonReply } from '../http/replies.ts';
import type { Service } from '../http/service.ts';
import type { Exchange, Reply } from '../wire/index.ts';
import type { DeviceGrant } from './grants.ts';
import { readScopes, type Token } from './tokens.ts';

/** Words of the OAuth errors; all are 400. */
type OAuthError =
  | 'authorization_pending'
  | 'slow_down'
  | 'access_denied'
  | 'invalid_client'
  | 'invalid_grant'
  | 'expired_token'
  | 'bad_verification_code'
  | 'unsupported_token_type'
  | 'invalid_request'
  | 'unsupported_grant_type';

const descriptions: Readonly<Record<OAuthError, string>> = {
  authorization_pending: 'User has not yet authorized your application',
  slow_down: 'Polling too fast',
  access_denied: 'User denied access to your application',
  invalid_client: 'Client not found',
  invalid_grant: 'Code has expired',
  expired_token: 'Code has expired',
  bad_verification_code: 'Invalid code',
  unsupported_token_type: 'Token has no device_id',
  invalid_request: 'Required parameter is missing',
  unsupported_grant_type: 'Unknown grant_type',
};

/** Thrown on the way to an answer that is an error. */
class Denied extends Error {
  readonly error: OAuthError;

  constructor(error: OAuthError) {
    super(error);
    this.error = error;
  }
}

/** Recorded: JSON without charset, also for successes. */
function oauthReply(status: number, body: unknown): Reply {
  return jsonReply(status, body, { 'content-type': 'application/json' });
}

/** The names of what the OAuth host does. */
export function oauthRoute(method: string, pathname: string): string {
  const routes: Readonly<Record<string, string>> = {
    'POST /device/code': 'oauth.device-code',
    'POST /token': 'oauth.token',
    'POST /revoke_token': 'oauth.revoke',
    'GET /authorize': 'oauth.authorize',
    'GET /info': 'oauth.info',
  };
  return routes[`${method} ${pathname}`] ?? 'unknown';
}

/** Answers the OAuth host, and the one that tells who a token belongs to. */
export async function serveOAuth(
  service: Service,
  exchange: Exchange,
  url: URL,
  body: () => Promise<Buffer>,
): Promise<Reply> {
  if (exchange.route === 'oauth.info') return info(service, exchange);
  if (exchange.route === 'oauth.authorize') return authorize(service, url);
  if (exchange.route === 'unknown') return htmlReply(404);
  const form = new URLSearchParams((await body()).toString('utf8'));
  try {
    switch (exchange.route) {
      case 'oauth.device-code':
        return openDevice(service, form);
      case 'oauth.token':
        return oauthReply(200, issue(service, exchange, form));
      default:
        return revoke(service, exchange, form);
    }
  } catch (error) {
    if (!(error instanceof Denied)) throw error;
    return oauthReply(400, { error: error.error, error_description: descriptions[error.error] });
  }
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value === null || value === '') throw new Denied('invalid_request');
  return value;
}

function openDevice({ settings, grants }: Service, form: URLSearchParams): Reply {
  const clientId = required(form, 'client_id');
  if (clientId !== settings.clientId) throw new Denied('invalid_client');
  const deviceId = form.get('device_id');
  if (deviceId !== null && !/^[ -~]{6,50}$/.test(deviceId)) throw new Denied('invalid_request');
  const scopes = readScopes(`${form.get('scope') ?? ''} ${form.get('optional_scope') ?? ''}`);
  const grant = grants.openDevice(clientId, deviceId, scopes);
  return oauthReply(200, {
    device_code: grant.deviceCode,
    user_code: grant.userCode,
    verification_url: settings.verificationUrl,
    interval: Math.round(settings.devicePollIntervalMs / 1000),
    expires_in: Math.round(settings.deviceCodeLifeMs / 1000),
  });
}

/** Who asks: a header wins over the body. The secret is asked for unless told. */
function client(
  { settings }: Service,
  exchange: Exchange,
  form: URLSearchParams,
  needsSecret: boolean,
): string {
  const basic = /^Basic +(\S+)$/.exec(exchange.req.headers.authorization ?? '')?.[1];
  const header = basic === undefined ? null : Buffer.from(basic, 'base64').toString('utf8').split(':');
  const id = header ? (header[0] ?? '') : required(form, 'client_id');
  const secret = header ? (header[1] ?? '') : form.get('client_secret');
  if (id !== settings.clientId) throw new Denied('invalid_client');
  const secretIsWrong = secret !== settings.clientSecret;
  if (secretIsWrong && (needsSecret || (secret !== null && secret !== '')))
    throw new Denied('invalid_client');
  return id;
}

function issue(service: Service, exchange: Exchange, form: URLSearchParams): Record<string, unknown> {
  const { settings, tokens, grants } = service;
  const lifeMs = settings.accessTokenLifeMs;
  switch (form.get('grant_type')) {
    case 'device_code': {
      const clientId = client(service, exchange, form, true);
      const grant = pollDevice(service, required(form, 'code'));
      const { deviceId, grantedScopes, askedScopes } = grant;
      const token = tokens.issue({ lifeMs, clientId, deviceId, scopes: grantedScopes });
      return tokenBody(service, token, grantedScopes.length < askedScopes.length);
    }
    case 'authorization_code': {
      const verifier = form.get('code_verifier');
      const clientId = client(service, exchange, form, verifier === null);
      const code = required(form, 'code');
      if (!/^\d{7}$/.test(code)) throw new Denied('bad_verification_code');
      const taken = grants.takeCode(code, verifier);
      if (taken === null || (taken === 'plain' && verifier !== null)) throw new Denied('invalid_grant');
      return tokenBody(service, tokens.issue({ lifeMs, clientId, deviceId: form.get('device_id') }));
    }
    case 'refresh_token':
      return refresh(service, exchange, form);
    default:
      throw new Denied('unsupported_grant_type');
  }
}

function tokenBody({ clock }: Service, token: Token, fewerRights = false): Record<string, unknown> {
  return {
    access_token: token.accessToken,
    expires_in: Math.floor((token.expiresMs - clock.now()) / 1000),
    refresh_token: token.refreshTokens.at(-1),
    token_type: 'bearer',
    ...(fewerRights && { scope: token.scopes.join(' ') }),
  };
}

function refresh(service: Service, exchange: Exchange, form: URLSearchParams): Record<string, unknown> {
  const { settings, tokens, clock } = service;
  client(service, exchange, form, settings.refreshNeedsSecret);
  const given = required(form, 'refresh_token');
  const old = tokens.byRefresh(given);
  if (!old) throw new Denied('invalid_grant');
  const lifeMs = settings.accessTokenLifeMs;
  let token = old;
  if (settings.refreshKeepsAccessToken && clock.now() < old.expiresMs) {
    old.expiresMs = clock.now() + lifeMs;
    if (settings.refreshTokenRotates) tokens.renewRefreshToken(old, settings.oldRefreshTokenDies);
  } else {
    const { clientId, deviceId, scopes } = old;
    token = tokens.issue({ lifeMs, clientId, deviceId, scopes });
    if (!settings.refreshTokenRotates) token.refreshTokens = [given];
    else if (!settings.oldRefreshTokenDies) token.refreshTokens = [given, ...token.refreshTokens];
    tokens.revoke(old.accessToken);
  }
  return tokenBody(service, token);
}

/** One poll of a waiting device. @throws Denied until the user has agreed. */
function pollDevice({ settings, grants, clock }: Service, deviceCode: string): DeviceGrant {
  const grant = grants.device(deviceCode);
  if (!grant) throw new Denied(/^[0-9a-f]{32}$/.test(deviceCode) ? 'invalid_grant' : 'bad_verification_code');
  const nowMs = clock.now();
  const tooFast = grant.lastPollMs !== null && nowMs - grant.lastPollMs < settings.devicePollIntervalMs;
  grant.lastPollMs = nowMs;
  grant.polls += 1;
  if (nowMs >= grant.expiresMs) throw new Denied(settings.deviceCodeExpired);
  if (grant.state === 'denied') throw new Denied(settings.deviceDenied);
  if (grant.state === 'used') throw new Denied('invalid_grant');
  if (tooFast && settings.devicePolledTooFast !== 'authorization_pending') {
    throw new Denied(settings.devicePolledTooFast);
  }
  const { deviceAutoApproveAfterPolls: byItself } = settings;
  if (grant.state === 'pending' && (byItself === null || grant.polls <= byItself)) {
    throw new Denied('authorization_pending');
  }
  grant.state = 'used';
  return grant;
}

function revoke(service: Service, exchange: Exchange, form: URLSearchParams): Reply {
  client(service, exchange, form, true);
  const token = service.tokens.get(required(form, 'access_token'));
  if (token && token.deviceId === null && service.settings.revokeNeedsDeviceId) {
    throw new Denied('unsupported_token_type');
  }
  if (token) service.tokens.revoke(token.accessToken);
  return oauthReply(200, { status: 'ok' });
}

/** The page where a user agrees; here everybody does. */
function authorize({ settings, grants }: Service, url: URL): Reply {
  const query = url.searchParams;
  if (query.get('client_id') !== settings.clientId) return htmlReply(400);
  const challenge = query.get('code_challenge');
  const code = grants.openCode(challenge);
  const redirect = query.get('redirect_uri');
  if (redirect !== null && /^https?:\/\/(localhost|127\.0\.0\.1)(:|\/|$)/.test(redirect)) {
    const location = new URL(redirect);
    location.searchParams.set('code', code);
    const state = query.get('state');
    if (state !== null) location.searchParams.set('state', state);
    return bareReply(302, { location: location.href });
  }
  const page = Buffer.from(`<html><body><p id="code">${code}</p></body></html>\n`);
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-length': page.length },
    body: page,
  };
}

/** Who a token belongs to (login.yandex.ru/info). */
function info({ settings, tokens }: Service, exchange: Exchange): Reply {
  const given = /^(?:OAuth|Bearer) +(\S+)$/i.exec(exchange.req.headers.authorization ?? '')?.[1];
  const token = given === undefined ? null : tokens.valid(given);
  if (!token) return bareReply(401);
  const person: Record<string, unknown> = {
    id: settings.uid,
    login: settings.login,
    client_id: token.clientId || settings.clientId,
    psuid: `1.AAAAAA.${settings.uid}`,
  };
  if (token.scopes.includes('login:info')) {
    Object.assign(person, {
      display_name: settings.displayName,
      real_name: settings.displayName,
      first_name: settings.displayName,
      last_name: '',
      sex: null,
    });
  }
  if (token.scopes.includes('login:email')) {
    const email = `${settings.login}@yandex.ru`;
    Object.assign(person, { default_email: email, emails: [email] });
  }
  return oauthReply(200, person);
}
