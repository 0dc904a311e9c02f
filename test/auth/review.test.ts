import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccountStore } from '../../src/auth/account-store.ts';
import { AccountTokens, type TokenNotice } from '../../src/auth/account-tokens.ts';
import { OAuthClient } from '../../src/auth/oauth-client.ts';
import { oauthExchange } from '../../src/daemon/oauth-exchange.ts';
import { type OddOAuth, startOddOAuth } from './odd-oauth.ts';

const dayMs = 86_400_000;

let service: OddOAuth;
let folder: string;
let store: AccountStore;
let notices: TokenNotice[];

beforeEach(async () => {
  service = await startOddOAuth();
  folder = await mkdtemp(join(tmpdir(), 'yadiskfs-odd-'));
  store = new AccountStore(folder);
  notices = [];
});
afterEach(async () => {
  await service.close();
  await rm(folder, { recursive: true, force: true });
});

/** A login of which only ten days are left: it is renewed behind the back of whoever asks. */
async function openTokens(): Promise<AccountTokens> {
  await store.hold('default', (held) =>
    held.write({
      accessToken: 'ACCESS-1',
      refreshToken: 'REFRESH-1',
      app: { id: 'CLIENT', secret: 'SECRET' },
      obtainedAt: new Date(Date.now() - 355 * dayMs).toISOString(),
      expiresAt: new Date(Date.now() + 10 * dayMs).toISOString(),
    }),
  );
  return AccountTokens.open({
    store,
    account: 'default',
    oauth: new OAuthClient(oauthExchange(new URL(service.url))),
    onNotice: (notice) => notices.push(notice),
  });
}

describe('a renewal', () => {
  it.each(['1e13', '"1e13"', '1e300', '1e400'])('that gives a life of %s s is stored', async (life) => {
    const body = `{"access_token":"ACCESS-2","refresh_token":"REFRESH-2","expires_in":${life}}`;
    service.answer('/token', { status: 200, body, type: 'application/json' });
    const tokens = await openTokens();
    expect(await tokens.accessToken()).toBe('ACCESS-1');
    await expect.poll(() => notices.map(({ kind }) => kind)).toEqual(['renewed']);
    const stored = await store.read('default');
    expect(stored).toMatchObject({ accessToken: 'ACCESS-2', refreshToken: 'REFRESH-2' });
    if (stored?.expiresAt !== undefined) {
      const lifeDays = (Date.parse(stored.expiresAt) - Date.now()) / dayMs;
      expect(lifeDays).toBeGreaterThan(3_000);
      expect(lifeDays).toBeLessThan(3_700);
    }
  });

  it('that fails in a way nobody thought of is told, and does not end the program', async () => {
    const tokens = await openTokens();
    store.hold = () => Promise.reject(new RangeError('unheard of'));
    expect(await tokens.accessToken()).toBe('ACCESS-1');
    await expect.poll(() => notices).toMatchObject([{ kind: 'not-renewed', failure: { code: 'local' } }]);
  });

  it.each([
    [503, 'server_error', 'server'],
    [500, 'invalid_grant', 'server'],
    [400, 'temporarily_unavailable', 'server'],
    [400, 'weather', 'server'],
    [429, 'too_many_requests', 'busy'],
  ])('that is answered %i %s asks nobody to log in again', async (status, error, code) => {
    const tokens = await openTokens();
    service.answer('/token', { status, body: { error } });
    await expect(tokens.refused('ACCESS-1')).rejects.toMatchObject({ code });
    expect(notices.map(({ kind }) => kind)).not.toContain('lost');
    service.answer('/token', { status: 200, body: { access_token: 'ACCESS-2', refresh_token: 'REFRESH-2' } });
    expect(await tokens.refused('ACCESS-1')).toBe(true);
    expect(await tokens.accessToken()).toBe('ACCESS-2');
  });

  it('that comes too often keeps how long it is to wait', async () => {
    const tokens = await openTokens();
    service.answer('/token', (_, response) => {
      response.writeHead(429, { 'retry-after': '7', 'content-type': 'application/json' });
      response.end('{"error":"too_many_requests"}');
    });
    await expect(tokens.refused('ACCESS-1')).rejects.toMatchObject({ code: 'busy', retryAfterMs: 7_000 });
  });
});
