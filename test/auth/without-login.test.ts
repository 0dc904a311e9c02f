import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finish, logIn, type NewUser, newUser } from './login-fixture.ts';

let user: NewUser;
let link: string;

beforeEach(async () => {
  user = await newUser();
  user.disk.model.putFile('disk:/theirs/sub/b.txt', 'inner');
  link = user.disk.model.publish('disk:/theirs').publicUrl;
});
afterEach(() => user.close());

const listed = { code: 0, stderr: '', events: [{ type: 'folder', entries: [{ name: 'sub' }] }] };

describe('what is public', () => {
  it('is shown and downloaded where nobody is logged in, and not saved', async () => {
    expect(await finish(user.environment, 'public', 'ls', link, '--json')).toMatchObject(listed);
    const out = join(user.folder, 'out');
    expect(await finish(user.environment, 'public', 'get', link, out)).toMatchObject({ code: 0, stderr: '' });
    expect(await readFile(join(out, 'sub', 'b.txt'), 'utf8')).toBe('inner');
    const { events } = await finish(user.environment, 'public', 'get', link, '--url', '--json');
    expect(events).toMatchObject([{ url: expect.stringMatching(/^http/) }]);
    expect(await finish(user.environment, 'public', 'save', link)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('yadiskfs setup'),
    });
  });

  it('is shown although the login is not accepted any more, unless that was asked for by its name', async () => {
    await logIn(user);
    expect(await finish(user.environment, 'public', 'ls', link, '--json')).toMatchObject(listed);
    user.disk.control.revokeAllTokens();
    expect(await finish(user.environment, 'public', 'ls', link, '--json')).toMatchObject(listed);
    const given = { ...user.environment, YADISKFS_TOKEN: 'no-such-token' };
    expect(await finish(given, 'public', 'ls', link, '--json')).toMatchObject(listed);
    expect(await finish(user.environment, 'public', 'ls', link, '--account', 'default')).toMatchObject({
      code: 3,
    });
    expect(await finish(user.environment, 'public', 'ls', link, '--account', 'nobody')).toMatchObject({
      code: 3,
    });
  });
});

it('where the usual login is not there, the others are named', async () => {
  await logIn(user, '--account', 'work');
  expect(await finish(user.environment, 'info')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('or name a login that is stored: --account work'),
  });
});
