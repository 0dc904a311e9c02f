import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Parameters } from './client.ts';
import { type Client, standIn } from './client.ts';

async function names(client: Client, list: string, parameters: Parameters = {}): Promise<string[]> {
  const { json } = await client.api('GET', `/resources/${list}`, parameters);
  return json.items.map(({ name }: { name: string }) => name);
}

test('files: all files of the Disk, paged, by kind; filesOrder by creation or by name', async () => {
  const client = await standIn();
  const { model } = client.disk;
  model.putFile('disk:/d/b.txt', '1', { createdMs: 2000 });
  model.putFile('disk:/c.jpg', '2', { createdMs: 1000 });
  model.putFile('disk:/a.zip', '3', { createdMs: 3000 });
  model.putFile('disk:/gone', '4');
  model.remove('disk:/gone');
  expect(await names(client, 'files')).toEqual(['c.jpg', 'b.txt', 'a.zip']);
  expect(await names(client, 'files', { limit: 1, offset: 1 })).toEqual(['b.txt']);
  expect(await names(client, 'files', { media_type: 'image,compressed' })).toEqual(['c.jpg', 'a.zip']);
  expect(await names(client, 'files', { sort: '-name' })).toEqual(['c.jpg', 'b.txt', 'a.zip']);
  client.disk.control.set({ filesOrder: 'name' });
  expect(await names(client, 'files')).toEqual(['a.zip', 'b.txt', 'c.jpg']);
  const { json } = await client.api('GET', '/resources/files', {
    limit: 2,
    fields: 'items.path,limit,offset,total',
  });
  expect(json).toEqual({ items: [{ path: 'disk:/a.zip' }, { path: 'disk:/d/b.txt' }], limit: 2, offset: 0 });
});

test('last-uploaded: newest upload first, with a limit and no offset', async () => {
  const client = await standIn();
  for (const name of ['a.txt', 'b.jpg', 'c.txt']) {
    client.disk.clock.advance(1000);
    await client.upload(`disk:/${name}`, 'x');
  }
  client.disk.clock.advance(1000);
  await client.upload('disk:/a.txt', 'y', { overwrite: true });
  client.disk.model.patch('disk:/b.jpg', { a: 1 });
  expect(await names(client, 'last-uploaded')).toEqual(['a.txt', 'c.txt', 'b.jpg']);
  expect(await names(client, 'last-uploaded', { media_type: 'document', limit: 1 })).toEqual(['a.txt']);
  const { json } = await client.api('GET', '/resources/last-uploaded', { limit: 1, fields: 'items.type' });
  expect(json).toEqual({ items: [{ type: 'file' }] });
  expect(Object.keys((await client.api('GET', '/resources/last-uploaded')).json).sort()).toEqual([
    'items',
    'limit',
  ]);
});

test('published: newest first, by kind', async () => {
  const client = await standIn();
  const { model } = client.disk;
  for (const path of ['disk:/d/f', 'disk:/g', 'disk:/d']) {
    if (path !== 'disk:/d') model.putFile(path, 'x');
    model.publish(path);
    client.disk.clock.advance(1000);
  }
  expect(await names(client, 'public')).toEqual(['d', 'g', 'f']);
  expect(await names(client, 'public', { type: 'file', offset: 1 })).toEqual(['f']);
  expect(await names(client, 'public', { type: 'dir' })).toEqual(['d']);
  expect((await client.api('GET', '/resources/public', { type: 'link' })).status).toBe(400);
  const { json } = await client.api('GET', '/resources/public', { limit: 1 });
  expect(json).toMatchObject({
    limit: 1,
    offset: 0,
    items: [{ path: 'disk:/d', public_key: expect.any(String) }],
  });
});

let source: Server;
let sourceUrl: string;

beforeEach(async () => {
  source = createServer((req, res) => {
    if (req.url === '/moved') res.writeHead(302, { location: '/file' }).end();
    else if (req.url === '/file') res.writeHead(200).end('from afar');
    else res.writeHead(404).end();
  });
  await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve));
  sourceUrl = `http://127.0.0.1:${(source.address() as AddressInfo).port}`;
});
afterEach(() => {
  source.close();
  source.closeAllConnections();
});

/** Has the server fetch a URL, and tells how that ended. */
async function saveUrl(
  client: Client,
  url: string,
  path: string,
  parameters: Parameters = {},
): Promise<string> {
  const { status, json } = await client.api('POST', '/resources/upload', { url, path, ...parameters });
  expect(status).toBe(202);
  for (let round = 0; round < 100; round += 1) {
    const state = await client.operation(json.href);
    if (state !== 'in-progress') return state;
    await sleep(10);
  }
  return 'in-progress';
}

test('save-url: the server fetches, follows redirects unless told not to, and fails without a word', async () => {
  const client = await standIn({ operationMs: 0 });
  expect(await saveUrl(client, `${sourceUrl}/file`, 'disk:/a.txt')).toBe('success');
  expect(client.content('disk:/a.txt')).toBe('from afar');
  expect(await saveUrl(client, `${sourceUrl}/moved`, 'disk:/b.txt')).toBe('success');
  expect(await saveUrl(client, `${sourceUrl}/moved`, 'disk:/c.txt', { disable_redirects: true })).toBe(
    'failed',
  );
  expect(await saveUrl(client, `${sourceUrl}/none`, 'disk:/c.txt')).toBe('failed');
  expect(await saveUrl(client, 'http://192.0.2.1/x', 'disk:/c.txt')).toBe('failed');
  client.disk.control.set({ operationsFail: true });
  expect(await saveUrl(client, `${sourceUrl}/file`, 'disk:/c.txt')).toBe('failed');
  expect(await client.paths()).toEqual(['disk:/a.txt', 'disk:/b.txt']);
  const refused = async (url: string, path: string) =>
    (await client.api('POST', '/resources/upload', { url, path })).status;
  expect(await refused('ftp://127.0.0.1/x', 'disk:/x')).toBe(400);
  expect(await refused(`${sourceUrl}/file`, 'disk:/no/x')).toBe(409);
});

test('save-url takes a link of the Disk itself', async () => {
  const client = await standIn({ operationMs: 0 });
  client.disk.model.putFile('disk:/a', 'own');
  expect(await saveUrl(client, await client.fileHref('disk:/a'), 'disk:/b')).toBe('success');
  expect(client.content('disk:/b')).toBe('own');
});

test('saveUrlCollision: another name, overwritten, or failed', async () => {
  for (const saveUrlCollision of ['rename', 'overwrite', 'fail'] as const) {
    const client = await standIn({ operationMs: 0, saveUrlCollision });
    client.disk.model.putFile('disk:/f.txt', 'old');
    const state = await saveUrl(client, `${sourceUrl}/file`, 'disk:/f.txt');
    expect(state).toBe(saveUrlCollision === 'fail' ? 'failed' : 'success');
    expect(client.content('disk:/f.txt')).toBe(saveUrlCollision === 'overwrite' ? 'from afar' : 'old');
    expect((await client.paths()).includes('disk:/f (1).txt')).toBe(saveUrlCollision === 'rename');
  }
});
