import { execFile, spawn } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccountStore } from '../../src/auth/account-store.ts';
import type { StoredLogin } from '../../src/auth/stored-login.ts';
import { Failure } from '../../src/errors.ts';
import { testFolder } from '../mount/mounted-disk.ts';
import { typescript } from '../programs/typescript.ts';
import { modeOf } from './login-fixture.ts';

const run = promisify(execFile);

const login: StoredLogin = {
  accessToken: 'y0_access',
  refreshToken: '1:refresh',
  app: { id: 'app', secret: 'app-secret' },
  obtainedAt: '2026-11-23T10:00:00.000Z',
  expiresAt: '2027-11-23T10:00:00.000Z',
  person: { uid: '100000001', login: 'anna' },
};

describe('the store of logins', () => {
  let folder: string;
  let mended: string[];
  let store: AccountStore;

  beforeEach(async () => {
    folder = join(await testFolder(), 'config');
    mended = [];
    store = new AccountStore(folder, (path) => mended.push(path));
  });
  afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

  const write = (name: string, stored = login) => store.hold(name, (held) => held.write(stored));
  const names = async () => (await readdir(join(folder, 'accounts'))).sort();

  it('gives back what was written, from a file and a folder of which only the owner knows', async () => {
    const before = process.umask(0);
    await write('default').finally(() => process.umask(before));
    expect(await store.read('default')).toEqual(login);
    expect(await modeOf(store.path('default'))).toBe(0o600);
    expect(await modeOf(join(folder, 'accounts'))).toBe(0o700);
    expect(await names()).toEqual(['default.json']);
    expect(mended).toEqual([]);
    expect(await store.read('other')).toBeUndefined();
  });

  it('writes for its owner alone whatever the umask', async () => {
    const before = process.umask(0o777);
    await mkdir(join(folder, 'accounts'), { recursive: true }).finally(() => process.umask(before));
    await chmod(folder, 0o700);
    await chmod(join(folder, 'accounts'), 0o700);
    process.umask(0o777);
    await write('default').finally(() => process.umask(before));
    expect(await modeOf(store.path('default'))).toBe(0o600);
  });

  it('replaces a login whole: who reads meanwhile sees the old one or the new one', async () => {
    await write('default');
    let reading = true;
    const seen = new Set<string>();
    const reader = (async () => {
      while (reading) seen.add((await store.read('default'))?.accessToken ?? 'nothing');
    })();
    for (let round = 0; round < 30; round++)
      await write('default', { ...login, accessToken: `token-${round}` });
    reading = false;
    await reader;
    expect([...seen].every((token) => token === 'y0_access' || token.startsWith('token-'))).toBe(true);
    expect(seen.size).toBeGreaterThan(1);
  });

  it('sweeps away what a killed process left half written', async () => {
    await write('default');
    await writeFile(join(folder, 'accounts', '.default.json.abcdef.tmp'), '{"accessToken":"old secr');
    await write('default');
    expect(await names()).toEqual(['default.json']);
  });

  it('puts right what others could look into, and says so', async () => {
    await write('default');
    await chmod(store.path('default'), 0o644);
    expect(await store.read('default')).toEqual(login);
    expect(await modeOf(store.path('default'))).toBe(0o600);
    await chmod(join(folder, 'accounts'), 0o755);
    await write('default');
    expect(await modeOf(join(folder, 'accounts'))).toBe(0o700);
    expect(mended).toEqual([store.path('default'), join(folder, 'accounts')]);
  });

  it.each([
    '',
    '.',
    '..',
    '../x',
    'a/b',
    '/etc/passwd',
    '.hidden',
    'a\0b',
    'a\nb',
    '-x',
    'x'.repeat(65),
    'ж'.repeat(101),
  ])('refuses %j as a name', async (name) => {
    expect(() => store.path(name)).toThrow(Failure);
    await expect(store.read(name)).rejects.toMatchObject({ code: 'invalid' });
    await expect(write(name)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('takes names of any script, in one spelling', async () => {
    for (const name of ['работа', 'anna@home.org', 'A-1_b+c', 'й']) await write(name);
    expect((await store.list()).map(({ name }) => name).sort()).toEqual(
      ['работа', 'anna@home.org', 'A-1_b+c', 'й'].sort(),
    );
    expect(await store.read('и\u0306')).toEqual(login);
  });

  it('refuses a login of a later version, and leaves it as it is', async () => {
    await write('default');
    const text = JSON.stringify({ version: 2, something: 'else' });
    await writeFile(store.path('default'), text);
    const newer = { code: 'local', message: expect.stringContaining('newer') };
    await expect(store.read('default')).rejects.toMatchObject(newer);
    await expect(write('default')).rejects.toMatchObject(newer);
    await expect(store.hold('default', (held) => held.remove())).rejects.toMatchObject(newer);
    expect(await readFile(store.path('default'), 'utf8')).toBe(text);
    expect(await names()).toEqual(['default.json']);
  });

  it.each([
    ['no JSON', '{"version":1,"accessToken":"y0_geheim'],
    ['JSON of another shape', '{"version":1,"accessToken":17,"x":"y0_geheim"}'],
    ['a token that cannot be sent', '{"version":1,"accessToken":"y0_geheim\\n","obtainedAt":"2026-01-01"}'],
    ['nothing', ''],
    ['far too much', `"${'y0_geheim'.repeat(20_000)}"`],
  ])('says that a login is damaged (%s) without quoting it, and lets it be replaced', async (_, text) => {
    await write('default');
    await writeFile(store.path('default'), text);
    const error: unknown = await store.read('default').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'local', path: store.path('default') });
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      expect(`${cause.message}${cause.stack}${JSON.stringify(cause)}`).not.toContain('geheim');
    }
    if (text.length < 1000) {
      await write('default');
      expect(await store.read('default')).toEqual(login);
    }
  });

  it('lists what it has, and what is wrong with it', async () => {
    expect(await store.list()).toEqual([]);
    await write('work');
    await write('broken');
    await writeFile(store.path('broken'), 'x');
    await writeFile(join(folder, 'accounts', 'notes.txt'), 'x');
    const entries = await store.list();
    expect(entries.map((entry) => [entry.name, 'problem' in entry])).toEqual([
      ['broken', true],
      ['work', false],
    ]);
  });

  it('is no way to wait for a pipe, or to read a folder', async () => {
    await write('default');
    await mkdir(store.path('folder'));
    await expect(store.read('folder')).rejects.toMatchObject({ code: 'local' });
    await symlink('/dev/zero', store.path('zero'));
    await expect(store.read('zero')).rejects.toMatchObject({ code: 'local' });
  });

  it('removes, and says whether there was anything', async () => {
    await write('default');
    expect(await store.hold('default', (held) => held.remove())).toBe(true);
    expect(await store.hold('default', (held) => held.remove())).toBe(false);
    expect(await names()).toEqual([]);
  });

  it('says that the disk is full, keeps the old login, and leaves nothing half made', async () => {
    const small = join(folder, 'small');
    await mkdir(small, { recursive: true });
    await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small]);
    try {
      const there = new AccountStore(small);
      await there.hold('default', (held) => held.write(login));
      await writeFile(join(small, 'filling'), Buffer.alloc(1 << 20)).catch(() => {});
      const next = { ...login, accessToken: 'next' };
      await expect(there.hold('default', (held) => held.write(next))).rejects.toMatchObject({
        code: 'local',
        hint: 'The local disk is full.',
      });
      expect(await there.read('default')).toEqual(login);
      expect(await readdir(join(small, 'accounts'))).toEqual(['default.json']);
      // As full as before, but the lock was taken earlier: the login itself cannot be written.
      await rm(join(small, 'filling'));
      await there.hold('default', async (held) => {
        await writeFile(join(small, 'filling'), Buffer.alloc(1 << 20)).catch(() => {});
        await expect(held.write(next)).rejects.toMatchObject({
          code: 'local',
          hint: 'The local disk is full.',
        });
      });
      expect(await there.read('default')).toEqual(login);
      expect(await readdir(join(small, 'accounts'))).toEqual(['default.json']);
    } finally {
      await run('umount', [small]);
    }
  });

  it('tells cheaply that a login was replaced', async () => {
    expect(await store.stamp('default')).toBeUndefined();
    await write('default');
    const first = await store.stamp('default');
    expect(await store.stamp('default')).toBe(first);
    await write('default');
    expect(await store.stamp('default')).not.toBe(first);
  });

  describe('between processes', () => {
    const counter = fileURLToPath(new URL('counting-process.ts', import.meta.url));
    const count = (rounds: number) => {
      const child = spawn(process.execPath, [...typescript(counter), folder, String(rounds)], {
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      return { child, ended: new Promise((resolve) => child.once('exit', resolve)) };
    };

    it('loses no change, although each is made of what was there before', async () => {
      await write('default', { ...login, accessToken: '0' });
      const codes = await Promise.all([count(15), count(15), count(15)].map(({ ended }) => ended));
      expect(codes).toEqual([0, 0, 0]);
      expect((await store.read('default'))?.accessToken).toBe('45');
      expect(await names()).toEqual(['default.json']);
    });

    it('does not wait for one that was killed with the lock in its hand', async () => {
      await write('default', { ...login, accessToken: '0' });
      const holder = count(-1);
      await expect.poll(names, { timeout: 10_000 }).toContain('.default.lock');
      await expect
        .poll(async () => (await readFile(join(folder, 'accounts', '.default.lock'), 'utf8')).length)
        .toBeGreaterThan(0);
      holder.child.kill('SIGKILL');
      await holder.ended;
      const startedAtMs = performance.now();
      await write('default');
      expect(performance.now() - startedAtMs).toBeLessThan(1_000);
      expect(await names()).toEqual(['default.json']);
    });

    it('waits for one that lives, but not for a process number that somebody else has now', async () => {
      await write('default');
      const lock = join(folder, 'accounts', '.default.lock');
      const ownStart = (await readFile('/proc/self/stat', 'latin1')).split(') ')[1]?.split(' ')[19];
      await writeFile(lock, `${process.pid} ${ownStart} x\n`);
      let done = false;
      const writing = write('default').then(() => {
        done = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(done).toBe(false);
      await writeFile(lock, `${process.pid} 1 x\n`);
      await writing;
      await writeFile(lock, `${process.pid} ${ownStart} x\n`);
      const longAgo = new Date(Date.now() - 180_000);
      await utimes(lock, longAgo, longAgo);
      await write('default');
      expect(await names()).toEqual(['default.json']);
    });
  });
});
