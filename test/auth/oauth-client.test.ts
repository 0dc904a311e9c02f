import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OAuthClient } from '../../src/auth/oauth-client.ts';
import { oauthExchange } from '../../src/daemon/oauth-exchange.ts';
import { Failure } from '../../src/errors.ts';
import { type OddAnswer, type OddOAuth, startOddOAuth } from './odd-oauth.ts';

const app = { id: 'CLIENT-ID', secret: 'CLIENT-SECRET' };
const device = { id: 'test device 123', name: 'box' };
const code = {
  device_code: 'DEVICE-CODE-1',
  user_code: 'abcdefgh',
  verification_url: 'https://ya.ru/device',
  interval: 5,
  expires_in: 300,
};
const tokens = {
  access_token: 'ACCESS-TOKEN-2',
  expires_in: 31535338,
  refresh_token: 'REFRESH-TOKEN-3',
  token_type: 'bearer',
};

let service: OddOAuth;
let client: OAuthClient;

beforeEach(async () => {
  service = await startOddOAuth();
  client = new OAuthClient(oauthExchange(new URL(service.url)));
});
afterEach(() => service.close());

const calls = {
  code: { path: '/device/code', call: () => client.requestCode(app, device) },
  poll: { path: '/token', call: () => client.poll(app, device, 'DEVICE-CODE-1') },
  refresh: { path: '/token', call: () => client.refresh(app, 'REFRESH-TOKEN-1') },
  revoke: { path: '/revoke_token', call: () => client.revoke(app, 'ACCESS-TOKEN-1') },
} as const;
const names = Object.keys(calls) as (keyof typeof calls)[];

/** The requests and replies of recorded traffic. */
describe('what was recorded', () => {
  it('a code is asked for', async () => {
    service.answer('/device/code', { status: 200, body: code });
    expect(await calls.code.call()).toEqual({
      kind: 'given',
      value: {
        deviceCode: 'DEVICE-CODE-1',
        userCode: 'abcdefgh',
        verificationUrl: 'https://ya.ru/device',
        intervalMs: 5_000,
        lifeMs: 300_000,
      },
    });
    const [request] = service.requests;
    expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(Object.fromEntries(request?.form ?? [])).toEqual({
      client_id: 'CLIENT-ID',
      device_id: 'test device 123',
      device_name: 'box',
    });
  });

  it('it is polled for, at first in vain', async () => {
    service.answer(
      '/token',
      {
        status: 400,
        body: {
          error: 'authorization_pending',
          error_description: 'User has not yet authorized your application',
        },
      },
      { status: 200, body: tokens },
    );
    expect(await calls.poll.call()).toMatchObject({ kind: 'refused', reason: 'pending' });
    expect(await calls.poll.call()).toEqual({
      kind: 'given',
      value: { accessToken: 'ACCESS-TOKEN-2', refreshToken: 'REFRESH-TOKEN-3', lifeMs: 31535338_000 },
    });
    expect(Object.fromEntries(service.requests[1]?.form ?? [])).toEqual({
      grant_type: 'device_code',
      client_id: 'CLIENT-ID',
      code: 'DEVICE-CODE-1',
      client_secret: 'CLIENT-SECRET',
      device_id: 'test device 123',
    });
  });

  it('a token is renewed, and revoked', async () => {
    service.answer('/token', { status: 200, body: tokens });
    service.answer('/revoke_token', { status: 200, body: { status: 'ok' } });
    expect(await calls.refresh.call()).toMatchObject({
      kind: 'given',
      value: { refreshToken: 'REFRESH-TOKEN-3' },
    });
    expect(await calls.revoke.call()).toMatchObject({ kind: 'given' });
    expect(service.requests.map(({ form }) => Object.fromEntries(form))).toEqual([
      {
        grant_type: 'refresh_token',
        refresh_token: 'REFRESH-TOKEN-1',
        client_id: 'CLIENT-ID',
        client_secret: 'CLIENT-SECRET',
      },
      { access_token: 'ACCESS-TOKEN-1', client_id: 'CLIENT-ID', client_secret: 'CLIENT-SECRET' },
    ]);
  });
});

