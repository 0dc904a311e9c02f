import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { completeSettings } from '../stand-in/settings.ts';
import { type Answer, type Client, send, standIn } from './client.ts';

function control(client: Client, method: string, path: string, body?: unknown): Promise<Answer> {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  return send(`${client.disk.controlUrl}${path}`, { method, ...init });
}

test('every setting is spoken of by a test', () => {
  const folder = import.meta.dirname;
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
  const missing = Object.keys(completeSettings()).filter((name) => !texts.includes(name));
  expect(missing).toEqual([]);
});

test('over HTTP, another client changes the Disk', async () => {
  const client = await standIn();
  const done = async (call: string, body: unknown) => {
    const { status, json, text } = await control(client, 'POST', `/${call}`, body);
    expect(status, text).toBe(200);
    return json;
  };
  await done('put', {
    path: 'disk:/d/a',
    text: 'one',
    modified: '2020-01-01T00:00:00Z',
    properties: { k: 1 },
  });
  await done('put', { path: 'disk:/d/b', base64: Buffer.from('two').toString('base64') });
  await done('put', { path: 'disk:/big', synthetic: { sizeBytes: 5000, seed: 's' } });
  await done('put', { path: 'disk:/late', text: 'x', seenLateMs: 1000, finalAfterMs: 2000 });
  await done('mkdir', { path: 'disk:/x/y', parents: true });
  await done('declare', { path: 'disk:/many', declared: { files: 3, fileSizeBytes: 1 } });
  await done('move', { from: 'disk:/d/a', to: 'disk:/x/a' });
  await done('copy', { from: 'disk:/x/a', to: 'disk:/x/c' });
  await done('patch', { path: 'disk:/x/c', properties: { k: null, n: 2 } });
  await done('touch', {
    path: 'disk:/d/b',
    modified: '2021-01-01T00:00:00Z',
    revision: 2_000_000_000_000_000,
  });
  const { publicKey } = await done('publish', { path: 'disk:/x' });
  await done('delete', { path: 'disk:/many' });
  await done('delete', { path: 'disk:/big', permanently: true });
  const { json: tree } = await control(client, 'GET', '/tree');
  const byPath = Object.fromEntries(tree.entries.map((entry: { path: string }) => [entry.path, entry]));
  expect(Object.keys(byPath)).toEqual([
    'disk:/d',
    'disk:/d/b',
    'disk:/late',
    'disk:/x',
    'disk:/x/a',
    'disk:/x/c',
    'disk:/x/y',
  ]);
  expect(byPath['disk:/x/a']).toMatchObject({
    properties: { k: 1 },
    modified: '2020-01-01T00:00:00+00:00',
    sizeBytes: 3,
    md5: 'f97c5d29941bfb1b2fdab0874906ab82',
    final: true,
    seen: true,
  });
  expect(byPath['disk:/x/c']).toMatchObject({ properties: { n: 2 } });
  expect(byPath['disk:/late']).toMatchObject({ final: false, seen: false });
  expect(byPath['disk:/d/b']).toMatchObject({
    modified: '2021-01-01T00:00:00+00:00',
    revision: 2_000_000_000_000_000,
  });
  expect(byPath['disk:/x'].publicKey).toBe(publicKey);
  expect(tree.trash.map(({ originPath }: { originPath?: string }) => originPath).filter(Boolean)).toEqual([
    'disk:/many',
  ]);
  expect((await control(client, 'GET', '/read?path=disk:/d/b')).text).toBe('two');
  expect((await control(client, 'GET', '/entry?path=disk:/d/b')).json).toEqual(byPath['disk:/d/b']);
  await done('unpublish', { path: 'disk:/x' });
  const trashPath = tree.trash[0].path.split('/').slice(0, 2).join('/');
  await done('restore', { path: trashPath, name: 'back' });
  await done('delete', { path: 'disk:/back' });
  await done('empty-trash', {});
  const { json: after } = await control(client, 'GET', '/tree?hashes=false');
  expect(after.trash).toEqual([]);
  expect(after.trashBytes).toBe(0);
});

