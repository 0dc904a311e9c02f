import { chmod, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccountStore } from '../../src/auth/account-store.ts';
import { AccountTokens, type TokenNotice } from '../../src/auth/account-tokens.ts';
import { OAuthClient } from '../../src/auth/oauth-client.ts';
import type { StoredLogin } from '../../src/auth/stored-login.ts';
import { oauthExchange } from '../../src/daemon/oauth-exchange.ts';
import { Api } from '../../src/disk-api/api.ts';
import { readDisk } from '../../src/disk-api/disk.ts';
import { testFolder } from '../mount/mounted-disk.ts';
import { type StandIn, startStandIn } from '../stand-in/index.ts';
import type { SettingsInput } from '../stand-in/settings.ts';

const dayMs = 86_400_000;

let disk: StandIn;
let folder: string;
let store: AccountStore;
let notices: TokenNotice[];
/** The time, as the tokens see it; the stand-in's own is moved along with it. */
let nowMs: number;

beforeEach(async () => {
  disk = await startStandIn();
  folder = await testFolder();
  store = new AccountStore(folder);
  notices = [];
  nowMs = disk.clock.now();
});
afterEach(async () => {
  await disk.close();
  await rm(folder, { recursive: true, force: true });
});

function pass(ms: number): void {
  nowMs += ms;
  disk.control.advance(ms);
}

/** A token of the stand-in, stored as a login. */
async function storeLogin(change: Partial<StoredLogin> = {}, account = 'default'): Promise<StoredLogin> {
  const token = disk.control.issueToken({ deviceId: 'device-1' });
  const login: StoredLogin = {
    accessToken: token.accessToken,
    refreshToken: token.refreshTokens.at(-1) ?? '',
    app: { id: disk.settings.clientId, secret: disk.settings.clientSecret },
    obtainedAt: new Date(nowMs).toISOString(),
    expiresAt: new Date(token.expiresMs).toISOString(),
    person: { uid: disk.settings.uid, login: disk.settings.login },
    ...change,
  };
  await store.hold(account, (held) => held.write(login));
  return login;
}

function openTokens(accounts = store): Promise<AccountTokens> {
  return AccountTokens.open({
    store: accounts,
    account: 'default',
    oauth: new OAuthClient(oauthExchange(new URL(disk.oauthUrl))),
    onNotice: (notice) => notices.push(notice),
    clock: { now: () => nowMs, date: () => nowMs },
  });
}

/** As when the local disk is full: the lock can be taken, the login cannot be written. @returns what mends it */
function breakWriting(): () => void {
  const hold = store.hold.bind(store);
  const elsewhere = new AccountStore(join(store.path('default'), 'no-folder'));
  store.hold = (name, task) =>
    hold(name, (held) =>
      task({ ...held, write: (login) => elsewhere.hold('x', (other) => other.write(login)) }),
    );
  return () => {
    store.hold = hold;
  };
}

/** How often a token was asked for so far. */
const renewals = () => disk.wire.requestLog.list().filter(({ route }) => route === 'oauth.token').length;
const kinds = () => notices.map(({ kind }) => kind);

async function withApi<T>(tokens: AccountTokens, task: (api: Api) => Promise<T>): Promise<T> {
  const api = new Api({ url: new URL(disk.apiUrl), tokens, ratePerSecond: 0 });
  try {
    return await task(api);
  } finally {
    api.close();
  }
}

async function restartDisk(settings: SettingsInput): Promise<void> {
  await disk.close();
  disk = await startStandIn({ settings });
}

it('gives the stored token, and says who must log in when there is none', async () => {
  await expect(openTokens()).rejects.toMatchObject({
    code: 'login-needed',
    hint: expect.stringContaining('yadiskfs setup'),
  });
  const login = await storeLogin();
  const tokens = await openTokens();
  expect(await tokens.accessToken()).toBe(login.accessToken);
  expect(renewals()).toBe(0);
});

