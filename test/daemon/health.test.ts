import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeBundle } from '../../src/daemon/health/bundle.ts';
import type { Finding } from '../../src/daemon/health/finding.ts';
import { examineKeeping } from '../../src/daemon/health/keeping.ts';
import { examineMachine, thisMachine } from '../../src/daemon/health/machine.ts';
import { examineNetwork } from '../../src/daemon/health/network.ts';
import { openLog } from '../../src/daemon/log.ts';
import { Failure } from '../../src/errors.ts';
import { featuresOf } from '../../src/fuse/binding/features.ts';
import { standInClient } from '../disk-api/client.ts';
import { output, testFolder, yadiskfs } from '../mount/mounted-disk.ts';
import { standingDisk } from '../mount/standing-disk.ts';
import { writingDisk } from '../mount/writing/writing-disk.ts';
import { cert, key } from '../stand-in-tests/throw-away-certificate.ts';

const { signal } = new AbortController();
const log = await openLog({ level: 'silent', file: undefined, mayGoWithout: true });

function of(findings: readonly Finding[], check: string): Finding | undefined {
  return findings.find((finding) => finding.check === check);
}

describe('the machine', () => {
  it('is as tests need it', async () => {
    for (const { state } of await examineMachine(thisMachine)) expect(state).toBe('good');
  });

  it.each([
    ['no FUSE device', { fuseDevice: '/nonexistent' }, 'fuse-device', 'bad', 'modprobe fuse'],
    ['a FUSE device that is none', { fuseDevice: '/etc/hosts/x' }, 'fuse-device', 'bad', 'chmod'],
    ['no fusermount', { programFolders: [], isRoot: false }, 'fusermount', 'bad', 'apt install fuse3'],
    ['no fusermount, for root', { programFolders: [], isRoot: true }, 'fusermount', 'warning', 'fuse3'],
    [
      'a binding that is not mended',
      { features: () => featuresOf({} as never) },
      'binding',
      'warning',
      'C compiler',
    ],
    [
      'a binding that does not load',
      {
        features: () => {
          throw new Error('libfuse.so.2: cannot open');
        },
      },
      'binding',
      'bad',
      'libfuse2',
    ],
  ] as const)('%s is told with its remedy', async (_, change, check, state, remedy) => {
    const findings = await examineMachine({ ...thisMachine, ...change });
    expect(of(findings, check)).toMatchObject({ state, remedy: expect.stringContaining(remedy) });
  });
});

describe('the network', () => {
  const tokensOf = (token: string) => async () => ({ accessToken: async () => token });
  const networkOf = ({ apiUrl, oauthUrl }: { readonly apiUrl: string; readonly oauthUrl: string }) => ({
    ...{ apiUrl: new URL(apiUrl), oauthUrl: new URL(oauthUrl), dataUrl: undefined },
    now: Date.now,
    signal,
  });

  it('is good where the hosts answer and the token is', async () => {
    const { disk } = await standInClient();
    const network = networkOf(disk);
    const findings = await examineNetwork({ ...network, tokens: tokensOf(disk.token) });
    expect(findings.map(({ state }) => state)).toEqual(['good', 'good', 'good', 'good']);
    const wrong = await examineNetwork({ ...network, tokens: tokensOf('wrong') });
    expect(of(wrong, 'login')).toMatchObject({ state: 'bad', remedy: expect.stringContaining('setup') });
    const nobody = await examineNetwork({
      ...network,
      tokens: async () => {
        throw new Failure('login-needed', 'Nobody is logged in');
      },
    });
    expect(of(nobody, 'login')).toMatchObject({ state: 'bad', message: 'Nobody is logged in' });
    const late = await examineNetwork({
      ...network,
      tokens: tokensOf(disk.token),
      now: () => Date.now() - 3600_000,
    });
    expect(of(late, 'clock')).toMatchObject({
      state: 'bad',
      message: expect.stringContaining('behind'),
      remedy: expect.stringContaining('set-ntp'),
    });
  });

  it('tells which host cannot be reached', async () => {
    const findings = await examineNetwork({
      apiUrl: new URL('http://127.0.0.1:1/v1/disk'),
      oauthUrl: new URL('http://127.0.0.1:2/'),
      dataUrl: new URL('http://127.0.0.1:3/'),
      tokens: tokensOf('any'),
      now: Date.now,
      signal,
    });
    expect(of(findings, 'host 127.0.0.1:1')).toMatchObject({ state: 'bad' });
    expect(of(findings, 'host 127.0.0.1:2')).toMatchObject({ state: 'warning' });
    expect(of(findings, 'host 127.0.0.1:3')).toMatchObject({
      state: 'bad',
      remedy: expect.stringContaining('firewall'),
    });
    expect(of(findings, 'login')).toMatchObject({ state: 'warning' });
    expect(of(findings, 'clock')).toMatchObject({ state: 'warning' });
  });

  it('tells a certificate that nobody vouches for from a network that is gone', async () => {
    const { disk } = await standInClient({}, { tls: { cert, key } });
    const network = { apiUrl: new URL(disk.apiUrl), oauthUrl: new URL(disk.oauthUrl), dataUrl: undefined };
    const findings = await examineNetwork({ ...network, now: Date.now, signal, tokens: tokensOf('any') });
    expect(of(findings, `host ${network.apiUrl.host}`)).toMatchObject({
      state: 'bad',
      remedy: expect.stringContaining('ca-certificates'),
    });
  });

  it.each([
    ['a fault of the Disk', { kind: 'status', status: 503, body: 'html' }, 'bad', 'in some minutes'],
    ['a word that makes no sense', { kind: 'status', status: 200, body: 'empty' }, 'bad', 'in some minutes'],
    ['a login page', { kind: 'status', status: 200, body: 'html' }, 'warning', 'login page'],
  ] as const)('does not send anybody to log in again for %s', async (_, fault, state, remedy) => {
    const { disk } = await standInClient();
    disk.wire.faults.add({ role: 'api', fault });
    const findings = await examineNetwork({ ...networkOf(disk), tokens: tokensOf(disk.token) });
    expect(of(findings, 'login')).toMatchObject({ state, remedy: expect.stringContaining(remedy) });
  });

  it('tells that the Disk is full', async () => {
    const { disk } = await standInClient({ totalSpaceBytes: 1000 });
    disk.model.putFile('disk:/a', 'x'.repeat(990));
    const network = networkOf(disk);
    const findings = await examineNetwork({ ...network, tokens: tokensOf(disk.token) });
    expect(of(findings, 'login')).toMatchObject({
      state: 'warning',
      remedy: expect.stringContaining('trash empty'),
    });
  });
});

