import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isWhole } from '../all-tests.ts';
import {
  expectNothingStored,
  filesUnder,
  finish,
  logIn,
  modeOf,
  oauthRequests,
  start,
  storedLogin,
  userOfEachTest,
} from './login-fixture.ts';

const user = userOfEachTest();

describe('a login with a code, nobody at the terminal', () => {
  it('tells every step as a line of JSON, and stores a login that works', async () => {
    const setup = start(user.withApp, ['setup', '--json']);
    await setup.said('"pending"');
    user.disk.control.approveDevice();
    expect(await setup.ended).toBe(0);
    const events = setup.events();
    expect(events.map(({ event }) => event).filter((event) => event !== 'pending')).toEqual([
      'code',
      'stored',
      'done',
    ]);
    expect(events[0]).toEqual({
      event: 'code',
      userCode: expect.stringMatching(/^[a-z0-9]{8}$/),
      verificationUrl: 'https://ya.ru/device',
      expiresInSec: 300,
    });
    expect(events.find(({ event }) => event === 'pending')).toMatchObject({
      remainingSec: expect.any(Number),
    });
    expect(events.at(-1)).toMatchObject({
      account: 'default',
      user: { uid: '100000001', login: 'testuser' },
      quota: { totalBytes: 45097156608, usedBytes: 0, freeBytes: 45097156608, trashBytes: 0 },
    });
    expect(setup.stderr()).toBe('');
    expect(await storedLogin(user)).toMatchObject({
      version: 1,
      app: { id: user.disk.settings.clientId, secret: user.disk.settings.clientSecret },
      person: { uid: '100000001', login: 'testuser', displayName: 'testuser' },
    });
    expect(await modeOf(user.accountFile())).toBe(0o600);
    expect(await modeOf(dirname(user.accountFile()))).toBe(0o700);
    expect((await finish(user.environment, 'info')).stdout).toMatch(
      /User: +testuser \(100000001\)\n.*42\.0 GiB/s,
    );
  });

  it('asks for nothing it was given, and asks the service as often as that allows', async () => {
    user.disk.control.set({ deviceAutoApproveAfterPolls: 2, devicePolledTooFast: 'invalid_request' });
    expect(await finish(user.withApp, 'setup')).toMatchObject({ code: 0 });
    const [{ app }] = [await storedLogin(user)];
    // A second login takes the app of the first.
    const again = await finish(user.environment, 'setup', '--json');
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect((await storedLogin(user))['app']).toEqual(app);
    const options = [
      '--client-id',
      user.disk.settings.clientId,
      '--client-secret',
      user.disk.settings.clientSecret,
    ];
    const given = await finish(user.environment, 'setup', '--account', 'second', ...options);
    expect(given).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('--client-secret stood in the list'),
    });
    const forPrograms = await finish(user.environment, 'setup', '--account', 'third', '--json', ...options);
    expect(forPrograms).toMatchObject({ code: 0, stderr: '' });
    expect(forPrograms.events[0]).toMatchObject({
      event: 'warning',
      message: expect.stringContaining('--client-secret stood in the list'),
    });
  });

  it('is one device, whoever logs in how often', async () => {
    user.disk.control.set({ deviceAutoApproveAfterPolls: 0 });
    await finish(user.withApp, 'setup');
    const [id] = [await readFile(`${user.folder}/config/device-id`, 'utf8')];
    await finish(user.withApp, 'setup', '--account', 'second');
    expect(await readFile(`${user.folder}/config/device-id`, 'utf8')).toBe(id);
    expect(id.trim()).toMatch(/^[\x21-\x7e]{6,50}$/);
    // Only tokens that were given to a device can be revoked.
    expect(await finish(user.environment, 'logout')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('withdrawn'),
    });
  });

  it('says how to make an app when there is none', async () => {
    const plain = await finish(user.environment, 'setup');
    expect(plain.code).toBe(2);
    for (const word of [
      'YADISKFS_CLIENT_ID',
      'https://oauth.yandex.ru/client/new',
      'cloud_api:disk.write',
      'verification_code',
    ]) {
      expect(plain.stderr).toContain(word);
    }
    const json = await finish(user.environment, 'setup', '--json');
    expect(json.events.map(({ event }) => event)).toEqual(['explain', 'error']);
    expect(json.events[0]).toMatchObject({
      page: 'https://oauth.yandex.ru/client/new',
      permissions: ['cloud_api:disk.info', 'cloud_api:disk.read', 'cloud_api:disk.write'],
    });
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'invalid', hint: expect.any(String) } });
  });

  it.each([
    ['ClientID', 'YADISKFS_CLIENT_ID'],
    ['Client secret', 'YADISKFS_CLIENT_SECRET'],
  ])('tells of a wrong %s before anybody types a code', async (_, variable) => {
    const wrong = await finish({ ...user.withApp, [variable]: 'wrong-geheim' }, 'setup', '--json');
    expect(wrong.code).toBe(3);
    expect(wrong.events.map(({ event }) => event)).toEqual(['error']);
    expect(`${wrong.stdout}${wrong.stderr}`).not.toContain('geheim');
    await expectNothingStored(user);
  });

  it('offers a new code when one expires, up to a bound', async () => {
    user.disk.control.set({ deviceCodeLifeMs: 1500 });
    const setup = await finish(user.withApp, 'setup', '--json');
    expect(setup.code).toBe(5);
    expect(
      setup.events.filter(({ event }) => event !== 'pending').map(({ event, again }) => [event, again]),
    ).toEqual([
      ['code', undefined],
      ['expired', true],
      ['code', undefined],
      ['expired', true],
      ['code', undefined],
      ['expired', false],
      ['error', undefined],
    ]);
    expect(new Set(setup.events.map(({ userCode }) => userCode)).size).toBe(4);
    await expectNothingStored(user);
  });

  it('logs in with the second code', async () => {
    user.disk.control.set({ deviceCodeLifeMs: 2000 });
    const setup = start(user.withApp, ['setup']);
    await setup.said('Here is a new one');
    user.disk.control.set({ deviceAutoApproveAfterPolls: 0 });
    expect(await setup.ended).toBe(0);
  });

  it.each([
    'access_denied',
    'invalid_grant',
  ] as const)('hears that the user said no (%s)', async (deviceDenied) => {
    user.disk.control.set({ deviceDenied });
    const setup = start(user.withApp, ['setup', '--json']);
    await setup.said('"code"');
    user.disk.control.denyDevice();
    if (deviceDenied === 'invalid_grant') {
      // Nobody can tell it from a code that has expired.
      await setup.said('"expired"');
      user.disk.control.set({ deviceDenied: 'access_denied' });
      await setup.said(/"code".*"code"/s);
      user.disk.control.denyDevice();
    }
    expect(await setup.ended).toBe(3);
    expect(setup.events().map(({ event }) => event)).toContain('denied');
    await expectNothingStored(user);
  });

  it('stores no token that lacks a permission, withdraws it, and says what to tick', async () => {
    const setup = start(user.withApp, ['setup', '--json']);
    await setup.said('"code"');
    user.disk.control.approveDevice(undefined, ['cloud_api:disk.info']);
    expect(await setup.ended).toBe(3);
    expect(setup.stderr()).toContain('cloud_api:disk.info, .read and .write');
    expect(oauthRequests(user, 'oauth.revoke')).toBe(1);
    await expectNothingStored(user);
  });
});