describe('a refusal', () => {
  it.each([
    ['authorization_pending', 'pending'],
    ['slow_down', 'slow-down'],
    ['invalid_grant', 'dead'],
    ['expired_token', 'dead'],
    ['bad_verification_code', 'dead'],
    ['access_denied', 'denied'],
    ['authorization_declined', 'denied'],
    ['invalid_client', 'wrong-app'],
    ['unauthorized_client', 'blocked-app'],
    ['invalid_scope', 'wrong-rights'],
    ['unsupported_token_type', 'not-revocable'],
    ['invalid_request', 'other'],
    ['toString', 'other'],
  ])('%s is understood as %s, whatever its status', async (error, reason) => {
    for (const status of [400, 401, 403]) {
      service.answer('/token', { status, body: { error, error_description: null } });
      expect(await calls.poll.call()).toMatchObject({
        kind: 'refused',
        reason,
        failure: expect.any(Failure),
      });
    }
  });

  it('that is unknown is quoted, without secrets and without what a terminal would obey', async () => {
    const said = 'no \u001b[2J such CLIENT-SECRET and DEVICE-CODE-1 \u202e';
    service.answer('/token', { status: 400, body: { error: 'weather', error_description: said } });
    const answer = await calls.poll.call();
    if (answer.kind !== 'refused') throw new Error('not refused');
    expect(answer.failure.message).toBe('Yandex OAuth refused: weather, no [2J such … and …');
  });
});

describe('an answer that is none', () => {
  const html = '<html>Please log in to the hotel network CLIENT-SECRET</html>';
  const cases: [string, OddAnswer, string][] = [
    ['an HTML page with 200', { status: 200, body: html }, 'nonsense'],
    ['an HTML page with 403', { status: 403, body: html }, 'nonsense'],
    [
      'a redirect',
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      'nonsense',
    ],
    ['an error of its own', { status: 502, body: html }, 'server'],
    ['too many requests', { status: 429, body: html }, 'busy'],
    [
      'JSON of another shape',
      { status: 200, body: { access_token: { a: 1 }, device_code: 5, status: 5 } },
      'nonsense',
    ],
    ['nothing', { status: 200, body: '' }, 'nonsense'],
    ['null', { status: 200, body: null }, 'nonsense'],
    ['more than fits', { status: 200, body: 'x'.repeat(1 << 20) }, 'nonsense'],
    ['a cut connection', (_, response) => response.destroy(), 'offline'],
    [
      'half an answer',
      (_, response) => {
        response.writeHead(200, { 'content-length': 100 });
        response.write('{"access_token":"y0_geheim');
        setTimeout(() => response.destroy(), 20);
      },
      'offline',
    ],
  ];
  it.each(cases)('%s is said as such, and quotes nothing', async (_, answer, failureCode) => {
    for (const name of names) {
      service.answer(calls[name].path, answer);
      const error: unknown = await calls[name].call().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: failureCode });
      for (let cause = error; cause instanceof Error; cause = cause.cause) {
        const text = `${cause.message}${cause.stack}${JSON.stringify(cause)}`;
        expect(text).not.toMatch(/SECRET|TOKEN-1|DEVICE-CODE|geheim|hotel/);
      }
    }
  });

  it('a page may be named as RFC 8628 does', async () => {
    const { verification_url, ...rest } = code;
    service.answer('/device/code', { status: 200, body: { ...rest, verification_uri: verification_url } });
    expect(await calls.code.call()).toMatchObject({ value: { verificationUrl: 'https://ya.ru/device' } });
  });

  it.each([
    ['no page at all', { verification_url: undefined }],
    ['no web page', { verification_url: 'javascript:alert(1)' }],
    ['a file', { verification_url: 'file:///etc/passwd' }],
    ['an address with a password', { verification_url: 'https://ya.ru@evil.example/' }],
    ['an address with a password alone', { verification_url: 'https://:pw@ya.ru/' }],
    ['nothing but blanks', { user_code: '   ' }],
    ['an option for a browser', { verification_url: '--help' }],
    ['a code that a terminal would obey', { user_code: 'ab\u001b[2Jcd' }],
    ['a code without end', { user_code: 'x'.repeat(5000) }],
    ['a device code with a line end', { device_code: 'a\r\nb' }],
  ])('a code with %s is not shown', async (_, part) => {
    service.answer('/device/code', { status: 200, body: { ...code, ...part } });
    await expect(calls.code.call()).rejects.toMatchObject({ code: 'nonsense' });
  });

  it.each([
    [{ interval: undefined, expires_in: undefined }, 5_000, 300_000],
    [{ interval: '7', expires_in: '600' }, 7_000, 600_000],
    [{ interval: 0, expires_in: 0 }, 1_000, 300_000],
    [{ interval: -3, expires_in: 'soon' }, 5_000, 300_000],
    [{ interval: 1e9, expires_in: 1e9 }, 60_000, 3600_000],
  ])('odd times %j are made usable', async (part, intervalMs, lifeMs) => {
    service.answer('/device/code', { status: 200, body: { ...code, ...part } });
    expect(await calls.code.call()).toMatchObject({ kind: 'given', value: { intervalMs, lifeMs } });
  });

  it('a token that nobody could send is not taken, one without a life or a refresh token is', async () => {
    service.answer('/token', { status: 200, body: { ...tokens, access_token: 'a b' } });
    await expect(calls.poll.call()).rejects.toMatchObject({ code: 'nonsense' });
    service.answer('/token', { status: 200, body: { access_token: 'abc' } });
    expect(await calls.poll.call()).toEqual({
      kind: 'given',
      value: { accessToken: 'abc', refreshToken: undefined, lifeMs: undefined },
    });
  });
});