describe('after a 401', () => {
  it.each([
    true,
    false,
  ])('renews once for all who wait, and each request is sent once more (same token: %s)', async (same) => {
    await restartDisk({ refreshKeepsAccessToken: same });
    const login = await storeLogin();
    const tokens = await openTokens();
    if (same) disk.control.expireTokens();
    else disk.control.expireTokens(login.accessToken);
    // The stand-in gives back the same token only while that is valid, as the recorded service does.
    await withApi(tokens, (api) => Promise.all(Array.from({ length: 12 }, () => readDisk(api))));
    expect(renewals()).toBe(1);
    const stored = await store.read('default');
    expect(stored?.refreshToken).not.toBe(login.refreshToken);
    expect(stored?.accessToken).toBe(await tokens.accessToken());
    expect(stored?.person).toEqual(login.person);
    expect(kinds()).toEqual(['renewed']);
  });

  it('has stored the new refresh token before any request uses the new access token', async () => {
    const login = await storeLogin();
    const tokens = await openTokens();
    disk.control.expireTokens();
    const seen: (string | undefined)[] = [];
    const gate = disk.wire.hold({ role: 'api', stage: 'before', skip: 1 });
    const reading = withApi(tokens, (api) => readDisk(api));
    await gate.arrived();
    seen.push((await store.read('default'))?.refreshToken);
    gate.release();
    await reading;
    expect(seen).toEqual([(await store.read('default'))?.refreshToken]);
    expect(seen).not.toEqual([login.refreshToken]);
  });

  it('takes over what another process has renewed in the meantime', async () => {
    await storeLogin();
    const [one, other] = [await openTokens(), await openTokens()];
    disk.control.expireTokens();
    await withApi(one, (api) => readDisk(api));
    await withApi(other, (api) => readDisk(api));
    expect(renewals()).toBe(1);
    expect(await other.accessToken()).toBe(await one.accessToken());
  });

  it('keeps both going when two processes are refused at the same moment', async () => {
    await storeLogin();
    const both = [await openTokens(new AccountStore(folder)), await openTokens(new AccountStore(folder))];
    disk.control.expireTokens();
    await Promise.all(both.map((tokens) => withApi(tokens, (api) => readDisk(api))));
    expect(renewals()).toBe(1);
    disk.control.expireTokens();
    pass(120_000);
    await Promise.all(both.map((tokens) => withApi(tokens, (api) => readDisk(api))));
    expect(renewals()).toBe(2);
  });

  it('says login-needed when the renewal is refused, and does not ask the service again and again', async () => {
    await storeLogin();
    const tokens = await openTokens();
    disk.control.revokeAllTokens();
    await withApi(tokens, async (api) => {
      for (let round = 0; round < 5; round++) {
        await expect(readDisk(api)).rejects.toMatchObject({
          code: 'login-needed',
          message: expect.stringContaining('not valid any more'),
          hint: expect.stringContaining('yadiskfs setup'),
        });
      }
    });
    expect(renewals()).toBe(1);
    expect(disk.wire.requestLog.list().filter(({ role }) => role === 'api').length).toBe(1);
    expect(kinds()).toEqual(['lost']);
    // Once in a while it is worth a try: the refusal may have been a mistake.
    pass(61_000);
    await expect(withApi(tokens, (api) => readDisk(api))).rejects.toMatchObject({ code: 'login-needed' });
    expect(renewals()).toBe(2);
    pass(61_000);
    await expect(withApi(tokens, (api) => readDisk(api))).rejects.toMatchObject({ code: 'login-needed' });
    expect(renewals()).toBe(2);
  });

  it('says so when the app itself is not known any more', async () => {
    await storeLogin();
    const tokens = await openTokens();
    disk.control.expireTokens();
    disk.control.set({ clientSecret: 'another' });
    await expect(withApi(tokens, (api) => readDisk(api))).rejects.toMatchObject({
      code: 'login-needed',
      message: expect.stringContaining('ClientID'),
    });
  });

  it('says login-needed for a token that was stored without the means to renew it', async () => {
    const { refreshToken: _, app: __, expiresAt: ___, ...ready } = await storeLogin();
    await store.hold('default', (held) => held.write(ready));
    const tokens = await openTokens();
    await withApi(tokens, (api) => readDisk(api));
    disk.control.revokeAllTokens();
    await expect(withApi(tokens, (api) => readDisk(api))).rejects.toMatchObject({ code: 'login-needed' });
    expect(renewals()).toBe(0);
  });

  it('says offline, and loses nothing, when the OAuth service cannot be reached', async () => {
    await storeLogin();
    const tokens = await openTokens();
    disk.control.expireTokens();
    disk.wire.faults.add({ role: 'oauth', fault: { kind: 'reset' } });
    await expect(tokens.refused(await tokens.accessToken())).rejects.toMatchObject({ code: 'offline' });
    disk.wire.faults.clear();
    await withApi(tokens, (api) => readDisk(api));
    expect(kinds()).toEqual(['renewed']);
  });

  it('does not renew for ever when the new token is refused as well', async () => {
    await storeLogin();
    const tokens = await openTokens();
    disk.wire.faults.add({ role: 'api', fault: { kind: 'status', status: 401, error: 'UnauthorizedError' } });
    await withApi(tokens, async (api) => {
      for (let round = 0; round < 5; round++) {
        await expect(readDisk(api)).rejects.toMatchObject({ code: 'login-needed' });
      }
    });
    expect(renewals()).toBe(1);
  });
});

