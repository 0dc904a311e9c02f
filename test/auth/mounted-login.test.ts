import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isMounted } from '../mount/mounted-disk.ts';
import { finish, logIn, type NewUser, newUser, start, storedLogin } from './login-fixture.ts';

let user: NewUser;
let mountpoints: string[];

beforeEach(async () => {
  user = await newUser({ refreshKeepsAccessToken: false });
  user.disk.model.putFile('disk:/one.txt', 'one');
  // Folders that nobody has looked into yet: only the server knows what is in them.
  for (const name of ['a', 'b', 'c']) user.disk.model.putFile(`disk:/${name}/inside.txt`, name);
  mountpoints = [];
});
afterEach(async () => {
  for (const mountpoint of mountpoints) {
    if (await isMounted(mountpoint)) await finish(user.environment, 'umount', '--force', mountpoint);
  }
  await user.close();
});

/** The user's surroundings with another state folder: what is known of a Disk belongs to one mount at a time, a login to all. */
const withOwnState = (environment: NodeJS.ProcessEnv, name: string): NodeJS.ProcessEnv => ({
  ...environment,
  YADISKFS_STATE_DIR: join(user.folder, name),
});

/** Mounts in the background; `log` is what the mount has said since. */
async function mount(environment = user.environment, ...args: string[]) {
  const mountpoint = join(user.folder, `disk-${mountpoints.length}`);
  const logFile = `${mountpoint}.log`;
  await mkdir(mountpoint);
  mountpoints.push(mountpoint);
  const mounted = await finish(
    environment,
    'mount',
    mountpoint,
    ...[
      '--read-only',
      '--daemon',
      '--poll-interval',
      '0.1s',
      '--log-level',
      'debug',
      '--log-file',
      logFile,
      ...args,
    ],
  );
  return { ...mounted, mountpoint, log: () => readFile(logFile, 'utf8') };
}
const codeOf = (task: Promise<unknown>) =>
  task.then(
    () => 'fine',
    (error: { code?: string }) => error.code,
  );
const renewals = () => user.disk.wire.requestLog.list().filter(({ route }) => route === 'oauth.token').length;

