import { spawn } from 'node:child_process';
import diagnostics from 'node:diagnostics_channel';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isWhole } from '../all-tests.ts';
import { isMounted, program } from '../mount/mounted-disk.ts';
import { filesUnder, finish, logIn, type NewUser, newUser, start, storedLogin } from './login-fixture.ts';

let user: NewUser;
let requests: { readonly url: string; readonly headers: string; readonly port: number | undefined }[];
let commandLines: Set<string>;
let watching: NodeJS.Timeout;

/** All that the stand-in's hosts are asked, with the addresses as they came. */
function onRequest(message: unknown): void {
  const { request } = message as { request: IncomingMessage };
  requests.push({
    url: request.url ?? '',
    headers: JSON.stringify(request.headers),
    port: request.socket.localPort,
  });
}

/** What everybody on this machine can see of processes. */
async function lookAtProcesses(): Promise<void> {
  for (const name of await readdir('/proc')) {
    if (/^\d+$/.test(name))
      commandLines.add(await readFile(`/proc/${name}/cmdline`, 'latin1').catch(() => ''));
  }
}

beforeEach(async () => {
  // The processes of other tests are seen as well, which type the usual one.
  user = await newUser({ refreshKeepsAccessToken: false, clientSecret: 'secret-of-this-test' });
  user.disk.model.putFile('disk:/a/inside.txt', 'some text');
  user.disk.model.putFile('disk:/one.txt', 'one');
  requests = [];
  commandLines = new Set();
  diagnostics.subscribe('http.server.request.start', onRequest);
  watching = setInterval(() => void lookAtProcesses(), 200);
});
afterEach(async () => {
  clearInterval(watching);
  diagnostics.unsubscribe('http.server.request.start', onRequest);
  const mountpoint = join(user.folder, 'disk');
  if (await isMounted(mountpoint)) await finish(user.environment, 'umount', '--force', mountpoint);
  await user.close();
});

describe('no secret is seen', () => {
  it('by anybody who reads what we print, log, store or ask for', async () => {
    const secrets = new Set([user.disk.settings.clientSecret]);
    const said: string[] = [];
    const learn = async () => {
      const login = await storedLogin(user);
      for (const name of ['accessToken', 'refreshToken']) secrets.add(String(login[name]));
    };
    const command = async (environment: NodeJS.ProcessEnv, ...args: string[]) => {
      const { code, stdout, stderr } = await finish(environment, ...args);
      said.push(stdout, stderr);
      return code;
    };

    const setup = start(user.withApp, ['setup', '--json']);
    await setup.said('"pending"');
    user.disk.control.approveDevice();
    expect(await setup.ended).toBe(0);
    said.push(setup.stdout(), setup.stderr());
    await learn();

    const mountpoint = join(user.folder, 'disk');
    await mkdir(mountpoint);
    const logFile = join(user.folder, 'mount.log');
    const options = ['--read-only', '--daemon', '--log-level', 'debug', '--log-file', logFile];
    expect(await command(user.withApp, 'mount', mountpoint, ...options, '--poll-interval', '0.1s')).toBe(0);
    expect(await readFile(join(mountpoint, 'one.txt'), 'utf8')).toBe('one');
    // Each of these makes the program speak about tokens: renewed, refused by both hosts, unreachable, withdrawn.
    user.disk.control.expireTokens();
    await readdir(join(mountpoint, 'a'));
    await learn();
    for (const fault of [
      { role: 'oauth', fault: { kind: 'reset' } },
      { role: 'oauth', fault: { kind: 'status', status: 400, error: 'weather' } },
      { role: 'oauth', fault: { kind: 'broken-json', how: 'cut' } },
      { role: 'api', fault: { kind: 'status', status: 403, error: 'ForbiddenError' } },
      { role: 'api', fault: { kind: 'broken-json', how: 'html' } },
    ] as const) {
      const id = user.disk.wire.faults.add(fault);
      user.disk.control.expireTokens();
      expect(await command(user.environment, 'info', '--json')).not.toBe(0);
      await readdir(join(mountpoint, 'a')).catch(() => {});
      user.disk.wire.faults.remove(id);
      await command(user.environment, 'info');
      await learn();
    }
    expect(await command({ ...user.withApp, YADISKFS_CLIENT_SECRET: 'wrong-geheim' }, 'setup')).toBe(3);
    secrets.add('wrong-geheim');
    await command(user.environment, 'accounts');
    await command(user.environment, 'accounts', '--json');
    const accountFile = user.accountFile();
    const files = await filesUnder(user.folder);
    await command(user.environment, 'logout', '--json');
    await readdir(join(mountpoint, 'a')).catch(() => {});
    await command(user.environment, 'info', '--json');
    // The last fault was taken for a network that wants a login page: the mount may have yet to see that it is gone.
    await expect
      .poll(() => readFile(logFile, 'utf8'), { timeout: 20_000, interval: 200 })
      .toContain('a login is needed');
    await command(user.environment, 'umount', mountpoint);

    const log = await readFile(logFile, 'utf8');
    expect(log).toContain('the token is renewed');
    expect(secrets.size).toBeGreaterThan(4);
    const stored = files.get(accountFile) ?? '';
    files.delete(accountFile);
    const places = {
      'what was printed': said.join('\n'),
      'the log': log,
      'other files': [...files].map(([path, text]) => `${path}\n${text}`).join('\n'),
      'file names': [...files.keys()].join('\n'),
      'files after the end': [...(await filesUnder(user.folder))].map(([, text]) => text).join('\n'),
      addresses: requests.map(({ url }) => url).join('\n'),
      'command lines': [...commandLines].join('\n'),
    };
    for (const secret of secrets) {
      for (const [place, text] of Object.entries(places)) {
        expect(text.includes(secret), `${secret.slice(0, 6)}… in ${place}`).toBe(false);
      }
    }
    // The search itself finds what is there to be found.
    expect(stored).toContain(user.disk.settings.clientSecret);
    expect(commandLines.size).toBeGreaterThan(3);
    const apiPort = Number(new URL(user.disk.apiUrl).port);
    const carried = requests.filter(({ headers }) => [...secrets].some((secret) => headers.includes(secret)));
    expect(carried.length).toBeGreaterThan(3);
    expect(new Set(carried.map(({ port }) => port))).toEqual(new Set([apiPort]));
  }, 120_000);

  it('in the list of processes, even if it was typed on the command line', async () => {
    user.disk.wire.faults.add({ role: 'api', fault: { kind: 'delay', delayMs: 1500 } });
    const typed = [
      ['setup', '--token', user.disk.token],
      ['setup', `--token=${user.disk.token}`, '--account', 'second'],
      ['setup', '--client-id', 'x', '--client-secret', 'typed-geheim', '--token', user.disk.token],
    ];
    for (const args of typed) {
      const setup = start(user.environment, args);
      await expect.poll(() => setup.stderr(), { timeout: 10_000 }).toContain('list of processes');
      const line = await readFile(`/proc/${setup.process.pid}/cmdline`, 'latin1');
      expect(line).toContain('yadiskfs setup');
      expect(line).not.toContain(user.disk.token);
      expect(line).not.toContain('geheim');
      expect(await setup.ended).toBe(0);
    }
  });
});