describe('before the life of a token ends', () => {
  const settled = () => expect.poll(kinds).not.toEqual([]);

  it('renews a token of a year when 30 days are left, behind the back of whoever asks', async () => {
    const login = await storeLogin();
    const tokens = await openTokens();
    pass(334 * dayMs);
    expect(await tokens.accessToken()).toBe(login.accessToken);
    pass(2 * dayMs);
    expect(await tokens.accessToken()).toBe(login.accessToken);
    await settled();
    expect(kinds()).toEqual(['renewed']);
    expect(Date.parse((await store.read('default'))?.expiresAt ?? '') - nowMs).toBeGreaterThan(364 * dayMs);
    await tokens.accessToken();
    expect(renewals()).toBe(1);
  });

  it('renews a token of an hour when six minutes are left', async () => {
    await restartDisk({ accessTokenLifeMs: 3600_000 });
    await storeLogin();
    const tokens = await openTokens();
    pass(53 * 60_000);
    await tokens.accessToken();
    expect(renewals()).toBe(0);
    pass(2 * 60_000);
    await tokens.accessToken();
    await settled();
    expect(kinds()).toEqual(['renewed']);
  });

  it.each([
    ['cannot be reached', { kind: 'reset' } as const, 'offline'],
    ['refuses', { kind: 'status', status: 400, error: 'invalid_grant' } as const, 'login-needed'],
  ])('goes on with the old token, quietly, when the service %s', async (_, fault, code) => {
    const login = await storeLogin();
    const tokens = await openTokens();
    disk.wire.faults.add({ role: 'oauth', fault });
    pass(340 * dayMs);
    await tokens.accessToken();
    await settled();
    expect(notices).toMatchObject([{ kind: 'not-renewed', failure: { code } }]);
    for (let round = 0; round < 10; round++) {
      pass(60_000);
      expect(await tokens.accessToken()).toBe(login.accessToken);
    }
    expect(renewals()).toBe(1);
    disk.wire.faults.clear();
    pass(3600_000);
    await tokens.accessToken();
    await expect.poll(kinds).toEqual(['not-renewed', 'renewed']);
  });

  it('renews a token whose end has passed before it is used, and asks the server when that fails', async () => {
    await restartDisk({ refreshKeepsAccessToken: false });
    const login = await storeLogin();
    const tokens = await openTokens();
    pass(366 * dayMs);
    expect(await tokens.accessToken()).not.toBe(login.accessToken);
    disk.wire.faults.add({ role: 'oauth', fault: { kind: 'reset' } });
    const second = await store.read('default');
    pass(366 * dayMs);
    // Our clock may be wrong; the server has the last word.
    expect(await tokens.accessToken()).toBe(second?.accessToken);
  });
});

