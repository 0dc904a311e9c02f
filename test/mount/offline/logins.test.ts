import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { finish, logIn, type NewUser, newUser } from '../../auth/login-fixture.ts';
import { isMounted, type MountProcess, startMount, writable, yadiskfs } from '../mounted-disk.ts';

const statusShape = z.object({ mounts: z.array(z.object({ state: z.string() })) });

describe('a login, and no network or none any more', () => {
  let user: NewUser;
  let mountpoint: string;
  let mount: MountProcess | undefined;

  beforeEach(async () => {
    user = await newUser({ refreshKeepsAccessToken: false, finalAfterMs: 0 });
    user.disk.model.putFile('disk:/known/file', 'bytes');
    user.disk.model.putFile('disk:/unknown/file', 'bytes');
    mountpoint = join(user.folder, 'disk');
    await mkdir(mountpoint);
    await logIn(user);
  });

  afterEach(async () => {
    await user.disk.wire.restore();
    await mount?.end();
    if (await isMounted(mountpoint)) await finish(user.environment, 'umount', '--force', mountpoint);
    await user.close();
  });

  const path = (...names: string[]) => join(mountpoint, ...names);
  const start = async () => {
    mount = await startMount(mountpoint, user.environment, [
      writable,
      ...['--write-back', '200ms', '--poll-interval', '500ms'],
    ]);
    return mount;
  };
  const state = async () => {
    const { stdout } = await yadiskfs(user.environment, 'status', mountpoint, '--json');
    return statusShape.parse(JSON.parse(stdout)).mounts[0]?.state;
  };
  const served = (name: string) => {
    const node = user.disk.model.find(`disk:/${name}`);
    return node?.kind === 'file' ? user.disk.model.read(`disk:/${name}`).toString() : undefined;
  };
  const identitiesOf = async () =>
    z
      .object({ tokens: z.array(z.object({ hash: z.string() })) })
      .parse(JSON.parse(await readFile(join(user.folder, 'state', 'identities.json'), 'utf8'))).tokens;

  it('of which the token was renewed while the Disk was mounted mounts off line', async () => {
    const { log, kill } = await start();
    expect(await readdir(path('known'))).toEqual(['file']);
    expect(await readFile(path('known', 'file'), 'utf8')).toBe('bytes');
    user.disk.control.expireTokens();
    await expect.poll(log, { timeout: 15_000 }).toContain('the token is renewed');
    await expect.poll(async () => (await identitiesOf()).length, { timeout: 20_000 }).toBe(2);
    await kill();
    user.disk.wire.cut({ fresh: 'reset', existing: 'rst' });
    const { log: logOffLine } = await start();
    expect(await readFile(path('known', 'file'), 'utf8')).toBe('bytes');
    expect(logOffLine()).toContain('the Disk does not answer; what is known of it is shown');
  }, 150_000);

  it('that is withdrawn is told by status; work goes on here, and goes up after a new login', async () => {
    await start();
    expect(await readdir(path('known'))).toEqual(['file']);
    user.disk.control.revokeAllTokens();
    await expect.poll(state, { timeout: 15_000 }).toBe('login-needed');
    await writeFile(path('known', 'written'), 'without a login');
    await mkdir(path('made'));
    expect(await readdir(path('known'))).toEqual(['file', 'written']);
    expect(await readFile(path('known', 'written'), 'utf8')).toBe('without a login');
    await expect(readdir(path('unknown'))).rejects.toMatchObject({ code: 'EACCES' });
    expect(served('known/written')).toBeUndefined();
    await logIn(user);
    await expect.poll(state, { timeout: 20_000 }).toBe('online');
    await expect.poll(() => served('known/written'), { timeout: 20_000 }).toBe('without a login');
    expect(await readdir(path('unknown'))).toEqual(['file']);
  }, 150_000);
});