describe('what is kept here', { timeout: 120_000 }, () => {
  async function foldersOf() {
    const folder = await testFolder();
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = (name: string) => join(folder, name);
    return { config: path('config'), state: path('state'), cache: path('cache'), runtime: path('runtime') };
  }

  it('is good where nothing is yet, and bad where nothing can be', async () => {
    const folders = await foldersOf();
    for (const { state, check } of await examineKeeping(folders, log, signal))
      if (check !== 'mounts') expect(state).toBe('good');
    await writeFile(folders.cache, 'a file');
    await chmod(folders.cache, 0o600);
    expect(of(await examineKeeping(folders, log, signal), 'cache-folder')).toMatchObject({
      state: 'bad',
      remedy: expect.stringContaining('chown'),
    });
  });

  it('tells what waits, what was damaged, and what a newer version wrote', async () => {
    const disk = await writingDisk({ mountArguments: ['--write-back', '1h'] });
    await writeFile(disk.path('new'), 'new');
    expect(await disk.mounted().end()).toBe(0);
    const environment = disk.environment;
    const doctor = async () => {
      const { stdout, code } = await yadiskfs(environment, 'doctor', '--json');
      return { code, findings: JSON.parse(stdout).findings as Finding[] };
    };
    const waiting = await doctor();
    expect(of(waiting.findings, 'state')).toMatchObject({
      state: 'warning',
      message: expect.stringContaining('of disk:/ wait'),
    });
    const [folder = ''] = await disk.stateFolders();
    await writeFile(join(folder, 'tree.db.damaged-1'), '');
    const damaged = await doctor();
    expect(damaged.findings.map(({ message }) => message).join()).toContain('tree.db.damaged-1');
    const format = join(folder, 'format.json');
    await writeFile(format, JSON.stringify({ ...JSON.parse(await readFile(format, 'utf8')), version: 99 }));
    const newer = await doctor();
    expect(of(newer.findings, 'state')).toMatchObject({ state: 'bad' });
    expect(newer.code).toBe(1);
  });

  it.runIf(process.getuid?.() === 0)('tells of a disk with little room left', async () => {
    const folders = await foldersOf();
    await mkdir(folders.cache);
    await output('mount', '-t', 'tmpfs', '-o', 'size=1M', 'little', folders.cache);
    onTestFinished(async () => {
      await output('umount', folders.cache);
    });
    const findings = await examineKeeping(folders, log, signal);
    expect(of(findings, 'cache-folder')).toMatchObject({
      state: 'warning',
      message: `${folders.cache} has 1 MiB left on its disk`,
      remedy: expect.stringContaining('YADISKFS_CACHE_DIR'),
    });
  });

  it('tells of mounts that could not send, are off line, or need a login', async () => {
    const disk = await standingDisk({});
    onTestFinished(() => disk.close());
    await disk.mount('(writable)', '--poll-interval', '300ms', '--write-back', '100ms');
    const about = async (environment = disk.environment) => {
      const { stdout } = await yadiskfs(environment, 'doctor', '--json');
      const findings: Finding[] = JSON.parse(stdout).findings;
      return findings.find(({ message }) => message.includes(disk.mountpoint));
    };
    const { faults } = disk.disk.wire;
    const refused = { kind: 'status', status: 507 } as const;
    faults.add({ route: 'resources.upload-link', fault: refused, count: 1_000 });
    await writeFile(disk.path('big'), 'big');
    expect(await yadiskfs(disk.environment, 'flush')).toMatchObject({ code: 1 });
    expect(await about()).toMatchObject({
      state: 'warning',
      message: expect.stringContaining('could not be sent (1)'),
      remedy: 'yadiskfs unsent list',
    });
    const elsewhere = { ...disk.environment, YADISKFS_RUNTIME_DIR: join(disk.folder, 'elsewhere') };
    expect(await about(elsewhere)).toMatchObject({
      state: 'warning',
      remedy: expect.stringContaining('YADISKFS_RUNTIME_DIR'),
    });
    const gone = faults.add({ role: 'api', fault: { kind: 'reset' } });
    await expect.poll(about, { timeout: 60_000 }).toMatchObject({
      state: 'warning',
      message: expect.stringContaining('is off line'),
      remedy: expect.stringMatching('^Check the network'),
    });
    faults.remove(gone);
    disk.disk.control.revokeAllTokens();
    await expect.poll(about, { timeout: 60_000 }).toMatchObject({
      state: 'bad',
      message: expect.stringContaining('needs a login'),
      remedy: 'yadiskfs setup',
    });
  });

  it('tells what could not be sent of a Disk that is not mounted, and its remedy names it', async () => {
    const disk = await standingDisk({});
    onTestFinished(() => disk.close());
    const mount = await disk.mount('(writable)', '--write-back', '100ms');
    const refused = { kind: 'status', status: 507 } as const;
    disk.disk.wire.faults.add({ route: 'resources.upload-link', fault: refused });
    await writeFile(disk.path('big'), 'big');
    expect(await yadiskfs(disk.environment, 'flush')).toMatchObject({ code: 1 });
    expect(await mount.end()).toBe(0);
    const { stdout } = await yadiskfs(disk.environment, 'doctor', '--json');
    const told = of(JSON.parse(stdout).findings, 'state');
    expect(told).toMatchObject({
      state: 'warning',
      message: 'what was changed in disk:/ could not be sent (1)',
    });
    expect(told?.remedy).toBe('yadiskfs unsent list');
    const { unsent } = JSON.parse((await yadiskfs(disk.environment, 'unsent', 'list', '--json')).stdout);
    expect(unsent).toMatchObject([{ mountpoint: null, root: 'disk:/', path: 'big', code: 'no-space' }]);
  });

  it('tells of mounts that are dead, paused or do not answer', async () => {
    const disk = await standingDisk({});
    onTestFinished(() => disk.close());
    const mount = await disk.mount('(writable)');
    const about = async () => {
      const { stdout } = await yadiskfs(disk.environment, 'doctor', '--json');
      const findings: Finding[] = JSON.parse(stdout).findings;
      return findings.find(({ message }) => message.includes(disk.mountpoint));
    };
    expect(await about()).toMatchObject({ check: 'mounts', state: 'good' });
    await yadiskfs(disk.environment, 'pause');
    expect(await about()).toMatchObject({ state: 'warning', remedy: `yadiskfs resume '${disk.mountpoint}'` });
    await yadiskfs(disk.environment, 'resume');
    mount.process.kill('SIGSTOP');
    expect(await about()).toMatchObject({
      state: 'bad',
      message: expect.stringContaining('is stopped'),
      remedy: expect.stringContaining(`kill -CONT ${mount.process.pid}`),
    });
    mount.process.kill('SIGCONT');
    await mount.kill();
    expect(await about()).toMatchObject({
      state: 'bad',
      remedy: expect.stringContaining(`yadiskfs umount '${disk.mountpoint}'`),
    });
  });
});