describe('while it runs', () => {
  it('hears of a new login, also when it had given up', async () => {
    await storeLogin();
    const tokens = await openTokens();
    const second = await storeLogin();
    pass(3_000);
    expect(await tokens.accessToken()).toBe(second.accessToken);
    disk.control.revokeAllTokens();
    await expect(withApi(tokens, (api) => readDisk(api))).rejects.toMatchObject({ code: 'login-needed' });
    const third = await storeLogin();
    pass(1_000);
    expect(await tokens.accessToken()).toBe(third.accessToken);
    await withApi(tokens, (api) => readDisk(api));
    expect(kinds()).toEqual(['heard', 'lost', 'heard']);
  });

  it('takes a 401 as a hint to look for a new login first', async () => {
    await storeLogin();
    const tokens = await openTokens();
    disk.control.revokeAllTokens();
    await storeLogin();
    await withApi(tokens, (api) => readDisk(api));
    expect(renewals()).toBe(0);
  });

  it('is logged out with everybody else, and back again', async () => {
    const login = await storeLogin();
    const tokens = await openTokens();
    await store.hold('default', (held) => held.remove());
    pass(3_000);
    await expect(tokens.accessToken()).rejects.toMatchObject({ code: 'login-needed', message: 'Logged out' });
    await expect(tokens.refused(login.accessToken)).rejects.toMatchObject({ code: 'login-needed' });
    await store.hold('default', (held) => held.write(login));
    pass(3_000);
    expect(await tokens.accessToken()).toBe(login.accessToken);
    expect(kinds()).toEqual(['lost', 'heard']);
  });

  it('never becomes the login of somebody else, and never touches theirs', async () => {
    const login = await storeLogin();
    const tokens = await openTokens();
    const theirs = await storeLogin({ person: { uid: '200000002', login: 'boris' } });
    pass(3_000);
    const refused = { code: 'login-needed', message: expect.stringContaining('somebody else') };
    await expect(tokens.accessToken()).rejects.toMatchObject(refused);
    await expect(tokens.refused(login.accessToken)).rejects.toMatchObject(refused);
    pass(100_000_000);
    await expect(tokens.accessToken()).rejects.toMatchObject(refused);
    expect(await store.read('default')).toEqual(theirs);
    const back = await storeLogin();
    pass(3_000);
    expect(await tokens.accessToken()).toBe(back.accessToken);
  });

  it('does not renew for somebody else whose login it finds under the lock', async () => {
    const login = await storeLogin();
    const tokens = await openTokens();
    disk.control.expireTokens();
    const stamp = store.stamp.bind(store);
    const theirs = { ...login, accessToken: 'theirs', person: { uid: '200000002' } };
    // It looks at the file, and only then the other login is stored.
    store.stamp = async (name) => {
      const seen = await stamp(name);
      store.stamp = stamp;
      await store.hold('default', (held) => held.write(theirs));
      return seen;
    };
    await expect(tokens.refused(login.accessToken)).rejects.toMatchObject({ code: 'login-needed' });
    expect(renewals()).toBe(0);
    expect(await store.read('default')).toEqual(theirs);
  });

  it('works on with a token that works while the file cannot be read', async () => {
    const login = await storeLogin();
    const tokens = await openTokens();
    await writeFile(store.path('default'), 'damaged');
    pass(3_000);
    expect(await tokens.accessToken()).toBe(login.accessToken);
    pass(3_000);
    expect(await tokens.accessToken()).toBe(login.accessToken);
    expect(kinds()).toEqual(['not-read']);
  });

  it('keeps renewed tokens that could not be stored, and stores them as soon as it can', async () => {
    const login = await storeLogin();
    const tokens = await openTokens();
    disk.control.expireTokens();
    const path = store.path('default');
    const text = await readFile(path, 'utf8');
    const mendStore = breakWriting();
    await withApi(tokens, (api) => readDisk(api));
    expect(kinds()).toEqual(['not-saved', 'renewed']);
    expect(await readFile(path, 'utf8')).toBe(text);
    pass(3_000);
    await tokens.accessToken();
    disk.control.expireTokens();
    pass(100_000);
    await withApi(tokens, (api) => readDisk(api));
    expect(renewals()).toBe(2);
    mendStore();
    pass(3_000);
    const token = await tokens.accessToken();
    const stored = await store.read('default');
    expect(stored?.accessToken).toBe(token);
    expect(stored?.refreshToken).not.toBe(login.refreshToken);
    const again = await openTokens();
    disk.control.expireTokens();
    await withApi(again, (api) => readDisk(api));
  });

  it('does not bring back a login that was removed while it could not store its own', async () => {
    await storeLogin();
    const tokens = await openTokens();
    disk.control.expireTokens();
    const mendStore = breakWriting();
    await withApi(tokens, (api) => readDisk(api));
    mendStore();
    await unlink(store.path('default'));
    pass(3_000);
    await expect(tokens.accessToken()).rejects.toMatchObject({ message: 'Logged out' });
    expect(await store.read('default')).toBeUndefined();
  });

  it('puts right a file that others could read', async () => {
    const login = await storeLogin();
    const mended: string[] = [];
    const tokens = await openTokens(new AccountStore(folder, (path) => mended.push(path)));
    await chmod(store.path('default'), 0o640);
    await storeLogin();
    await chmod(store.path('default'), 0o640);
    pass(3_000);
    expect(await tokens.accessToken()).not.toBe(login.accessToken);
    expect(mended).toEqual([store.path('default')]);
  });
});
