import { mkdir, readdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { mountStatus } from '../../src/daemon/control-messages.ts';
import { type StandIn, startStandIn } from '../stand-in/index.ts';
import { type MountProcess, privateEnvironment, startMount, testFolder, yadiskfs } from './mounted-disk.ts';

const answer = z.strictObject({ mounts: z.array(mountStatus.strict()) });
const refusal = z.strictObject({
  error: z.strictObject({
    code: z.string(),
    message: z.string(),
    path: z.string().optional(),
    hint: z.string().optional(),
  }),
});

// Each command starts a process: a machine with other work takes seconds for one.
describe('status', { timeout: 120_000 }, () => {
  let disk: StandIn;
  let folder: string;
  let environment: NodeJS.ProcessEnv;
  let mounts: MountProcess[];

  beforeEach(async () => {
    mounts = [];
    disk = await startStandIn();
    disk.model.putFile('disk:/Photos/one.jpg', 'one');
    folder = await testFolder();
    environment = privateEnvironment(folder, disk);
  });

  afterEach(async () => {
    for (const mount of mounts) await mount.end();
    await disk.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function mount(name: string, ...args: string[]): Promise<string> {
    const mountpoint = join(folder, name);
    await mkdir(mountpoint, { recursive: true });
    mounts.push(await startMount(mountpoint, environment, args));
    return mountpoint;
  }

  /** What the Disk itself says. */
  async function theDisk() {
    const reply = await fetch(disk.apiUrl, { headers: { authorization: `OAuth ${disk.token}` } });
    const shape = z.object({
      total_space: z.number(),
      used_space: z.number(),
      trash_size: z.number(),
      revision: z.number(),
    });
    return shape.parse(await reply.json());
  }

  async function status(...args: string[]) {
    const { code, stdout, stderr } = await yadiskfs(environment, 'status', '--json', ...args);
    return { code, stderr, mounts: answer.parse(JSON.parse(stdout)).mounts };
  }

  it('says that nothing is mounted', async () => {
    expect(await status()).toEqual({ code: 0, stderr: '', mounts: [] });
    expect(await yadiskfs(environment, 'status')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nothing is mounted'),
    });
    for (const args of [['flush'], ['unsent', 'list'], ['unsent', 'retry'], ['unsent', 'export', folder]]) {
      const refused = await yadiskfs(environment, ...args, '--json');
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refusal.parse(JSON.parse(refused.stderr)).error).toEqual({
        code: 'local',
        message: 'Nothing is mounted',
        hint: expect.stringContaining('yadiskfs mount DIR mounts the Disk.'),
      });
    }
    for (const args of [
      ['status', folder],
      ['flush', folder],
      ['umount', folder, '--wait'],
    ]) {
      expect(await yadiskfs(environment, ...args)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`No Disk is mounted at ${folder}`),
      });
    }
  });

  it('of one mount: what it shows, how it stands, what it has asked for', async () => {
    const mountpoint = await mount('disk', '--cache-size', '5M', '--root', '/Photos');
    expect(await readFile(join(mountpoint, 'one.jpg'), 'utf8')).toBe('one');
    const [shown, ...others] = (await status()).mounts;
    expect(others).toEqual([]);
    const told = await theDisk();
    expect(shown).toEqual({
      mountpoint,
      account: 'default',
      limits: { upBytesPerSecond: 0, downBytesPerSecond: 0 },
      root: 'disk:/Photos',
      state: 'online',
      outage: null,
      queue: { uploads: 0, uploadBytes: 0, operations: 0, unconfirmed: 0, active: [], waiting: [] },
      unsent: [],
      conflicts: [],
      quota: { totalBytes: told.total_space, usedBytes: told.used_space, trashBytes: told.trash_size },
      cache: { usedBytes: expect.any(Number), limitBytes: 5 << 20 },
      pins: { count: 0, files: 0, filesHere: 0, bytes: 0, bytesHere: 0, usedBytes: 0 },
      remote: { revision: told.revision, checkedAt: expect.any(String) },
      requests: { api: expect.any(Number), data: expect.any(Number) },
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      pid: mounts[0]?.process.pid,
    });
    expect(Math.abs(Date.now() - Date.parse(shown?.remote.checkedAt ?? ''))).toBeLessThan(30_000);
    expect(shown?.requests.api).toBeGreaterThanOrEqual(2);
    expect(shown?.requests.data).toBeGreaterThanOrEqual(1);
    for (const path of ['one.jpg', 'not there']) {
      expect((await status(join(mountpoint, path))).mounts).toEqual([
        expect.objectContaining({ mountpoint }),
      ]);
    }
    expect((await status('disk:/Photos')).mounts).toEqual([expect.objectContaining({ mountpoint })]);
    const people = await yadiskfs(environment, 'status', mountpoint);
    expect(people).toMatchObject({ code: 0, stderr: '' });
    expect(people.stdout).toMatch(
      new RegExp(`^${mountpoint}  online  .*disk:/Photos.*\\n  To be sent: nothing\\n`),
    );
  });

  it('costs at most one request in ten seconds', async () => {
    await mount('disk', '--poll-interval', '1h');
    const asked: number[] = [];
    for (let turn = 0; turn < 5; turn++) asked.push((await status()).mounts[0]?.requests.api ?? -1);
    // On a slow machine the five may take more than ten seconds.
    expect((asked.at(-1) ?? 0) - (asked[0] ?? 0)).toBeLessThanOrEqual(1);
  });

  it('of two mounts, one of them killed', async () => {
    const first = await mount('one', '--root', '/Photos');
    const second = await mount('two');
    expect((await status()).mounts.map(({ mountpoint }) => mountpoint).sort()).toEqual([first, second]);
    expect((await status(second)).mounts).toMatchObject([{ mountpoint: second, root: 'disk:/' }]);

    await mounts[0]?.kill();
    const rest = await status();
    expect(rest.mounts).toMatchObject([{ mountpoint: second }]);
    expect(rest.code).toBe(1);
    expect(refusal.parse(JSON.parse(rest.stderr)).error).toMatchObject({
      code: 'local',
      path: first,
      message: expect.stringContaining('is gone'),
      hint: expect.stringMatching(/Mount it again.*yadiskfs umount/),
    });
    const people = await yadiskfs(environment, 'status');
    expect(people.code).toBe(1);
    expect(people.stdout).toContain(`${second}  online`);
    expect(people.stdout).toContain(`${first}  NO ANSWER`);
    expect(await yadiskfs(environment, 'flush', first)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is gone'),
    });
    // Nothing can be sent, so nothing is taken away either.
    expect(await yadiskfs(environment, 'umount', '--wait', first)).toMatchObject({ code: 1 });

    mounts[0] = await startMount(first, environment, ['--root', '/Photos']);
    expect(await status(first)).toMatchObject({ code: 0, mounts: [{ pid: mounts[0].process.pid }] });
    const sockets = (await readdir(join(folder, 'runtime'))).filter((name) => name.endsWith('.sock'));
    expect(sockets.length).toBe(2);
    for (const name of sockets) expect((await stat(join(folder, 'runtime', name))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'runtime'))).mode & 0o777).toBe(0o700);
  });

  it('says offline while there is no network, and online again', async () => {
    const mountpoint = await mount('disk', '--poll-interval', '200ms');
    await statfs(mountpoint);
    expect((await status()).mounts[0]?.state).toBe('online');
    const { total_space: totalBytes } = await theDisk();
    disk.wire.cut({ fresh: 'reset', existing: 'rst' });
    await expect
      .poll(async () => (await status()).mounts[0], { timeout: 15_000 })
      .toMatchObject({
        state: 'offline',
        quota: { totalBytes },
      });
    await disk.wire.restore();
    await expect.poll(async () => (await status()).mounts[0]?.state, { timeout: 15_000 }).toBe('online');
  });

  it('says that a login is needed', async () => {
    await mount('disk', '--poll-interval', '200ms');
    disk.control.revokeAllTokens();
    await expect
      .poll(async () => (await status()).mounts[0]?.state, { timeout: 15_000 })
      .toBe('login-needed');
    expect((await yadiskfs(environment, 'status')).stdout).toContain('yadiskfs setup');
  });

  it('leaves nothing behind, and works from a folder with a long path', async () => {
    const runtime = join(folder, ...Array.from({ length: 12 }, () => 'a rather long name'));
    environment = { ...environment, YADISKFS_RUNTIME_DIR: runtime };
    const mountpoint = await mount('disk');
    expect((await status()).mounts).toMatchObject([{ mountpoint }]);
    expect((await readdir(runtime)).length).toBe(2);
    expect(await yadiskfs(environment, 'umount', '--wait', mountpoint)).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(await readdir(runtime)).toEqual([]);
    expect((await status()).mounts).toEqual([]);
  });
});
