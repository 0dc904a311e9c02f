import { execFile } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { program } from '../mount/mounted-disk.ts';
import { finish, logIn, start, storedLogin, userOfEachTest } from './login-fixture.ts';

const user = userOfEachTest();

const isStored = () =>
  access(user.accountFile()).then(
    () => true,
    () => false,
  );
const statusWith = async (token: unknown) =>
  (await fetch(`${user.disk.apiUrl}/operations/0000`, { headers: { authorization: `OAuth ${token}` } }))
    .status;

describe('logout', () => {
  it('withdraws the token at the server and forgets it here', async () => {
    await logIn(user);
    const { accessToken } = await storedLogin(user);
    expect(await statusWith(accessToken)).toBe(404);
    expect(await finish(user.environment, 'logout', '--json')).toMatchObject({
      code: 0,
      events: [{ account: 'default', removed: true, revoked: true }],
    });
    expect(await statusWith(accessToken)).toBe(401);
    expect(await isStored()).toBe(false);
    expect(await finish(user.environment, 'info')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('yadiskfs setup'),
    });
    expect(await finish(user.environment, 'logout')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('Nobody is logged in'),
    });
  });

  it('says that a token without a device cannot be withdrawn, and forgets it all the same', async () => {
    const setup = start(user.environment, ['setup', '--token', '-'], user.disk.token);
    await setup.ended;
    const logout = await finish(user.withApp, 'logout');
    expect(logout).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/only tokens that were given to a device.*https:/s),
    });
    expect(await isStored()).toBe(false);
    expect(await statusWith(user.disk.token)).toBe(404);
  });

  it('says that a token without its app cannot be withdrawn', async () => {
    await start(user.environment, ['setup', '--token', '-'], user.disk.token).ended;
    const logout = await finish(user.environment, 'logout', '--json');
    expect(logout).toMatchObject({
      code: 0,
      events: [{ removed: true, revoked: false, reason: expect.stringContaining('app') }],
    });
  });

  it('forgets a token that is dead already', async () => {
    await logIn(user);
    user.disk.control.revokeAllTokens();
    expect(await finish(user.environment, 'logout')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('withdrawn'),
    });
  });

  it('without a network forgets it here, says that it lives on, and exits with 4', async () => {
    await logIn(user);
    user.disk.wire.faults.add({ role: 'oauth', fault: { kind: 'reset' } });
    const logout = await finish(user.environment, 'logout');
    expect(logout).toMatchObject({
      code: 4,
      stdout: expect.stringContaining('is forgotten here; Yandex still knows its token'),
      stderr: expect.stringMatching(/No connection.*ends by itself on 20\d\d-/s),
    });
    expect(await isStored()).toBe(false);
  });

  it('takes one account, not another', async () => {
    await logIn(user);
    await logIn(user, '--account', 'work');
    expect(await finish(user.environment, 'logout', '--account', 'work')).toMatchObject({ code: 0 });
    expect((await finish(user.environment, 'accounts')).stdout).toMatch(/^default /);
    expect(await finish(user.environment, 'info')).toMatchObject({ code: 0 });
  });
});

