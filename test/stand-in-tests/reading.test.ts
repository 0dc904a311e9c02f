import { expect, test } from 'vitest';
import { type Client, standIn } from './client.ts';

const dirKeys = [
  'comment_ids',
  'created',
  'exif',
  'modified',
  'name',
  'path',
  'resource_id',
  'revision',
  'type',
];
const fileKeys = [...dirKeys, 'antivirus_status', 'file', 'md5', 'media_type', 'mime_type', 'sha256', 'size'];

function keys(json: object): string[] {
  return Object.keys(json).sort();
}

test('a request without the token, with an unknown one or with the word Bearer is 401', async () => {
  const client = await standIn();
  const replies = [
    await client.api('GET', '', {}, { token: null }),
    await client.api('GET', '', {}, { token: 'nobody' }),
    await client.api(
      'GET',
      '',
      {},
      { token: null, headers: { authorization: `Bearer ${client.disk.token}` } },
    ),
    await client.api('GET', '/operations/0000', {}, { token: 'nobody' }),
  ];
  for (const { status, type, json } of replies) {
    expect(status).toBe(401);
    expect(type).toBe('application/json');
    expect(json).toEqual({
      error: 'UnauthorizedError',
      description: 'Unauthorized',
      message: 'Не авторизован.',
    });
  }
  expect((await client.api('GET', '/operations/0000')).json.error).toBe('DiskOperationNotFoundError');
});

test('the Disk object has quota, owner and 15 system folders, and counts the trash as used', async () => {
  const client = await standIn({
    totalSpaceBytes: 1000,
    isPaid: true,
    maxFileSizeBytes: 77,
    uid: '42',
    login: 'a',
    displayName: 'b',
    country: 'kz',
  });
  client.disk.model.putFile('disk:/a', 'x'.repeat(10));
  client.disk.model.putFile('disk:/b', 'x'.repeat(5));
  client.disk.model.remove('disk:/b');
  const { status, type, json } = await client.api('GET', '/');
  expect([status, type]).toEqual([200, 'application/json; charset=utf-8']);
  expect(json).toMatchObject({
    total_space: 1000,
    used_space: 15,
    trash_size: 5,
    is_paid: true,
    max_file_size: 77,
  });
  expect(json.user).toMatchObject({
    uid: '42',
    login: 'a',
    display_name: 'b',
    country: 'kz',
    is_child: false,
  });
  expect(Object.keys(json.system_folders)).toHaveLength(15);
  expect(Number.isSafeInteger(json.revision) && json.revision > 2 ** 50).toBe(true);
  expect((await client.api('GET', '', { fields: 'revision,user.uid' })).json).toEqual({
    revision: json.revision,
    user: { uid: '42' },
  });
});

