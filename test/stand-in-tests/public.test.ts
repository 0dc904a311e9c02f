import { expect, test } from 'vitest';
import type { SettingsInput } from '../stand-in/settings.ts';
import { type Answer, type Client, standIn } from './client.ts';

const calm: SettingsInput = { operationMs: 0, operationMsPerItem: 0, finalAfterMs: 0 };

async function withPublic(): Promise<{ client: Client; key: string; url: string }> {
  const client = await standIn(calm);
  client.disk.model.putFile('disk:/d/p/a.txt', 'one');
  client.disk.model.putFile('disk:/d/p/sub/b.txt', 'two');
  const link = await client.api(
    'PUT',
    '/resources/publish',
    { path: 'disk:/d/p', allow_address_access: false },
    { body: '{"public_settings":{}}' },
  );
  expect([link.status, link.json.href]).toEqual([
    200,
    `${client.disk.apiUrl}/resources?path=disk%3A%2Fd%2Fp`,
  ]);
  const { public_key: key, public_url: url } = (await client.get('disk:/d/p')).json;
  return { client, key, url };
}

function open(
  client: Client,
  key: string,
  parameters: Record<string, string | number> = {},
): Promise<Answer> {
  return client.api('GET', '/public/resources', { public_key: key, ...parameters }, { token: null });
}

test('a public folder is reached by key and by any form of its address, without a token', async () => {
  const { client, key, url } = await withPublic();
  expect(url).toMatch(/^https:\/\/yadi\.sk\/d\/\w{14}$/);
  const code = url.split('/').at(-1);
  for (const name of [
    key,
    url,
    `https://disk.yandex.ru/d/${code}`,
    `https://disk.yandex.com/d/${code}?x=1`,
  ]) {
    const { status, json } = await open(client, name);
    expect(status).toBe(200);
    expect(json).toMatchObject({ path: '/', name: 'p', type: 'dir', public_key: key, public_url: url });
    expect(json.owner).toEqual({ login: 'testuser', display_name: 'testuser', uid: '100000001' });
    expect(json._embedded.items.map(({ path }: { path: string }) => path)).toEqual(['/sub', '/a.txt']);
  }
  const { json } = await open(client, key, { path: '/sub/b.txt' });
  expect(json).toMatchObject({ path: '/sub/b.txt', size: 3, views_count: 0, public_key: key });
  expect('public_url' in json || 'owner' in json || 'custom_properties' in json).toBe(false);
  expect((await open(client, key, { path: '/none' })).status).toBe(404);
  expect((await open(client, 'any value here')).json.error).toBe('DiskNotFoundError');
  expect((await open(client, key, { limit: 1, offset: 1, sort: '-name' })).json._embedded.items[0].name).toBe(
    'a.txt',
  );
});

test('recorded: the page of a public folder carries the key even where `fields` does not ask for it', async () => {
  const { client, key } = await withPublic();
  const { json } = await open(client, key, { fields: 'type,_embedded,_embedded.total' });
  expect(json).toEqual({ type: 'dir', _embedded: { total: 2, public_key: key } });
});

test('publishing twice keeps the key; what is withdrawn or deleted is 404', async () => {
  const { client, key } = await withPublic();
  await client.api('PUT', '/resources/publish', { path: 'disk:/d/p' });
  expect((await client.get('disk:/d/p')).json.public_key).toBe(key);
  const withdraw = () => client.api('PUT', '/resources/unpublish', { path: 'disk:/d/p' });
  expect((await withdraw()).status).toBe(200);
  expect((await withdraw()).status).toBe(200);
  expect((await open(client, key)).status).toBe(404);
  expect('public_key' in (await client.get('disk:/d/p')).json).toBe(false);
  const other = client.disk.model.publish('disk:/d/p').publicKey;
  expect(other).not.toBe(key);
  client.disk.model.remove('disk:/d');
  expect((await open(client, other)).status).toBe(404);
  expect((await client.api('PUT', '/resources/publish', { path: 'disk:/none' })).status).toBe(404);
});