test('over HTTP, what is wrong is said', async () => {
  const client = await standIn();
  expect((await control(client, 'POST', '/put', { path: 'disk:/f', colour: 1 })).status).toBe(400);
  expect((await control(client, 'POST', '/mkdir', { path: 'disk:/a/b' })).json.error).toBe(
    'DiskPathDoesntExistsError',
  );
  expect((await control(client, 'GET', '/nothing')).status).toBe(404);
  expect((await control(client, 'PATCH', '/settings', { kindness: 1 })).status).toBe(400);
  expect((await control(client, 'PATCH', '/settings', { redirectHops: 99 })).status).toBe(400);
  expect((await send(`${client.disk.controlUrl}/put`, { method: 'POST', body: '{' })).status).toBe(400);
  expect((await control(client, 'POST', '/gates/release', { id: 'none' })).status).toBe(404);
  expect((await control(client, 'DELETE', '/faults?id=none')).status).toBe(404);
  expect((await control(client, 'GET', '/')).json.calls).toContain('GET /tree');
});

test('over HTTP: settings, clock, operations and locks', async () => {
  const client = await standIn();
  client.disk.model.putFile('disk:/d/f', 'x');
  expect((await control(client, 'GET', '/settings')).json).toEqual(completeSettings());
  expect((await control(client, 'PATCH', '/settings', { operationMs: 5000 })).json.operationMs).toBe(5000);
  const { href } = (await client.remove('disk:/d')).json;
  expect((await control(client, 'GET', '/operations')).json).toMatchObject([
    { kind: 'delete', status: 'in-progress' },
  ]);
  const { nowMs } = (await control(client, 'GET', '/clock')).json;
  expect((await control(client, 'POST', '/clock', { advanceMs: 6000 })).json.nowMs).toBe(nowMs + 6000);
  expect(await client.operation(href)).toBe('success');
  await control(client, 'POST', '/lock', { path: 'disk:/e' });
  expect((await client.mkdir('disk:/e')).status).toBe(423);
  await control(client, 'POST', '/unlock');
  expect((await client.mkdir('disk:/e')).status).toBe(201);
});

test('over HTTP: tokens, links, devices, codes', async () => {
  const client = await standIn();
  client.disk.model.putFile('disk:/f', 'x');
  const status = async (token?: string) =>
    (await client.api('GET', '/operations/0', {}, token === undefined ? {} : { token })).status;
  const issued = (
    await control(client, 'POST', '/tokens', {
      accessToken: 'mine',
      scopes: 'cloud_api:disk.read',
      lifeMs: 1000,
    })
  ).json;
  expect(issued).toMatchObject({ accessToken: 'mine', scopes: ['cloud_api:disk.read'] });
  expect(await status('mine')).toBe(404);
  const href = await client.fileHref('disk:/f');
  await control(client, 'POST', '/links/expire', { path: 'disk:/f' });
  expect((await send(href)).status).toBe(410);
  const upload = (await client.uploadLink('disk:/g')).json.href;
  await control(client, 'POST', '/uploads/expire');
  expect((await send(upload, { method: 'PUT', body: 'x' })).status).toBe(410);
  await control(client, 'POST', '/tokens/expire', { accessToken: 'mine' });
  expect([await status('mine'), await status()]).toEqual([401, 404]);
  await control(client, 'POST', '/tokens/revoke-all');
  expect(await status()).toBe(401);
  const open = () =>
    send(`${client.disk.oauthUrl}/device/code`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'stand-in-client' }),
    });
  const userCode = (await open()).json.user_code;
  expect((await control(client, 'GET', '/devices')).json).toEqual([
    { userCode, clientId: 'stand-in-client' },
  ]);
  expect((await control(client, 'POST', '/devices/approve', { userCode: 'other' })).json).toEqual({
    answered: 0,
  });
  expect((await control(client, 'POST', '/devices/approve', { userCode })).json).toEqual({ answered: 1 });
  await open();
  expect((await control(client, 'POST', '/devices/deny')).json).toEqual({ answered: 1 });
  expect((await control(client, 'POST', '/codes')).json.code).toMatch(/^\d{7}$/);
});

