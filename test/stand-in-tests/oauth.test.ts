import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { SettingsInput } from '../stand-in/settings.ts';
import { type Answer, type Client, send, standIn } from './client.ts';

const app = { client_id: 'stand-in-client', client_secret: 'stand-in-secret' };

function post(
  client: Client,
  path: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return send(`${client.disk.oauthUrl}${path}`, { method: 'POST', body: new URLSearchParams(form), headers });
}

/** Error of an OAuth answer, or its status where it is none. */
function errorOf({ status, json }: Answer): string | number {
  if (json.error === undefined) return status;
  expect(status).toBe(400);
  expect(json.error_description).toEqual(expect.any(String));
  return json.error;
}

async function works(client: Client, token: string): Promise<boolean> {
  return (await client.api('GET', '/operations/0000', {}, { token })).status === 404;
}

interface Device {
  readonly code: string;
  readonly userCode: string;
  poll(form?: Record<string, string>): Promise<Answer>;
}

async function device(client: Client, form: Record<string, string> = {}): Promise<Device> {
  const { json } = await post(client, '/device/code', {
    client_id: app.client_id,
    device_id: 'device-123',
    ...form,
  });
  return {
    code: json.device_code,
    userCode: json.user_code,
    poll: (more = {}) =>
      post(client, '/token', { grant_type: 'device_code', code: json.device_code, ...app, ...more }),
  };
}

test('device code: asked for, pending, approved, and the token works', async () => {
  const client = await standIn();
  const asked = await post(client, '/device/code', { client_id: app.client_id, device_id: 'device-123' });
  expect([asked.status, asked.type]).toEqual([200, 'application/json']);
  expect(asked.json).toEqual({
    device_code: expect.stringMatching(/^[0-9a-f]{32}$/),
    user_code: expect.stringMatching(/^[a-z0-9]{8}$/),
    verification_url: 'https://ya.ru/device',
    interval: 5,
    expires_in: 300,
  });
  const { poll, userCode } = await device(client);
  const pending = await poll();
  expect([pending.status, pending.type, pending.json]).toEqual([
    400,
    'application/json',
    { error: 'authorization_pending', error_description: 'User has not yet authorized your application' },
  ]);
  expect(client.disk.control.pendingDevices().map((each) => each.userCode)).toContain(userCode);
  expect(client.disk.control.approveDevice(userCode)).toBe(1);
  client.disk.clock.advance(5000);
  const { json } = await poll();
  expect(json).toEqual({
    access_token: expect.any(String),
    refresh_token: expect.any(String),
    token_type: 'bearer',
    expires_in: 31_536_000,
  });
  expect(await works(client, json.access_token)).toBe(true);
  client.disk.clock.advance(5000);
  expect(errorOf(await poll())).toBe('invalid_grant');
});

test('the code is bound to the application', async () => {
  const client = await standIn();
  expect(errorOf(await post(client, '/device/code', {}))).toBe('invalid_request');
  expect(errorOf(await post(client, '/device/code', { client_id: 'other' }))).toBe('invalid_client');
  expect(errorOf(await post(client, '/device/code', { client_id: app.client_id, device_id: 'short' }))).toBe(
    'invalid_request',
  );
  const { poll } = await device(client);
  client.disk.control.approveDevice();
  expect(errorOf(await poll({ client_id: 'other' }))).toBe('invalid_client');
  expect(errorOf(await poll({ client_secret: 'wrong' }))).toBe('invalid_client');
  expect(errorOf(await poll({ code: 'f'.repeat(32) }))).toBe('invalid_grant');
  expect(errorOf(await poll({ code: 'nonsense' }))).toBe('bad_verification_code');
  expect(errorOf(await post(client, '/token', { grant_type: 'password', ...app }))).toBe(
    'unsupported_grant_type',
  );
  expect((await poll()).status).toBe(200);
  client.disk.control.set({ clientId: 'x', clientSecret: 'y' });
  expect(errorOf(await post(client, '/device/code', { client_id: app.client_id }))).toBe('invalid_client');
  expect((await post(client, '/device/code', { client_id: 'x' })).status).toBe(200);
});

test.each([
  'slow_down',
  'authorization_pending',
  'invalid_request',
] as const)('devicePolledTooFast %s', async (devicePolledTooFast) => {
  const client = await standIn({ devicePolledTooFast });
  const { poll } = await device(client);
  await poll();
  client.disk.clock.advance(4999);
  expect(errorOf(await poll())).toBe(devicePolledTooFast);
  client.disk.clock.advance(5000);
  expect(errorOf(await poll())).toBe('authorization_pending');
});

test.each([
  'invalid_grant',
  'expired_token',
  'bad_verification_code',
] as const)('deviceCodeExpired %s', async (deviceCodeExpired) => {
  const client = await standIn({ deviceCodeExpired });
  const { poll } = await device(client);
  client.disk.clock.advance(299_999);
  expect(errorOf(await poll())).toBe('authorization_pending');
  client.disk.clock.advance(5001);
  expect(client.disk.control.approveDevice()).toBe(0);
  expect(errorOf(await poll())).toBe(deviceCodeExpired);
});