describe('info', () => {
  it('tells user, room, trash, largest file and revision, for people and for programs', async () => {
    user.disk.model.putFile('disk:/a.bin', Buffer.alloc(3 << 20));
    user.disk.model.putFile('disk:/b.bin', Buffer.alloc(1 << 20));
    user.disk.model.remove('disk:/b.bin');
    await logIn(user);
    const { stdout } = await finish(user.environment, 'info');
    expect(stdout).toMatch(/^User: +testuser \(100000001\)$/m);
    expect(stdout).toMatch(/^Used: +4\.0 MiB of 42\.0 GiB \(0 %\)$/m);
    expect(stdout).toMatch(/^Free: +42\.0 GiB$/m);
    expect(stdout).toMatch(/^Trash: +1\.0 MiB/m);
    expect(stdout).toMatch(/^Largest file: 1\.0 GiB$/m);
    expect(stdout).toMatch(/^Revision: +\d{16}$/m);
    expect((await finish(user.environment, 'info', '--json')).events).toEqual([
      {
        account: 'default',
        user: { uid: '100000001', login: 'testuser', displayName: 'testuser' },
        quota: {
          totalBytes: 45097156608,
          usedBytes: 4 << 20,
          freeBytes: 45097156608 - (4 << 20),
          trashBytes: 1 << 20,
        },
        largestFileBytes: 1 << 30,
        revision: expect.any(Number),
        isPaid: false,
      },
    ]);
  });

  it('works with a ready token, and says when that is no good', async () => {
    const ready = { ...user.environment, YADISKFS_TOKEN: user.disk.token };
    expect(await finish(ready, 'info')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('testuser'),
    });
    expect(await finish({ ...ready, YADISKFS_TOKEN: 'y0_geheim' }, 'info')).toMatchObject({ code: 3 });
    const odd = await finish({ ...ready, YADISKFS_TOKEN: 'y0_geheim\n' }, 'info');
    expect(odd).toMatchObject({ code: 3, stderr: expect.stringContaining('YADISKFS_TOKEN') });
    expect(odd.stderr).not.toContain('geheim');
  });

  it('renews a token that has expired, and stores the new one', async () => {
    user.disk.control.set({ refreshKeepsAccessToken: false });
    await logIn(user);
    const before = await storedLogin(user);
    user.disk.control.expireTokens();
    expect(await finish(user.environment, 'info')).toMatchObject({ code: 0, stderr: '' });
    const after = await storedLogin(user);
    expect(after['accessToken']).not.toBe(before['accessToken']);
    expect(after['refreshToken']).not.toBe(before['refreshToken']);
    expect(after).toMatchObject({ app: before['app'], person: before['person'] });
  });

  it('says what to do when the login was withdrawn elsewhere', async () => {
    await logIn(user, '--account', 'work');
    const before = await readFile(user.accountFile('work'), 'utf8');
    user.disk.control.revokeAllTokens();
    expect(await finish(user.environment, 'info', '--account', 'work', '--json')).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/"code":"login-needed".*yadiskfs setup --account work/),
    });
    expect(await readFile(user.accountFile('work'), 'utf8')).toBe(before);
  });

  it('says that there is no network', async () => {
    await logIn(user);
    user.disk.wire.faults.add({ role: 'api', fault: { kind: 'reset' } });
    expect(await finish(user.environment, 'info')).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/No connection.*\n +Check the network\.\n/),
    });
  });
});

it('accounts says that nobody is logged in, and that a token in the environment goes first', async () => {
  expect(await finish(user.environment, 'accounts')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('yadiskfs setup'),
  });
  expect((await finish(user.environment, 'accounts', '--json')).events).toEqual([{ accounts: [] }]);
  expect((await finish({ ...user.environment, YADISKFS_TOKEN: 'x' }, 'accounts')).stdout).toContain(
    'YADISKFS_TOKEN is set',
  );
});

it('ends quietly when nobody reads its answer, and with a word when that cannot be written', async () => {
  await logIn(user);
  const info = `'${process.execPath}' '${program}' info`;
  const bash = (line: string) =>
    promisify(execFile)('bash', ['-c', line], { env: user.environment }).catch(
      (error: { stdout: string; stderr: string }) => error,
    );
  const unread = await bash(`${info} | true; echo "rc=\${PIPESTATUS[0]}"`);
  expect(unread).toMatchObject({ stdout: 'rc=141\n', stderr: '' });
  const full = await bash(`${info} > /dev/full; echo "rc=$?"`);
  expect(full).toMatchObject({ stdout: 'rc=1\n', stderr: 'yadiskfs: cannot write the answer (ENOSPC)\n' });
});