test('public downloads: a file by its path, a folder as a zip; the recorded form of the link', async () => {
  const { client, key } = await withPublic();
  const link = (path?: string) =>
    client.api(
      'GET',
      '/public/resources/download',
      { public_key: key, ...(path && { path }) },
      { token: null },
    );
  const { href } = (await link('/a.txt')).json;
  const parameters = new URL(href).searchParams;
  expect([parameters.get('uid'), parameters.get('hash'), parameters.get('etag')]).toEqual([
    '0',
    `${key}:/a.txt`,
    null,
  ]);
  expect((await client.download(href)).text).toBe('one');
  const zip = await client.download((await link()).json.href);
  expect(zip.type).toBe('application/zip');
  expect(zip.bytes.includes(Buffer.from('p/sub/b.txt'))).toBe(true);
  const listed = (await open(client, key)).json._embedded.items[1].file;
  expect(new URL(listed).searchParams.get('uid')).toBe('0');
  expect((await client.download(listed)).text).toBe('one');
});

test('a token that is not good is refused also where none is needed, or not looked at', async () => {
  const { client, key } = await withPublic();
  const ask = () => client.api('GET', '/public/resources', { public_key: key }, { token: 'no-such' });
  expect((await ask()).status).toBe(401);
  client.disk.control.set({ badTokenWithoutNeed: 'ignored' });
  expect((await ask()).status).toBe(200);
});

test('public settings: password, end, ban; they are told without the password and taken away again', async () => {
  const { client, key } = await withPublic();
  const settings = (method: 'GET' | 'PATCH', body?: object) =>
    client.api(
      method,
      '/public/resources/public-settings',
      { path: 'disk:/d/p' },
      body ? { body: JSON.stringify(body) } : {},
    );
  const set = await settings('PATCH', { password: '1234' });
  expect([set.status, set.type, set.text]).toEqual([200, 'application/json; charset=utf-8', '']);
  const locked = await client.api('GET', '/public/resources/download', { public_key: key });
  expect([locked.status, locked.json]).toEqual([
    403,
    {
      error: 'DiskSymlinkPasswordRequiredError',
      description: 'Password required',
      message: 'Требуется пароль',
    },
  ]);
  await settings('PATCH', { available_until: 1 });
  expect((await settings('GET')).json).toEqual({ available_until: 1 });
  expect((await open(client, key)).json.error).toBe('DiskNotFoundError');
  await settings('PATCH', { available_until: false, password: '' });
  expect((await settings('GET')).json).toEqual({});
  expect((await open(client, key)).status).toBe(200);
  await settings('PATCH', { read_only: true });
  expect((await open(client, key)).status).toBe(403);
  expect((await settings('PATCH', { password: 7 })).status).toBe(400);
  const available = await client.api('GET', '/public/resources/public-settings/available-settings', {
    path: 'disk:/d/p',
  });
  expect(Object.keys(available.json).sort()).toEqual([
    'default',
    'macro_sharing',
    'permissions',
    'use_sharing',
  ]);
  const own = await client.api('GET', '/public/resources/public-settings', { path: 'disk:/d' });
  expect(own.status).toBe(404);
  await client.api(
    'PUT',
    '/resources/publish',
    { path: 'disk:/d' },
    { body: '{"public_settings":{"available_until":1}}' },
  );
  expect((await open(client, client.disk.model.find('disk:/d')?.publication?.publicKey ?? '')).status).toBe(
    404,
  );
});

test('save-to-disk: 201 for a file, 202 for a folder, Downloads unless told, another name when it is taken', async () => {
  const { client, key, url } = await withPublic();
  const save = (parameters: Record<string, string | boolean>) =>
    client.api('POST', '/public/resources/save-to-disk', { public_key: url, ...parameters });
  const file = await save({ path: '/a.txt', name: 'mine.txt', save_path: 'disk:/d' });
  expect([file.status, file.json.href]).toEqual([
    201,
    `${client.disk.apiUrl}/resources?path=disk%3A%2Fd%2Fmine.txt`,
  ]);
  expect((await save({ path: '/a.txt', name: 'mine.txt', save_path: 'disk:/d' })).status).toBe(201);
  expect((await save({ public_key: key, force_async: true, path: '/a.txt', name: 'slow' })).status).toBe(202);
  expect((await save({})).status).toBe(202);
  client.disk.clock.advance(1);
  expect(client.content('disk:/d/mine (1).txt')).toBe('one');
  expect(client.content('disk:/Загрузки/slow')).toBe('one');
  expect(client.content('disk:/Загрузки/p/sub/b.txt')).toBe('two');
  expect((await save({ save_path: 'disk:/none' })).json.error).toBe('DiskPathDoesntExistsError');
});
