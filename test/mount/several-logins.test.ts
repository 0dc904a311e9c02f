import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { logIn, type NewUser, newUser } from '../auth/login-fixture.ts';
import { isMounted, yadiskfs } from './mounted-disk.ts';

let user: NewUser;
let home: string;
let work: string;
const pids = new Map<string, number>();
const run = (...args: string[]) => yadiskfs(user.environment, ...args);

async function mount(mountpoint: string, ...args: string[]): Promise<void> {
  await mkdir(mountpoint);
  const { stdout, stderr } = await run('mount', mountpoint, '--daemon', '--json', ...args);
  if (stdout === '') throw new Error(stderr);
  pids.set(mountpoint, JSON.parse(stdout).pid);
}

beforeEach(async () => {
  user = await newUser();
  user.disk.model.putFile('disk:/Photos/one.jpg', 'one');
  await logIn(user);
  await logIn(user, '--account', 'work');
  home = join(user.folder, 'home');
  work = join(user.folder, 'work');
  await mount(home);
  await mount(work, '--root', '/Photos', '--account', 'work');
}, 60_000);

afterEach(async () => {
  for (const mountpoint of [home, work])
    if (await isMounted(mountpoint)) await run('umount', '--force', mountpoint);
  await user.close();
});

const mountpointsOf = ({ stdout }: { readonly stdout: string }, list: string) =>
  JSON.parse(stdout)[list].map((one: string | { readonly mountpoint: string }) =>
    typeof one === 'string' ? one : one.mountpoint,
  );

it('commands about mounts are about those of the login that is named', { timeout: 240_000 }, async () => {
  expect(mountpointsOf(await run('status', '--json'), 'mounts')).toEqual([home, work]);
  expect(mountpointsOf(await run('status', '--account', 'work', '--json'), 'mounts')).toEqual([work]);
  expect(mountpointsOf(await run('pause', '--account', 'work', '--json'), 'paused')).toEqual([work]);
  expect(mountpointsOf(await run('resume', '--account', 'work', '--json'), 'resumed')).toEqual([work]);
  expect(mountpointsOf(await run('limit', '--account', 'default', '--json'), 'limits')).toEqual([home]);
  expect(mountpointsOf(await run('cache', 'stats', '--account', 'work', '--json'), 'caches')).toEqual([work]);
  expect(await run('pin', 'disk:/Photos/one.jpg')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--account'),
  });
  expect(await run('pin', 'disk:/Photos/one.jpg', '--account', 'default')).toMatchObject({ code: 0 });
  expect(mountpointsOf(await run('pins', '--json'), 'pins')).toEqual([home]);
  expect(mountpointsOf(await run('pins', '--account', 'work', '--json'), 'pins')).toEqual([]);
  await writeFile(join(work, 'two.jpg'), 'two');
  expect(await run('flush', 'disk:/Photos', '--account', 'work')).toMatchObject({ code: 0 });
  expect(user.disk.model.read('disk:/Photos/two.jpg').toString()).toBe('two');
  for (const command of ['status', 'pause', 'pins', 'flush'])
    expect(await run(command, '--account', 'a/b')).toMatchObject({ code: 2 });
  await run('pause', '--account', 'work');
  await writeFile(join(work, 'three.jpg'), 'three');
  expect(await run('umount', work)).toMatchObject({ code: 0 });
  // Both logins are of one person here.
  for (const login of ['default', 'work'])
    expect((await run('status', '--account', login)).stdout).toContain('disk:/Photos is not mounted: 1 file');
  expect((await run('status', '--account', 'nobody')).stdout).not.toContain('is not mounted');
  await run('logout');
  for (const command of [['status'], ['unsent', 'list']])
    expect((await run(...command)).stdout).toContain('disk:/Photos (work) is not mounted: 1 file');
  expect(await run('pause', '--account', 'nobody')).toMatchObject({ code: 1 });
  expect(await run('info', '--account', 'nobody')).toMatchObject({ code: 3 });
});

it('a dead mount keeps no command from the others', { timeout: 240_000 }, async () => {
  process.kill(pids.get(home) ?? 0, 'SIGKILL');
  const gone = { code: 1, stderr: expect.stringContaining(`that served ${home}`) };
  const pinned = await run('pin', work);
  expect(pinned).toMatchObject({ code: 0 });
  const asked = async (...args: string[]) => {
    const told = await run(...args, '--json');
    expect(told).toMatchObject(gone);
    return told;
  };
  expect(mountpointsOf(await asked('pause'), 'paused')).toEqual([work]);
  expect(mountpointsOf(await asked('resume'), 'resumed')).toEqual([work]);
  expect(mountpointsOf(await asked('limit'), 'limits')).toEqual([work]);
  expect(mountpointsOf(await asked('pins'), 'pins')).toEqual([work]);
  await writeFile(join(work, 'two.jpg'), 'two');
  expect(mountpointsOf(await asked('flush'), 'flushed')).toEqual([work]);
  expect(user.disk.model.read('disk:/Photos/two.jpg').toString()).toBe('two');
  expect(mountpointsOf(await asked('unsent', 'list'), 'unsent')).toEqual([]);
  expect(JSON.parse((await asked('unsent', 'retry')).stdout)).toEqual({ retried: 0 });
  expect(JSON.parse((await asked('cache', 'stats')).stdout).caches).toContainEqual(
    expect.objectContaining({ mountpoint: work }),
  );
});

it('flush waits for what goes on, and tells what is paused or late', { timeout: 120_000 }, async () => {
  for (const place of [join(home, 'one'), join(work, 'two')]) await writeFile(place, 'x');
  await run('pause', home);
  const told = await run('flush');
  expect(told).toMatchObject({ code: 1, stderr: expect.stringContaining(`Sending is paused: ${home}`) });
  expect(user.disk.model.read('disk:/Photos/two').toString()).toBe('x');
  // It ends with its time, whatever came of the other mount before.
  user.disk.wire.faults.add({ route: 'resources.upload-link', fault: { kind: 'silence' } });
  await writeFile(join(work, 'three'), 'x');
  const late = await run('flush', '--timeout', '1');
  expect(late).toMatchObject({ code: 1, stderr: expect.stringContaining(`Sending is paused: ${home}`) });
  expect(late.stderr).toContain('Not everything is on the server after 1 s');
});