test.each(['access_denied', 'invalid_grant'] as const)('deviceDenied %s', async (deviceDenied) => {
  const client = await standIn({ deviceDenied });
  const { poll } = await device(client);
  expect(client.disk.control.denyDevice()).toBe(1);
  expect(errorOf(await poll())).toBe(deviceDenied);
});

test('deviceCodeLifeMs, devicePollIntervalMs, verificationUrl are told as they are; deviceAutoApproveAfterPolls', async () => {
  const client = await standIn({
    deviceCodeLifeMs: 60_000,
    devicePollIntervalMs: 1000,
    verificationUrl: 'https://x',
    deviceAutoApproveAfterPolls: 2,
  });
  const { json } = await post(client, '/device/code', { client_id: app.client_id });
  expect(json).toMatchObject({ expires_in: 60, interval: 1, verification_url: 'https://x' });
  const { poll } = await device(client);
  const results = [];
  for (let round = 0; round < 3; round += 1) {
    results.push(errorOf(await poll()));
    client.disk.clock.advance(1000);
  }
  expect(results).toEqual(['authorization_pending', 'authorization_pending', 200]);
});

test('fewer rights than asked: they are told, and they hold', async () => {
  const client = await standIn();
  const { poll } = await device(client, { scope: 'cloud_api:disk.info cloud_api:disk.read' });
  client.disk.control.approveDevice(undefined, ['cloud_api:disk.info']);
  const { json } = await poll();
  expect(json.scope).toBe('cloud_api:disk.info');
  const options = { token: json.access_token };
  expect((await client.api('GET', '', {}, options)).status).toBe(200);
  expect((await client.api('GET', '/resources', { path: 'disk:/' }, options)).status).toBe(403);
});

async function token(settings: SettingsInput = {}, deviceId = 'device-123') {
  const client = await standIn(settings);
  const code = client.disk.control.confirmationCode();
  const answer = await post(client, '/token', {
    grant_type: 'authorization_code',
    code,
    ...app,
    ...(deviceId && { device_id: deviceId }),
  });
  const { access_token: access, refresh_token: refresh } = answer.json;
  const renew = (refreshToken: string, credentials: Record<string, string> = app) =>
    post(client, '/token', { grant_type: 'refresh_token', refresh_token: refreshToken, ...credentials });
  return { client, access, refresh, renew };
}

test('a confirmation code is seven digits, good once and for ten minutes', async () => {
  const { client, access } = await token();
  expect(await works(client, access)).toBe(true);
  const exchange = (code: string) =>
    post(client, '/token', { grant_type: 'authorization_code', code, ...app });
  const code = client.disk.control.confirmationCode();
  expect(code).toMatch(/^\d{7}$/);
  expect((await exchange(code)).status).toBe(200);
  expect(errorOf(await exchange(code))).toBe('invalid_grant');
  expect(errorOf(await exchange('nonsense'))).toBe('bad_verification_code');
  const late = client.disk.control.confirmationCode();
  client.disk.clock.advance(600_000);
  expect(errorOf(await exchange(late))).toBe('invalid_grant');
});

test('PKCE stands in for the secret', async () => {
  const client = await standIn();
  const verifier = 'v'.repeat(50);
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const exchange = (code: string, code_verifier: string) =>
    post(client, '/token', {
      grant_type: 'authorization_code',
      code,
      client_id: app.client_id,
      code_verifier,
    });
  expect((await exchange(client.disk.control.confirmationCode(challenge), verifier)).status).toBe(200);
  expect(errorOf(await exchange(client.disk.control.confirmationCode(challenge), 'w'.repeat(50)))).toBe(
    'invalid_grant',
  );
  expect(errorOf(await exchange(client.disk.control.confirmationCode(), verifier))).toBe('invalid_grant');
});

test('the page gives a code, or sends the browser back with it', async () => {
  const client = await standIn();
  const url = `${client.disk.oauthUrl}/authorize?response_type=code&client_id=${app.client_id}`;
  const code = /<p id="code">(\d{7})</.exec((await send(url)).text)?.[1] ?? '';
  expect((await post(client, '/token', { grant_type: 'authorization_code', code, ...app })).status).toBe(200);
  const back = await send(`${url}&state=s&redirect_uri=${encodeURIComponent('http://127.0.0.1:1/back')}`);
  expect(back.status).toBe(302);
  expect(back.headers.get('location')).toMatch(/^http:\/\/127\.0\.0\.1:1\/back\?code=\d{7}&state=s$/);
  expect((await send(`${client.disk.oauthUrl}/authorize?client_id=other`)).status).toBe(400);
});

test('client credentials may come in a header, which wins over the body', async () => {
  const client = await standIn();
  const code = () => client.disk.control.confirmationCode();
  const basic = (secret: string) => ({
    authorization: `Basic ${Buffer.from(`${app.client_id}:${secret}`).toString('base64')}`,
  });
  const form = { grant_type: 'authorization_code', client_id: 'ignored', client_secret: 'ignored' };
  expect((await post(client, '/token', { ...form, code: code() }, basic(app.client_secret))).status).toBe(
    200,
  );
  expect(errorOf(await post(client, '/token', { ...form, ...app, code: code() }, basic('wrong')))).toBe(
    'invalid_client',
  );
});

