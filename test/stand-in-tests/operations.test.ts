import { expect, test } from 'vitest';
import type { SettingsInput } from '../stand-in/settings.ts';
import { type Client, standIn } from './client.ts';

async function withFolder(settings: SettingsInput = {}): Promise<Client> {
  const client = await standIn({ operationMs: 1000, operationMsPerItem: 10, ...settings });
  client.disk.model.putFile('disk:/d/a', 'a');
  client.disk.model.putFile('disk:/d/b', 'b');
  client.disk.model.putFile('disk:/other/f', 'f');
  return client;
}

test('operationMs, operationMsPerItem: an operation takes its time, by the number of resources', async () => {
  const client = await withFolder();
  const { href } = (await client.remove('disk:/d')).json;
  expect((await client.api('GET', `/operations/${href.split('/').at(-1)}`)).json).toEqual({
    status: 'in-progress',
  });
  client.disk.clock.advance(1029);
  expect(await client.operation(href)).toBe('in-progress');
  client.disk.clock.advance(1);
  expect(await client.operation(href)).toBe('success');
});

test('operationEffect: it shows at the end, or at once', async () => {
  for (const operationEffect of ['end', 'start'] as const) {
    const client = await withFolder({ operationEffect });
    const { href } = (await client.copy('disk:/d', 'disk:/e')).json;
    expect((await client.get('disk:/e/a')).status).toBe(operationEffect === 'start' ? 200 : 404);
    expect(await client.operation(href)).toBe('in-progress');
    client.disk.clock.advance(2000);
    expect((await client.get('disk:/e/a')).status).toBe(200);
  }
});

test('locks: what overlaps with a change in progress is 423, what does not is not', async () => {
  const client = await withFolder();
  await client.move('disk:/d', 'disk:/e');
  const locked = [
    client.mkdir('disk:/d/new'),
    client.mkdir('disk:/e/new'),
    client.patch('disk:/d/a', { a: 1 }),
    client.remove('disk:/d/a'),
    client.remove('disk:/d'),
    client.move('disk:/d/a', 'disk:/x'),
    client.move('disk:/other/f', 'disk:/d/f'),
    client.copy('disk:/d/a', 'disk:/x'),
    client.upload('disk:/d/new', 'x'),
    client.api('PUT', '/resources/publish', { path: 'disk:/d/a' }),
  ];
  for (const answer of locked) {
    const { status, json } = await answer;
    // What does not exist yet at the target is 409 by its missing parent, or 423 by the lock: the lock comes first.
    expect([status, json.error]).toEqual([423, 'DiskResourceLockedError']);
  }
  expect((await client.get('disk:/d/a')).status).toBe(200);
  expect((await client.mkdir('disk:/other/new')).status).toBe(201);
  client.disk.clock.advance(2000);
  expect((await client.mkdir('disk:/e/new')).status).toBe(201);
});

test('locks: what is above a change in progress is held by it as well', async () => {
  const client = await withFolder();
  client.disk.model.putFile('disk:/d/e/f', 'x');
  await client.remove('disk:/d/e');
  expect((await client.remove('disk:/d')).status).toBe(423);
  expect((await client.move('disk:/d', 'disk:/x')).status).toBe(423);
  expect((await client.patch('disk:/d/a', { a: 1 })).status).toBe(200);
});

test('locks off: overlapping changes are let through', async () => {
  const client = await withFolder({ locks: false });
  await client.remove('disk:/d');
  expect((await client.patch('disk:/d/a', { a: 1 })).status).toBe(200);
});

test('a lock can be set by hand, for a time or until it is released', async () => {
  const client = await withFolder();
  client.disk.control.lock('disk:/d', 500);
  const unlock = client.disk.control.lock('disk:/other');
  expect((await client.mkdir('disk:/d/x')).status).toBe(423);
  client.disk.clock.advance(500);
  expect((await client.mkdir('disk:/d/x')).status).toBe(201);
  expect((await client.mkdir('disk:/other/x')).status).toBe(423);
  unlock();
  expect((await client.mkdir('disk:/other/x')).status).toBe(201);
});

test('operationLifeMs: a finished operation is forgotten after a while, a running one never', async () => {
  const client = await withFolder({ operationLifeMs: 5000 });
  const { href } = (await client.remove('disk:/d')).json;
  client.disk.clock.advance(1030);
  expect(await client.operation(href)).toBe('success');
  client.disk.clock.advance(4999);
  expect(await client.operation(href)).toBe('success');
  client.disk.clock.advance(1);
  const answer = await client.api('GET', `/operations/${href.split('/').at(-1)}`);
  expect([answer.status, answer.json.error]).toEqual([404, 'DiskOperationNotFoundError']);
  const upload = (await client.uploadLink('disk:/f')).json.operation_id;
  client.disk.clock.advance(20 * 60_000);
  expect(await client.operation(upload)).toBe('in-progress');
});

test.each([
  ['path', /^http:\/\/[^/]+\/v1\/disk\/operations\/[0-9a-f]{64}$/],
  ['query', /^http:\/\/[^/]+\/v1\/disk\/operations\?id=[0-9a-f]{64}$/],
  ['http', /^http:\/\/[^/]+\/v1\/disk\/operations\/[0-9a-f]{64}$/],
] as const)('operationHref %s', async (operationHref, form) => {
  const client = await withFolder({ operationHref });
  const { href } = (await client.remove('disk:/d')).json;
  expect(href).toMatch(form);
  const path = href.slice(client.disk.apiUrl.length);
  expect((await client.api('GET', path)).json).toEqual({ status: 'in-progress' });
});

test('operationsFail, operationFailedWord: an operation that fails has no effect', async () => {
  const client = await withFolder({ operationsFail: true });
  const failed = async () => {
    const { href } = (await client.remove('disk:/d')).json;
    client.disk.clock.advance(2000);
    return client.operation(href);
  };
  expect(await failed()).toBe('failed');
  expect((await client.get('disk:/d/a')).status).toBe(200);
  client.disk.control.set({ operationFailedWord: 'failure' });
  expect(await failed()).toBe('failure');
  client.disk.control.set({ operationsFail: false });
  expect(await failed()).toBe('success');
});

test('an operation fails when its effect has become impossible', async () => {
  const client = await withFolder();
  const { href } = (await client.copy('disk:/d', 'disk:/e')).json;
  client.disk.model.putFile('disk:/e', 'in the way');
  client.disk.clock.advance(2000);
  expect(await client.operation(href)).toBe('failed');
  expect(client.content('disk:/e')).toBe('in the way');
});