test('over HTTP: statistics, requests, faults, gates, the network', async () => {
  const client = await standIn();
  await client.get('disk:/');
  await client.get('disk:/none');
  expect((await control(client, 'GET', '/statistics')).json.routes['resources.get']).toMatchObject({
    count: 2,
    byStatus: { 200: 1, 404: 1 },
  });
  expect((await control(client, 'GET', '/requests')).json).toMatchObject([
    { path: 'disk:/', status: 200 },
    { path: 'disk:/none' },
  ]);
  await control(client, 'POST', '/statistics/reset');
  await control(client, 'POST', '/requests/clear');
  expect((await control(client, 'GET', '/statistics')).json.all.count).toBe(0);
  expect((await control(client, 'GET', '/requests')).json).toEqual([]);

  const { id } = (
    await control(client, 'POST', '/faults', {
      route: 'resources.get',
      count: 1,
      fault: { kind: 'status', status: 503 },
    })
  ).json;
  expect([(await client.get('disk:/')).status, (await client.get('disk:/')).status]).toEqual([503, 200]);
  expect((await control(client, 'GET', '/faults')).json).toMatchObject({
    rules: [{ id, appliedCount: 1 }],
    happened: [{ ruleId: id }],
  });
  await control(client, 'DELETE', `/faults?id=${id}`);
  await control(client, 'POST', '/faults', { fault: { kind: 'status', status: 500 } });
  await control(client, 'DELETE', '/faults');
  expect((await client.get('disk:/')).status).toBe(200);

  const gate = (await control(client, 'POST', '/gates', { route: 'resources.put', stage: 'before' })).json.id;
  const held = client.mkdir('disk:/d');
  expect((await control(client, 'GET', `/gates/arrived?id=${gate}`)).json).toMatchObject({
    route: 'resources.put',
    path: 'disk:/d',
  });
  expect((await control(client, 'GET', '/gates')).json).toMatchObject([
    { id: gate, held: [{ path: 'disk:/d' }] },
  ]);
  await control(client, 'POST', '/gates/release', { id: gate });
  expect((await held).status).toBe(201);
  const other = (await control(client, 'POST', '/gates', { route: 'resources.put', stage: 'before' })).json
    .id;
  const refused = client.mkdir('disk:/e');
  await control(client, 'GET', `/gates/arrived?id=${other}`);
  await control(client, 'POST', '/gates/reject', { id: other, fault: { kind: 'status', status: 502 } });
  expect((await refused).status).toBe(502);
  expect(await client.paths()).toEqual(['disk:/d']);

  expect((await control(client, 'PATCH', '/wire', { delayMs: 100 })).json.delayMs).toBe(100);
  const startMs = performance.now();
  await client.get('disk:/');
  expect(performance.now() - startMs).toBeGreaterThan(95);
  await control(client, 'PATCH', '/wire', { delayMs: 0 });
  await control(client, 'POST', '/network/cut', { roles: ['api'] });
  await expect(client.get('disk:/')).rejects.toThrow();
  expect((await control(client, 'GET', '/wire')).json.network.cut).toMatchObject({ roles: ['api'] });
  await control(client, 'POST', '/network/restore');
  expect((await client.get('disk:/')).status).toBe(200);
});

test('a described state takes the place of all that was', async () => {
  const client = await standIn({ redirectHops: 0 });
  client.disk.model.putFile('disk:/before/f', 'x');
  client.disk.model.remove('disk:/before/f');
  client.disk.control.set({ locks: false, nameComparison: 'case' });
  client.disk.control.expireTokens();
  client.disk.wire.faults.add({ fault: { kind: 'status', status: 500 } });
  const slow = (await client.disk.control.issueToken()).accessToken;
  client.disk.control.lock('disk:/');
  const state = {
    settings: { login: 'other' },
    tokens: [{ accessToken: 'second', deviceId: 'device-123' }],
    entries: [
      {
        path: 'disk:/P',
        folder: true,
        published: {
          publicKey: 'KEY',
          publicUrl: 'https://yadi.sk/d/Anon0000000016',
          at: '2024-01-01T00:00:00Z',
        },
        properties: { a: 1 },
      },
      { path: 'disk:/P/a.txt', text: 'x', created: '2024-07-06T21:06:44Z', revision: 1_720_300_004_358_000 },
      { path: 'disk:/d/dir', folder: true, trashed: true },
    ],
  };
  const answer = await control(client, 'POST', '/state', state);
  expect(answer.status, answer.text).toBe(200);
  const tree = await client.disk.control.tree();
  expect(tree.entries.map(({ path }) => path)).toEqual(['disk:/P', 'disk:/P/a.txt', 'disk:/d']);
  expect(tree.trash).toMatchObject([{ originPath: 'disk:/d/dir' }]);
  expect(tree.entries[0]).toMatchObject({ properties: { a: 1 }, publicKey: 'KEY' });
  expect(tree.entries[1]).toMatchObject({
    created: '2024-07-06T21:06:44+00:00',
    revision: 1_720_300_004_358_000,
  });
  expect((await client.get('disk:/P/a.txt')).status).toBe(200);
  expect((await client.get('disk:/p/a.txt')).status).toBe(404);
  expect((await client.api('GET', '', {}, { token: 'second' })).json.user.login).toBe('other');
  expect((await client.api('GET', '', {}, { token: slow })).status).toBe(401);
  expect(
    (await client.api('GET', '/public/resources', { public_key: 'https://yadi.sk/d/Anon0000000016' })).json
      .name,
  ).toBe('P');
  expect((await client.mkdir('disk:/new')).status).toBe(201);
  client.disk.model.publish('disk:/new');
  const published = (await client.api('GET', '/resources/public')).json.items;
  expect(published.map(({ name }: { name: string }) => name)).toEqual(['new', 'P']);
  expect(client.disk.settings).toMatchObject({ locks: true, redirectHops: 0, nameComparison: 'exact' });
  const broken = await control(client, 'POST', '/state', { settings: { kindness: 1 } });
  expect(broken.status).toBe(400);
  expect(client.disk.settings.login).toBe('other');
  await control(client, 'POST', '/seed', { entries: [{ path: 'disk:/more', text: 'x' }] });
  expect(await client.paths()).toContain('disk:/more');
});