describe('the report', () => {
  it('has no secret in it, and takes no place of another file', async () => {
    const folder = await testFolder();
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const state = join(folder, 'state');
    await mkdir(state);
    const link =
      'https://downloader.disk.yandex.ru/disk/0123456789abcdef0123456789abcdef/69f/tokentokentokentoken';
    await writeFile(join(state, 'yadiskfs.log.1'), '{"msg":"before the log was put aside"}\n');
    await writeFile(join(state, 'yadiskfs.log'), `{"msg":"read ${link}"}\n`);
    const file = join(folder, 'report.json');
    const environment = {
      YADISKFS_TOKEN: 'short',
      YADISKFS_CLIENT_SECRET: 'y0_AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      YADISKFS_STATE_DIR: state,
      HOME: '/home/someone',
    };
    const findings: Finding[] = [{ check: 'login', state: 'bad', message: 'short was refused' }];
    await writeBundle(file, findings, environment, state);
    const text = await readFile(file, 'utf8');
    for (const secret of ['"short', 'short was', 'y0_Ag', '0123456789abcdef0123', '/home/someone'])
      expect(text).not.toContain(secret);
    expect(JSON.parse(text)).toMatchObject({
      version: 1,
      settings: { YADISKFS_TOKEN: 'set', YADISKFS_CLIENT_SECRET: 'set', YADISKFS_STATE_DIR: state },
      findings: [{ check: 'login', message: '… was refused' }],
      log: ['{"msg":"before the log was put aside"}', expect.stringContaining('read ')],
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await expect(writeBundle(file, [], {}, state)).rejects.toMatchObject({ code: 'exists' });
    await expect(writeBundle(join(folder, 'no', 'x'), [], {}, state)).rejects.toMatchObject({
      code: 'local',
    });
  });
});