describe('a ready token', () => {
  it('is tried, and stored', async () => {
    const setup = start(
      user.environment,
      ['setup', '--token', '-', '--json'],
      `  ${user.disk.token}\nmore\n`,
    );
    expect(await setup.ended).toBe(0);
    expect(setup.stderr()).toBe('');
    expect(await storedLogin(user)).toMatchObject({
      accessToken: user.disk.token,
      person: { login: 'testuser' },
    });
    expect((await finish(user.environment, 'accounts')).stdout).toContain('does not renew itself');
  });

  it('on the command line is taken, with a word of warning', async () => {
    const setup = await finish(user.environment, 'setup', '--token', user.disk.token);
    expect(setup).toMatchObject({ code: 0, stderr: expect.stringContaining('list of processes') });
    expect(setup.stdout).toContain('42.0 GiB');
  });

  it.each([
    ['that is not good', 'y0_geheim', 3],
    ['of two words', 'y0_geheim x', 2],
    ['that is empty', '', 2],
  ])('%s is refused, not stored, not quoted', async (_, token, code) => {
    for (const setup of [
      start(user.environment, ['setup', '--token', '-'], token),
      start(user.environment, ['setup', `--token=${token}`]),
    ]) {
      expect(await setup.ended).toBe(code);
      expect(`${setup.stdout()}${setup.stderr()}`).not.toContain('geheim');
    }
    await expectNothingStored(user);
  });

  it('in the environment goes before what is stored, which is said', async () => {
    const setup = start(
      { ...user.environment, YADISKFS_TOKEN: 'other' },
      ['setup', '--token', '-'],
      user.disk.token,
    );
    expect(await setup.ended).toBe(0);
    expect(setup.stderr()).toContain('YADISKFS_TOKEN is set');
    const other = { ...user.environment, YADISKFS_TOKEN: 'other' };
    expect(await finish(other, 'info')).toMatchObject({ code: 3 });
    expect(await finish(other, 'info', '--account', 'default')).toMatchObject({ code: 0 });
  });
});

describe('several accounts', () => {
  it('stand side by side', async () => {
    await logIn(user);
    user.disk.control.set({ uid: '200000002', login: 'boris', displayName: 'Борис' });
    await logIn(user, '--account', 'работа');
    const { stdout } = await finish(user.environment, 'accounts', '--json');
    expect(JSON.parse(stdout).accounts).toMatchObject([
      { account: 'default', uid: '100000001', login: 'testuser', renewable: true },
      { account: 'работа', uid: '200000002', login: 'boris', displayName: 'Борис' },
    ]);
    expect((await finish(user.environment, 'accounts')).stdout).toMatch(
      /default {2}testuser.*\nработа {3}boris \(Борис, 200000002\)/,
    );
    expect(
      JSON.parse((await finish(user.environment, 'accounts', '--json', '--account', 'работа')).stdout)
        .accounts,
    ).toHaveLength(1);
  });

  it('are not replaced by somebody else unless that is wanted', async () => {
    await logIn(user);
    const before = await storedLogin(user);
    user.disk.control.set({ uid: '200000002', login: 'boris', deviceAutoApproveAfterPolls: 0 });
    const refused = await finish(user.withApp, 'setup');
    expect(refused).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/somebody else.*\n.*--account NAME.*--replace/),
    });
    expect(await storedLogin(user)).toEqual(before);
    expect(oauthRequests(user, 'oauth.revoke')).toBe(1);
    expect(await finish(user.withApp, 'setup', '--replace')).toMatchObject({ code: 0 });
    expect(await storedLogin(user)).toMatchObject({ person: { login: 'boris' } });
  });

  it.each(isWhole ? ['../x', 'a/b', '', '.x'] : ['../x'])('cannot be called %j', async (name) => {
    for (const command of ['setup', 'logout', 'info', 'accounts']) {
      expect(await finish(user.withApp, command, `--account=${name}`)).toMatchObject({ code: 2 });
    }
    expect([...(await filesUnder(user.folder)).keys()]).toEqual([]);
  });
});