describe('a mount with a stored login', () => {
  it('needs one', async () => {
    expect(await mount()).toMatchObject({ code: 3, stderr: expect.stringContaining('yadiskfs setup') });
  });

  it('works, also in the background, and keeps no secret of the app in its environment', async () => {
    await logIn(user);
    const { code, stdout, mountpoint } = await mount(user.withApp);
    expect(code).toBe(0);
    expect(await readdir(mountpoint)).toEqual(['a', 'b', 'c', 'one.txt']);
    const pid = Number(/process (\d+)/.exec(stdout)?.[1]);
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1');
    expect(environment).toContain('YADISKFS_CONFIG_DIR');
    expect(environment).not.toContain(user.disk.settings.clientSecret);
  });

  it('finds its login by a folder that was named relative to where it was started', async () => {
    await logIn(user);
    const relative = { ...user.environment, YADISKFS_CONFIG_DIR: relativeTo(user.folder, 'config') };
    expect(await mount(relative)).toMatchObject({ code: 0 });
  });

  it('takes the account that is named, before a token of the environment', async () => {
    await logIn(user, '--account', 'work');
    const odd = { ...user.environment, YADISKFS_TOKEN: 'wrong' };
    expect(await mount(odd)).toMatchObject({ code: 3 });
    expect(await mount(odd, '--account', 'work')).toMatchObject({ code: 0 });
    expect(await mount(withOwnState(odd, 'state-2'), '-o', 'account=work')).toMatchObject({ code: 0 });
  });

  it('goes on when its token expires: one renewal, no error', async () => {
    await logIn(user);
    const { mountpoint, log } = await mount();
    const before = await storedLogin(user);
    const asked = renewals();
    user.disk.control.expireTokens();
    user.disk.model.putFile('disk:/two.txt', 'two');
    const reads = Array.from({ length: 8 }, () => readdir(mountpoint));
    await Promise.all(reads);
    await expect
      .poll(() => readdir(mountpoint), { timeout: 10_000 })
      .toEqual(['a', 'b', 'c', 'one.txt', 'two.txt']);
    expect(renewals() - asked).toBe(1);
    expect((await storedLogin(user))['refreshToken']).not.toBe(before['refreshToken']);
    expect(await log()).toContain('the token is renewed');
    expect(await log()).not.toContain('operation failed');
  });

  it('shares its login with another mount and with commands', async () => {
    await logIn(user);
    const [one, other] = [await mount(), await mount(withOwnState(user.environment, 'state-2'))];
    for (let round = 0; round < 3; round++) {
      user.disk.control.expireTokens();
      user.disk.model.putFile(`disk:/round-${round}.txt`, 'x');
      const names = [
        'a',
        'b',
        'c',
        'one.txt',
        ...Array.from({ length: round + 1 }, (_, index) => `round-${index}.txt`),
      ];
      await Promise.all([
        expect.poll(() => readdir(one.mountpoint), { timeout: 10_000 }).toEqual(names),
        expect.poll(() => readdir(other.mountpoint), { timeout: 10_000 }).toEqual(names),
        expect(finish(user.environment, 'info')).resolves.toMatchObject({ code: 0 }),
      ]);
    }
    expect(await one.log()).not.toContain('a login is needed');
    expect(await other.log()).not.toContain('a login is needed');
  });

  it('says that a login is needed when it was withdrawn, and goes on by itself after a setup', async () => {
    await logIn(user);
    const { mountpoint, log } = await mount();
    expect(await readFile(join(mountpoint, 'one.txt'), 'utf8')).toBe('one');
    user.disk.control.revokeAllTokens();
    expect(await codeOf(readdir(join(mountpoint, 'a')))).toBe('EACCES');
    expect(await log()).toContain('a login is needed');
    await logIn(user);
    await expect.poll(() => codeOf(readdir(join(mountpoint, 'a'))), { timeout: 3_000 }).toBe('fine');
    expect(await log()).toContain('another login is stored');
  });

  it('stops when it is logged out, and is not taken over by somebody else', async () => {
    await logIn(user);
    const { mountpoint, log } = await mount();
    await finish(user.environment, 'logout');
    // The file of the login is looked at every two seconds.
    await expect.poll(log, { timeout: 10_000 }).toContain('a login is needed');
    expect(await codeOf(readdir(join(mountpoint, 'a')))).toBe('EACCES');
    user.disk.control.set({ uid: '200000002', login: 'boris' });
    await logIn(user);
    const theirs = await storedLogin(user);
    for (const name of ['a', 'b', 'c']) {
      expect(await codeOf(readdir(join(mountpoint, name)))).toBe('EACCES');
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(await log()).toContain('now belongs to somebody else');
    expect(await storedLogin(user)).toEqual(theirs);
    expect(await finish(user.environment, 'umount', mountpoint)).toMatchObject({ code: 0 });
  });

  it('survives a login that cannot be read, and says so once', async () => {
    await logIn(user);
    const { mountpoint, log } = await mount();
    await writeFile(user.accountFile(), '{');
    for (const name of ['a', 'b', 'c']) {
      await new Promise((resolve) => setTimeout(resolve, 2_100));
      expect(await readdir(join(mountpoint, name))).toEqual(['inside.txt']);
    }
    expect((await log()).match(/cannot be looked at/g)).toHaveLength(1);
  });
});

it('a mount in the foreground ends with Ctrl-C although a renewal hangs', async () => {
  await logIn(user);
  const mountpoint = join(user.folder, 'disk-foreground');
  await mkdir(mountpoint);
  mountpoints.push(mountpoint);
  const running = start(user.environment, ['mount', mountpoint, '--read-only', '--poll-interval', '0.1s']);
  await expect.poll(() => isMounted(mountpoint), { timeout: 10_000 }).toBe(true);
  await readdir(mountpoint);
  user.disk.wire.faults.add({ role: 'oauth', fault: { kind: 'silence' } });
  user.disk.control.expireTokens();
  const reading = codeOf(readdir(mountpoint));
  await new Promise((resolve) => setTimeout(resolve, 500));
  const startedAtMs = performance.now();
  running.process.kill('SIGINT');
  expect(await running.ended).toBe(0);
  expect(performance.now() - startedAtMs).toBeLessThan(25_000);
  await reading;
}, 90_000);

function relativeTo(folder: string, name: string): string {
  return join('..'.concat('/..'.repeat(process.cwd().split('/').length)), folder, name);
}