describe('the network', () => {
  it('that is not there is said as such', async () => {
    await service.close();
    await expect(calls.code.call()).rejects.toMatchObject({ code: 'offline', hint: 'Check the network.' });
    service = await startOddOAuth();
  });

  it('that is silent, or drips for ever, does not hold anybody for long', async () => {
    const drip: OddAnswer = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const dripping = setInterval(() => response.write(' '), 200);
      response.on('close', () => clearInterval(dripping));
    };
    service.answer('/token', () => {});
    service.answer('/device/code', drip);
    const startedAtMs = performance.now();
    const [silent, dripping] = await Promise.allSettled([calls.poll.call(), calls.code.call()]);
    expect(silent).toMatchObject({ status: 'rejected', reason: { code: 'offline' } });
    expect(dripping).toMatchObject({ status: 'rejected', reason: { code: 'offline' } });
    expect(performance.now() - startedAtMs).toBeLessThan(18_000);
  });

  it('is left at once when nobody waits any more', async () => {
    service.answer('/token', () => {});
    const stop = new AbortController();
    const polling = client.poll(app, device, 'DEVICE-CODE-1', stop.signal);
    setTimeout(() => stop.abort(new Failure('aborted', 'Given up')), 50);
    await expect(polling).rejects.toMatchObject({ code: 'aborted', message: 'Given up' });
  });

  it('sees no secret in an address', async () => {
    for (const name of names) {
      service.answer(calls[name].path, { status: 400, body: { error: 'invalid_grant' } });
      await calls[name].call();
    }
    expect(service.requests.map(({ path }) => path)).toEqual([
      '/device/code',
      '/token',
      '/token',
      '/revoke_token',
    ]);
    for (const { headers } of service.requests) expect(JSON.stringify(headers)).not.toMatch(/SECRET|TOKEN/);
  });
});