describe('a core dump', () => {
  /** Lets a process crash as by a fault of its own. @returns its memory as the kernel wrote it, or how much of it the kernel would write */
  async function crash(
    environment: NodeJS.ProcessEnv,
    args: readonly string[],
    ready: () => Promise<unknown>,
  ): Promise<{ readonly dump: Buffer | undefined; readonly filter: string }> {
    const folder = join(user.folder, 'crash');
    await mkdir(folder);
    const line = 'ulimit -c unlimited; exec "$@"';
    const child = spawn('bash', ['-c', line, 'bash', process.execPath, ...args], {
      env: environment,
      cwd: folder,
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await ready();
    const filter = (await readFile(`/proc/${child.pid}/coredump_filter`, 'utf8')).trim();
    child.kill('SIGABRT');
    await ended;
    const [name] = await readdir(folder);
    const dump = name === undefined ? undefined : await readFile(join(folder, name));
    await rm(folder, { recursive: true, force: true });
    return { dump, filter };
  }
  /** A pipe to another program, as with systemd, takes dumps out of a test's reach. */
  const kernelWritesFiles = async () =>
    !(await readFile('/proc/sys/kernel/core_pattern', 'utf8')).startsWith('|');

  it('of a mount holds no token', async () => {
    await logIn(user);
    const { accessToken, refreshToken } = await storedLogin(user);
    const mountpoint = join(user.folder, 'disk');
    await mkdir(mountpoint);
    const { dump, filter } = await crash(
      user.withApp,
      [program, 'mount', mountpoint, '--read-only'],
      async () => {
        await expect.poll(() => isMounted(mountpoint), { timeout: 10_000 }).toBe(true);
        await readdir(join(mountpoint, 'a'));
      },
    );
    // Bits of memory(7): no memory of ours, only what is the same on every machine.
    expect(Number.parseInt(filter, 16) & 0b1111).toBe(0);
    if (!(await kernelWritesFiles())) return;
    if (!dump) throw new Error('the kernel wrote no core dump');
    for (const secret of [accessToken, refreshToken, user.disk.settings.clientSecret]) {
      expect(dump.includes(String(secret))).toBe(false);
    }
  });

  it.runIf(isWhole)('of another program would', async () => {
    const code = 'globalThis.kept = process.env.SECRET + "!"; setInterval(() => {}, 1000)';
    const environment = { ...user.environment, SECRET: 'y0_geheim' };
    const { dump, filter } = await crash(environment, ['-e', code], async () => {
      await new Promise((resolve) => setTimeout(resolve, 500));
    });
    expect(Number.parseInt(filter, 16) & 0b1).toBe(1);
    if (await kernelWritesFiles()) expect(dump?.includes('y0_geheim!')).toBe(true);
  });
});