test('refreshKeepsAccessToken: a refresh gives the same access token, or a new one and the old dies', async () => {
  for (const refreshKeepsAccessToken of [true, false]) {
    const { client, access, refresh, renew } = await token({ refreshKeepsAccessToken });
    const { json } = await renew(refresh);
    expect(json.access_token === access).toBe(refreshKeepsAccessToken);
    expect(await works(client, json.access_token)).toBe(true);
    expect(await works(client, access)).toBe(refreshKeepsAccessToken);
  }
});

test('accessTokenLifeMs: after it 401, and a refresh gives a new token', async () => {
  const { client, access, refresh, renew } = await token({ accessTokenLifeMs: 60_000 });
  client.disk.clock.advance(59_999);
  expect(await works(client, access)).toBe(true);
  client.disk.clock.advance(1);
  expect(await works(client, access)).toBe(false);
  const { json } = await renew(refresh);
  expect(json.expires_in).toBe(60);
  expect(json.access_token).not.toBe(access);
  expect(await works(client, json.access_token)).toBe(true);
});

test('refreshTokenRotates, oldRefreshTokenDies', async () => {
  const rotating = await token();
  const second = (await rotating.renew(rotating.refresh)).json.refresh_token;
  expect(second).not.toBe(rotating.refresh);
  expect(errorOf(await rotating.renew(rotating.refresh))).toBe('invalid_grant');
  expect((await rotating.renew(second)).status).toBe(200);
  const lenient = await token({ oldRefreshTokenDies: false });
  await lenient.renew(lenient.refresh);
  expect((await lenient.renew(lenient.refresh)).status).toBe(200);
  for (const refreshKeepsAccessToken of [true, false]) {
    const fixed = await token({ refreshTokenRotates: false, refreshKeepsAccessToken });
    expect((await fixed.renew(fixed.refresh)).json.refresh_token).toBe(fixed.refresh);
    expect((await fixed.renew(fixed.refresh)).status).toBe(200);
  }
});

test('refreshNeedsSecret', async () => {
  const { client, refresh, renew } = await token();
  expect(errorOf(await renew(refresh, { client_id: app.client_id }))).toBe('invalid_client');
  client.disk.control.set({ refreshNeedsSecret: false });
  expect((await renew(refresh, { client_id: app.client_id })).status).toBe(200);
});

test('revokeNeedsDeviceId: a token of a device is revoked, and again; another only by setting', async () => {
  const { client, access } = await token();
  const revoke = (accessToken: string) =>
    post(client, '/revoke_token', { access_token: accessToken, ...app });
  for (let round = 0; round < 2; round += 1) {
    const answer = await revoke(access);
    expect([answer.status, answer.json]).toEqual([200, { status: 'ok' }]);
    expect(await works(client, access)).toBe(false);
  }
  const plain = client.disk.control.issueToken().accessToken;
  expect(errorOf(await revoke(plain))).toBe('unsupported_token_type');
  expect(await works(client, plain)).toBe(true);
  client.disk.control.set({ revokeNeedsDeviceId: false });
  expect((await revoke(plain)).status).toBe(200);
  expect(await works(client, plain)).toBe(false);
});

test('tokens can be made to expire, and all of them to die', async () => {
  const { client, access, refresh, renew } = await token();
  client.disk.control.expireTokens(access);
  expect([await works(client, access), await works(client, client.disk.token)]).toEqual([false, true]);
  const renewed = (await renew(refresh)).json;
  expect(await works(client, renewed.access_token)).toBe(true);
  client.disk.control.revokeAllTokens();
  expect(await works(client, client.disk.token)).toBe(false);
  expect(errorOf(await renew(renewed.refresh_token))).toBe('invalid_grant');
});

test('of more than thirty tokens for devices the oldest dies', async () => {
  const client = await standIn();
  const tokens = Array.from(
    { length: 31 },
    () => client.disk.control.issueToken({ deviceId: 'device-123' }).accessToken,
  );
  expect(await works(client, tokens[0] ?? '')).toBe(false);
  expect(await works(client, tokens[1] ?? '')).toBe(true);
});

test('info tells who a token belongs to, as far as its rights go', async () => {
  const client = await standIn({ uid: '7', login: 'me', displayName: 'Me' });
  const info = (accessToken: string) =>
    send(`${client.disk.oauthUrl}/info?format=json`, { headers: { authorization: `OAuth ${accessToken}` } });
  expect((await info(client.disk.token)).json).toMatchObject({
    id: '7',
    login: 'me',
    display_name: 'Me',
    default_email: 'me@yandex.ru',
    client_id: app.client_id,
  });
  const { accessToken } = client.disk.control.issueToken({ scopes: ['cloud_api:disk.read'] });
  expect(Object.keys((await info(accessToken)).json).sort()).toEqual(['client_id', 'id', 'login', 'psuid']);
  expect((await info('nobody')).status).toBe(401);
});