test('a lost reply: the change happened, and nobody was told', async () => {
  const client = await standIn();
  client.disk.model.putFile('disk:/a', 'x');
  client.disk.wire.faults.add({ route: 'resources.move', fault: { kind: 'lost-reply' } });
  await expect(client.move('disk:/a', 'disk:/b')).rejects.toThrow();
  expect(await client.paths()).toEqual(['disk:/b']);
});

test('a gate between the last byte and the commit lets another client come between', async () => {
  const client = await standIn();
  client.disk.model.putFile('disk:/f', 'theirs, first');
  const gate = client.disk.wire.hold({ route: 'uploader.put', path: 'disk:/f', stage: 'before-commit' });
  const upload = client.upload('disk:/f', 'ours', { overwrite: true });
  await gate.arrived();
  expect(client.content('disk:/f')).toBe('theirs, first');
  client.disk.model.putFile('disk:/f', 'theirs, second');
  gate.release();
  expect((await upload).status).toBe(201);
  expect(client.content('disk:/f')).toBe('ours');
});

test('a client that leaves after its last byte has its file; one whose upload is rejected there has not', async () => {
  const client = await standIn();
  const { wire } = client.disk;
  const gate = wire.hold({ route: 'uploader.put', stage: 'before-commit' });
  const { href } = (await client.uploadLink('disk:/f')).json;
  const leaving = new AbortController();
  const upload = send(href, { method: 'PUT', body: 'x', signal: leaving.signal });
  await gate.arrived();
  leaving.abort();
  await expect(upload).rejects.toThrow();
  expect(await client.paths()).toEqual([]);
  gate.release();
  await expect.poll(() => client.paths()).toEqual(['disk:/f']);
  const other = wire.hold({ route: 'uploader.put', stage: 'before-commit' });
  const rejected = client.upload('disk:/g', 'x');
  await other.arrived();
  other.reject({ kind: 'reset' });
  await expect(rejected).rejects.toThrow();
  expect(await client.paths()).toEqual(['disk:/f']);
});

test('faults befall downloads by the path of their file', async () => {
  const client = await standIn();
  client.disk.model.putFile('disk:/a', 'aaaa');
  client.disk.model.putFile('disk:/b', 'bbbb');
  const [a, b] = [await client.fileHref('disk:/a'), await client.fileHref('disk:/b')];
  client.disk.wire.faults.add({
    route: 'storage.get',
    path: 'disk:/a',
    fault: { kind: 'corrupt', offset: 1 },
  });
  const damaged = await client.download(a);
  expect(damaged.bytes.length).toBe(4);
  expect(damaged.text).not.toBe('aaaa');
  expect((await client.download(b)).text).toBe('bbbb');
});

test('the same seed gives the same ids', async () => {
  const id = async (seed: string) => {
    const client = await standIn({}, { seed });
    client.disk.model.putFile('disk:/f', 'x');
    return [
      (await client.get('disk:/f')).json.resource_id,
      (await client.uploadLink('disk:/g')).json.operation_id,
    ];
  };
  expect(await id('1')).toEqual(await id('1'));
  expect(await id('1')).not.toEqual(await id('2'));
});
