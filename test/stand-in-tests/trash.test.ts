import { expect, test } from 'vitest';
import type { SettingsInput } from '../stand-in/settings.ts';
import { type Answer, type Client, standIn } from './client.ts';

const calm: SettingsInput = { operationMs: 0, operationMsPerItem: 0, finalAfterMs: 0 };

async function trashed(client: Client): Promise<{ path: string; origin_path: string }[]> {
  const { json } = await client.api('GET', '/trash/resources', { path: 'trash:/' });
  return json._embedded.items;
}

function restore(
  client: Client,
  path: string,
  parameters: Record<string, string | boolean> = {},
): Promise<Answer> {
  return client.api('PUT', '/trash/resources/restore', { path, ...parameters });
}

/** Deletes a path and tells where it is in the trash. */
async function trash(client: Client, path: string): Promise<string> {
  client.disk.model.remove(path);
  return (await trashed(client)).find((item) => item.origin_path === path)?.path ?? 'nowhere';
}

test('what was deleted is in the trash, with its origin and the time of deletion', async () => {
  const client = await standIn(calm);
  client.disk.model.putFile('disk:/d/a b.txt', 'x', { modifiedMs: 1000 });
  client.disk.clock.advance(5000);
  await client.remove('disk:/d/a b.txt');
  const [item] = await trashed(client);
  expect(item).toMatchObject({ name: 'a b.txt', origin_path: 'disk:/d/a b.txt', type: 'file', size: 1 });
  expect(item?.path).toMatch(/^trash:\/a b\.txt_[0-9a-f]{40}$/);
  const { json } = await client.api('GET', '/trash/resources', { path: item?.path ?? '' });
  expect(json.deleted).toBe(json.modified);
  expect(Date.parse(json.deleted)).toBe(client.disk.clock.now());
  expect((await client.api('GET', '/trash/resources', { path: 'trash:/none' })).status).toBe(404);
  expect((await client.api('GET', '/trash/resources', { path: 'disk:/d' })).status).toBe(404);
});

test('the trash is emptied by item or as a whole', async () => {
  const client = await standIn(calm);
  client.disk.model.putFile('disk:/a', 'x');
  client.disk.model.putFile('disk:/d/b', 'x');
  client.disk.model.putFile('disk:/c', 'x');
  const [a, d] = [await trash(client, 'disk:/a'), await trash(client, 'disk:/d')];
  const remove = (parameters: Record<string, string | boolean>) =>
    client.api('DELETE', '/trash/resources', parameters);
  expect((await remove({ path: a })).status).toBe(204);
  expect((await remove({ path: a })).status).toBe(404);
  const slow = await remove({ path: d });
  expect([slow.status, slow.json.method]).toEqual([202, 'GET']);
  client.disk.clock.advance(1);
  expect(await trashed(client)).toEqual([]);
  await trash(client, 'disk:/c');
  expect((await remove({})).status).toBe(202);
  client.disk.clock.advance(1);
  expect(await trashed(client)).toEqual([]);
  expect((await client.api('GET', '')).json).toMatchObject({ used_space: 0, trash_size: 0 });
  expect((await remove({})).status).toBe(204);
});

test('restore: 201 for a file or an empty folder, 202 for one that holds something; missing parents are made', async () => {
  const client = await standIn(calm);
  const { model } = client.disk;
  model.putFile('disk:/p/q/f', 'x');
  model.putFile('disk:/d/inner', 'y');
  const f = await trash(client, 'disk:/p/q/f');
  const d = await trash(client, 'disk:/d');
  model.remove('disk:/p', { permanently: true });
  const { resourceId } = (await client.disk.control.tree()).trash.find(({ name }) => name === 'f') ?? {};
  const back = await restore(client, f);
  expect([back.status, back.json.href]).toEqual([
    201,
    `${client.disk.apiUrl}/resources?path=disk%3A%2Fp%2Fq%2Ff`,
  ]);
  expect((await restore(client, d)).status).toBe(202);
  client.disk.clock.advance(1);
  expect(client.content('disk:/p/q/f')).toBe('x');
  expect(client.content('disk:/d/inner')).toBe('y');
  const { json } = await client.get('disk:/p/q/f');
  expect(json.resource_id).toBe(resourceId);
  expect('origin_path' in json || 'deleted' in json).toBe(false);
  expect((await restore(client, f)).status).toBe(404);
});

test('restore: under another name, or at another path', async () => {
  const client = await standIn(calm);
  client.disk.model.putFile('disk:/d/f', 'x');
  await restore(client, await trash(client, 'disk:/d/f'), { name: 'g' });
  expect(client.content('disk:/d/g')).toBe('x');
  await restore(client, await trash(client, 'disk:/d/g'), { name: '/new/place' });
  expect(client.content('disk:/new/place')).toBe('x');
});

test('restoreOntoExisting: a taken name is 409 or 423; overwrite=true replaces', async () => {
  for (const [restoreOntoExisting, status] of [
    ['conflict', 409],
    ['locked', 423],
  ] as const) {
    const client = await standIn({ ...calm, restoreOntoExisting });
    client.disk.model.putFile('disk:/f', 'old');
    const path = await trash(client, 'disk:/f');
    client.disk.model.putFile('disk:/f', 'new');
    expect((await restore(client, path)).status).toBe(status);
    expect(client.content('disk:/f')).toBe('new');
    expect((await restore(client, path, { overwrite: true })).status).toBe(201);
    expect(client.content('disk:/f')).toBe('old');
  }
});

test('restoreKeepsModified: the time of change comes back, or stays that of deletion', async () => {
  for (const restoreKeepsModified of [true, false]) {
    const client = await standIn({ ...calm, restoreKeepsModified });
    client.disk.model.putFile('disk:/f', 'x', { modifiedMs: 1000 });
    await restore(client, await trash(client, 'disk:/f'));
    expect((await client.get('disk:/f')).json.modified === '1970-01-01T00:00:01+00:00').toBe(
      restoreKeepsModified,
    );
  }
});

test('only what lies at the top of the trash can be restored', async () => {
  const client = await standIn(calm);
  client.disk.model.putFile('disk:/d/f', 'x');
  const path = await trash(client, 'disk:/d');
  expect((await client.api('GET', '/trash/resources', { path: `${path}/f` })).status).toBe(200);
  expect((await restore(client, `${path}/f`)).status).toBe(404);
});

test('two of one name lie in the trash side by side', async () => {
  const client = await standIn(calm);
  for (const text of ['one', 'two']) {
    client.disk.model.putFile('disk:/f', text);
    client.disk.model.remove('disk:/f');
  }
  const paths = (await trashed(client)).map(({ path }) => path);
  expect(new Set(paths).size).toBe(2);
});