test('files and folders have the recorded fields, and no others', async () => {
  const client = await standIn();
  const { model } = client.disk;
  model.putFile('disk:/d/a b.txt', 'hello');
  const dir = await client.get('disk:/d');
  expect(keys(dir.json)).toEqual([...dirKeys, '_embedded'].sort());
  expect(keys(dir.json._embedded)).toEqual(['items', 'limit', 'offset', 'path', 'sort', 'total']);
  expect(dir.json._embedded).toMatchObject({ limit: 20, offset: 0, sort: '', total: 1, path: 'disk:/d' });
  const file = await client.get('disk:/d/a b.txt');
  expect(keys(file.json)).toEqual([...fileKeys].sort());
  expect(file.json).toMatchObject({
    path: 'disk:/d/a b.txt',
    type: 'file',
    size: 5,
    md5: '5d41402abc4b2a76b9719d911017c592',
    mime_type: 'text/plain',
    media_type: 'document',
    antivirus_status: 'clean',
    exif: {},
  });
  expect(file.json.created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
  expect(file.json.resource_id).toMatch(/^100000001:[0-9a-f]{64}$/);
  expect(file.json.comment_ids).toEqual({
    private_resource: file.json.resource_id,
    public_resource: file.json.resource_id,
  });
  // The link is made anew for each reply; everything else of an item in a list is as when it is asked for alone.
  const { file: _, ...listed } = dir.json._embedded.items[0];
  const { file: __, ...alone } = file.json;
  expect(listed).toEqual(alone);
});

test('further fields come with what they tell of', async () => {
  const client = await standIn();
  const { model } = client.disk;
  model.putFile('disk:/i.jpg', 'bytes', { exif: { date_time: 'x' }, modifiedMs: Date.UTC(2020, 1, 2) });
  const image = (await client.get('disk:/i.jpg')).json;
  expect(image).toMatchObject({
    media_type: 'image',
    photoslice_time: '2020-02-02T00:00:00+00:00',
    exif: { date_time: 'x' },
  });
  expect(image.sizes.map(({ name }: { name: string }) => name)).toEqual([
    'DEFAULT',
    'XXXS',
    'XXS',
    'XS',
    'S',
    'M',
    'L',
    'XL',
    'XXL',
    'XXXL',
    'C',
  ]);
  model.patch('disk:/i.jpg', { k: 'v' });
  expect((await client.get('disk:/i.jpg')).json.custom_properties).toEqual({ k: 'v' });
  model.patch('disk:/i.jpg', { k: null });
  expect((await client.get('disk:/i.jpg')).json.custom_properties).toBeNull();
  const { publicKey, publicUrl } = model.publish('disk:/i.jpg');
  expect((await client.get('disk:/i.jpg')).json).toMatchObject({
    public_key: publicKey,
    public_url: publicUrl,
  });
  expect(publicKey).toMatch(/^[A-Za-z0-9+/]{86}==$/);
  model.mkdir('disk:/s');
  model.putFile('disk:/s/x', '');
  model.touch('disk:/s', { share: { isRoot: true, isOwned: false, rights: 'rw' } });
  expect((await client.get('disk:/s')).json.share).toEqual({ is_root: true, is_owned: false, rights: 'rw' });
  expect((await client.get('disk:/s/x')).json.share).toEqual({
    is_root: false,
    is_owned: false,
    rights: 'rw',
  });
});

test('fields= filters; a name and a name beneath it give the narrow form; of a file `_embedded` is absent', async () => {
  const client = await standIn();
  client.disk.model.putFile('disk:/d/a', 'x');
  const fields = (text: string, path = 'disk:/d') =>
    client.get(path, { fields: text }).then(({ json }) => json);
  expect(await fields('type')).toEqual({ type: 'dir' });
  expect(await fields('type,_embedded,_embedded.total,_embedded.items,_embedded.items.name')).toEqual({
    type: 'dir',
    _embedded: { total: 1, items: [{ name: 'a' }] },
  });
  expect(await fields('_embedded.items.comment_ids.private_resource')).toEqual({
    _embedded: { items: [{ comment_ids: { private_resource: expect.any(String) } }] },
  });
  expect(await fields('type,_embedded,_embedded.items', 'disk:/d/a')).toEqual({ type: 'file' });
});

test('a listing pages, counts and sorts', async () => {
  const client = await standIn();
  const { model } = client.disk;
  for (const [index, name] of ['b', 'a', 'c'].entries()) {
    model.putFile(`disk:/d/${name}.txt`, 'x'.repeat(10 - index), {
      modifiedMs: 1000 * (index + 1),
      createdMs: 5000 - index * 1000,
    });
  }
  model.mkdir('disk:/d/z');
  const names = async (parameters: Record<string, string | number>) => {
    const { json } = await client.get('disk:/d', parameters);
    return json._embedded.items.map(({ name }: { name: string }) => name).join(' ');
  };
  expect(await names({})).toBe('z a.txt b.txt c.txt');
  expect(await names({ offset: 1, limit: 2 })).toBe('a.txt b.txt');
  expect(await names({ offset: 9 })).toBe('');
  expect((await client.get('disk:/d', { limit: 0 })).json._embedded).toMatchObject({
    items: [],
    total: 4,
    limit: 0,
  });
  expect(await names({ sort: 'name' })).toBe('a.txt b.txt c.txt z');
  expect(await names({ sort: '-name' })).toBe('z c.txt b.txt a.txt');
  expect(await names({ sort: 'size' })).toBe('z c.txt a.txt b.txt');
  expect(await names({ sort: 'modified' })).toBe('b.txt a.txt c.txt z');
  expect(await names({ sort: 'created' })).toBe('c.txt a.txt b.txt z');
  expect((await client.get('disk:/d', { sort: 'colour' })).json.error).toBe('FieldValidationError');
});

test('pages move while a folder changes', async () => {
  const client = await standIn();
  for (const name of 'abcd') client.disk.model.putFile(`disk:/d/${name}`, '');
  const page = async (offset: number) =>
    (await client.get('disk:/d', { offset, limit: 2 })).json._embedded.items.map(
      ({ name }: { name: string }) => name,
    );
  expect(await page(0)).toEqual(['a', 'b']);
  client.disk.model.remove('disk:/d/a');
  expect(await page(2)).toEqual(['d']);
});

test('maxLimit and limitAboveMax: a limit above the largest is lowered or refused', async () => {
  const client = await standIn({ maxLimit: 3 });
  for (const name of 'abcde') client.disk.model.putFile(`disk:/d/${name}`, '');
  expect((await client.get('disk:/d', { limit: 4 })).json._embedded).toMatchObject({
    limit: 3,
    items: { length: 3 },
  });
  client.disk.control.set({ limitAboveMax: 'reject' });
  expect((await client.get('disk:/d', { limit: 4 })).status).toBe(400);
  expect((await client.get('disk:/d', { limit: 3 })).status).toBe(200);
});

test('defaultOrder: without `sort`, folders and then names, or no order that anybody knows', async () => {
  const client = await standIn();
  for (let index = 10; index < 30; index += 1) client.disk.model.putFile(`disk:/d/${index}`, '');
  const names = async () =>
    (await client.get('disk:/d', { limit: 100 })).json._embedded.items.map(
      ({ name }: { name: string }) => name,
    );
  const sorted = [...(await names())].sort();
  expect(await names()).toEqual(sorted);
  client.disk.control.set({ defaultOrder: 'unspecified' });
  const unsorted = await names();
  expect(unsorted).not.toEqual(sorted);
  expect([...unsorted].sort()).toEqual(sorted);
});

test('nonsense is 400, what is not there 404, a wrong method 405', async () => {
  const client = await standIn();
  client.disk.model.putFile('disk:/f', 'x');
  const status = async (answer: Promise<{ status: number }>) => (await answer).status;
  expect(await status(client.api('GET', '/resources'))).toBe(400);
  expect(await status(client.get('disk:/f', { limit: 'many' }))).toBe(400);
  expect(await status(client.get('disk:/f', { offset: -1 }))).toBe(400);
  expect(await status(client.get('disk:/f', { preview_size: 'HUGE' }))).toBe(400);
  expect(await status(client.get('a:b'))).toBe(400);
  expect(await status(client.get('/dir/a:b'))).toBe(400);
  expect(await status(client.get('disk:/f/inner'))).toBe(404);
  expect(await status(client.get('photounlim:/f'))).toBe(404);
  expect(await status(client.get('trash:/'))).toBe(404);
  expect(await status(client.api('PATCH', '/resources/files'))).toBe(405);
  expect(await status(client.api('GET', '/nothing'))).toBe(404);
  const missing = await client.get('disk:/nope');
  expect([missing.status, missing.type]).toEqual([404, 'application/json']);
  expect(missing.json).toEqual({
    error: 'DiskNotFoundError',
    description: 'Resource not found.',
    message: 'Не удалось найти запрошенный ресурс.',
  });
});

test('a path means the same with and without scheme, with a slash at the end, and through app:/', async () => {
  const client = await standIn({ appFolder: 'disk:/Приложения/x' });
  client.disk.model.putFile('disk:/d/f', 'x');
  const path = async (text: string) => (await client.get(text)).json.path;
  for (const text of ['disk:/d/f', '/d/f', 'd/f', 'disk:/d/f/', 'disk:/d//f']) {
    expect(await path(text)).toBe('disk:/d/f');
  }
  expect(await path('disk:/')).toBe('disk:/');
  expect(await path('app:/')).toBe('disk:/Приложения/x');
});

async function accepted(client: Client, scopes: readonly string[]): Promise<string> {
  const { accessToken } = client.disk.control.issueToken({ scopes: scopes as never });
  const status = async (answer: Promise<{ status: number }>) => (await answer).status !== 403;
  const options = { token: accessToken };
  const results = {
    info: await status(client.api('GET', '', {}, options)),
    read: await status(client.api('GET', '/resources', { path: 'disk:/' }, options)),
    write: await status(client.api('PUT', '/resources', { path: 'disk:/n' }, options)),
    app: await status(client.api('PUT', '/resources', { path: 'app:/n' }, options)),
    list: await status(client.api('GET', '/resources/files', {}, options)),
  };
  return Object.entries(results)
    .flatMap(([name, is]) => (is ? [name] : []))
    .join(' ');
}

test('a token reaches as far as its scopes', async () => {
  const client = await standIn();
  expect(await accepted(client, ['cloud_api:disk.info'])).toBe('info');
  expect(await accepted(client, ['cloud_api:disk.read'])).toBe('read list');
  expect(await accepted(client, ['cloud_api:disk.write'])).toBe('write app');
  expect(await accepted(client, ['cloud_api:disk.app_folder'])).toBe('app');
});
