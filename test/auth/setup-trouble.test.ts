import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isWhole } from '../all-tests.ts';
import {
  expectNothingStored,
  finish,
  logIn,
  oauthRequests,
  start,
  storedLogin,
  userOfEachTest,
} from './login-fixture.ts';

const user = userOfEachTest();

describe('a network that is cut', () => {
  it.each([
    ['when a code is asked for', { role: 'oauth' }],
    ['before the reply to that comes', { route: 'oauth.device-code' }],
  ])('%s: no login, exit 4', async (_, which) => {
    user.disk.wire.faults.add({ ...which, fault: { kind: 'reset' } });
    const setup = await finish(user.withApp, 'setup', '--json');
    expect(setup).toMatchObject({ code: 4, events: [{ event: 'error', code: 'offline' }] });
    expect(setup.stderr).toContain('No connection');
    await expectNothingStored(user);
  });

  it('while the code waits: the wait goes on', async () => {
    const setup = start(user.withApp, ['setup', '--json']);
    await setup.said('"code"');
    const fault = user.disk.wire.faults.add({ role: 'oauth', fault: { kind: 'reset' } });
    await setup.said('"problem":"No connection');
    user.disk.control.approveDevice();
    user.disk.wire.faults.remove(fault);
    expect(await setup.ended).toBe(0);
  });

  it('while the code waits, until it is too old: exit 4', async () => {
    user.disk.control.set({ deviceCodeLifeMs: 3000 });
    const setup = start(user.withApp, ['setup', '--json']);
    await setup.said('"code"');
    user.disk.wire.faults.add({ role: 'oauth', fault: { kind: 'reset' } });
    expect(await setup.ended).toBe(4);
    await expectNothingStored(user);
  });

  it('when the tokens were on their way: another code', async () => {
    user.disk.wire.faults.add({ route: 'oauth.token', skip: 1, count: 1, fault: { kind: 'lost-reply' } });
    user.disk.control.set({ deviceAutoApproveAfterPolls: 1 });
    const setup = await finish(user.withApp, 'setup', '--json');
    expect(setup.code).toBe(0);
    expect(setup.events.filter(({ event }) => event !== 'pending').map(({ event }) => event)).toEqual([
      'code',
      'expired',
      'code',
      'stored',
      'done',
    ]);
  });

  it('when the Disk is asked whose it is: the login is kept, and completed later', async () => {
    user.disk.control.set({ deviceAutoApproveAfterPolls: 0 });
    user.disk.wire.faults.add({ role: 'api', fault: { kind: 'reset' } });
    const setup = await finish(user.withApp, 'setup', '--json');
    expect(setup.code).toBe(4);
    expect(setup.events.map(({ event }) => event)).toEqual(['stored', 'error']);
    expect(setup.stderr).toContain('Logged in, but');
    expect(await storedLogin(user)).not.toHaveProperty('person');
    expect((await finish(user.environment, 'accounts')).stdout).toContain('not known yet');
    expect(await finish(user.environment, 'info')).toMatchObject({ code: 4 });
    user.disk.wire.faults.clear();
    expect(await finish(user.environment, 'info')).toMatchObject({ code: 0 });
    expect(await storedLogin(user)).toMatchObject({ person: { uid: '100000001' } });
  });

  it('when the Disk is asked, and there is a login of somebody that might be lost: that one stays', async () => {
    await logIn(user);
    const before = await storedLogin(user);
    user.disk.control.set({ deviceAutoApproveAfterPolls: 0 });
    user.disk.wire.faults.add({ role: 'api', fault: { kind: 'reset' } });
    expect(await finish(user.withApp, 'setup')).toMatchObject({ code: 4 });
    expect(await storedLogin(user)).toEqual(before);
  });

  it('answers with a page of its own: said as such', async () => {
    user.disk.wire.faults.add({ role: 'oauth', fault: { kind: 'status', status: 200, body: 'html' } });
    const setup = await finish(user.withApp, 'setup');
    expect(setup).toMatchObject({ code: 1, stderr: expect.stringContaining('not one of Yandex OAuth') });
  });
});

describe('a stored login that is', () => {
  it('of a later version is left alone, before anybody takes trouble', async () => {
    await logIn(user);
    const newer = JSON.stringify({ version: 2 });
    await writeFile(user.accountFile(), newer);
    const asked = oauthRequests(user, 'oauth.device-code');
    for (const command of ['setup', 'logout', 'info']) {
      expect(await finish(user.withApp, command)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('newer'),
      });
    }
    expect(oauthRequests(user, 'oauth.device-code')).toBe(asked);
    expect(await readFile(user.accountFile(), 'utf8')).toBe(newer);
    expect((await finish(user.environment, 'accounts')).stdout).toContain('newer');
  });

  it('damaged is replaced by setup, and removed by logout', async () => {
    await logIn(user);
    await writeFile(user.accountFile(), '{"version":1');
    expect(await finish(user.environment, 'info')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('yadiskfs setup'),
    });
    await logIn(user);
    expect(await finish(user.environment, 'info')).toMatchObject({ code: 0 });
    await writeFile(user.accountFile(), '{"version":1');
    expect(await finish(user.environment, 'logout')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('could not be read'),
    });
    expect(await readdir(dirname(user.accountFile()))).toEqual([]);
  });
});

it.each([
  ['YADISKFS_OAUTH_URL', 'http://example.com'],
  ['YADISKFS_OAUTH_URL', 'no address'],
  ['YADISKFS_API_URL', 'http://example.com/v1/disk'],
])('refuses %s=%s, which would send secrets in the clear', async (variable, value) => {
  for (const command of isWhole ? ['setup', 'logout', 'info'] : ['setup']) {
    const refused = await finish({ ...user.withApp, [variable]: value }, command);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(variable) });
  }
});

it.each([
  ['an unknown option', ['setup', '--tokn', 'y0_geheim'.repeat(5)]],
  ['a word too many', ['setup', 'y0_geheim'.repeat(5)]],
  ['an option without its value', ['setup', '--token']],
  ['an option twice as good as none', ['setup', '--account']],
])('%s is wrong use', async (_, args) => {
  const wrong = await finish(user.withApp, ...args);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).not.toContain('geheim');
});
