import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { personText } from '../../src/cli/disk-lines.ts';
import { codeCard } from '../../src/cli/login-card.ts';
import { program } from '../mount/mounted-disk.ts';
import { finish, logIn, type NewUser, newUser } from './login-fixture.ts';
import { type OddOAuth, startOddOAuth } from './odd-oauth.ts';

let user: NewUser;
let service: OddOAuth;

beforeEach(async () => {
  [user, service] = [await newUser(), await startOddOAuth()];
});
afterEach(() => Promise.all([user.close(), service.close()]));

it('asks for three codes, with pauses, when each is dead at once', async () => {
  const code = { device_code: 'D', user_code: 'abcd', verification_url: 'https://ya.ru/', interval: 1 };
  service.answer('/device/code', { status: 200, body: code });
  service.answer('/token', { status: 400, body: { error: 'invalid_grant' } });
  const startedAtMs = performance.now();
  const ended = await finish({ ...user.withApp, YADISKFS_OAUTH_URL: service.url }, 'setup', '--json');
  expect(ended.code).toBe(5);
  expect(service.requests.filter(({ path }) => path === '/device/code').length).toBe(3);
  expect(performance.now() - startedAtMs).toBeGreaterThan(1_900);
});

const foreign = 'Anna \u001b[2J\u0007\u202eevil';

it('shows no name that a terminal would obey', () => {
  const text = personText({ uid: '1', login: foreign, displayName: `${foreign} P.` });
  expect(text).toBe('Anna [2J evil (Anna [2J evil P., 1)');
});

it('shows no name of a file that a terminal would obey', async () => {
  await logIn(user);
  await writeFile(user.accountFile(foreign), '{}');
  const { stdout } = await finish(user.environment, 'accounts');
  expect(stdout).toContain('Anna [2J evil');
  expect([...foreign].filter((sign) => !/[ -~]/.test(sign) && stdout.includes(sign))).toEqual([]);
});

it('shows an address with dollar signs as it is', () => {
  const url = "https://ya.ru/?a=$&b=$'c=$`";
  const code = { deviceCode: 'D', userCode: 'a$&b', verificationUrl: url, intervalMs: 1, lifeMs: 1 };
  const card = codeCard(code, { columns: 200, rows: 5, colours: true, blocks: false });
  expect(card).toContain(`\u001b[1m${url}\u001b[22m`);
  expect(card).toContain('\u001b[1ma$&b\u001b[22m');
});

it('takes the last of an option that is given twice', async () => {
  await logIn(user, '--account', 'b');
  const ended = await finish(user.environment, 'accounts', '--account', 'a', '--account', 'b', '--json=true');
  expect(ended.code).toBe(0);
  expect(JSON.parse(ended.stdout).accounts).toMatchObject([{ account: 'b' }]);
});

it('ends when asked to, also while it waits for a token from a pipe', async () => {
  const child = spawn(
    process.execPath,
    [program, 'setup', '--token', '-', '--client-secret', 'x', '--json'],
    {
      env: user.environment,
      stdio: 'pipe',
    },
  );
  const ended = new Promise((resolve) => child.once('close', resolve));
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  try {
    // Half a line. The warning is the last thing that is said before it is read.
    child.stdin.write('half');
    await expect.poll(() => said, { timeout: 10_000 }).toContain('--client-secret stood');
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(JSON.parse(said.trim().split('\n').at(-1) ?? '')).toMatchObject({ error: { code: 'aborted' } });
  } finally {
    child.kill('SIGKILL');
  }
});
