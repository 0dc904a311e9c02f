import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { standingClock } from '../stand-in/clock.ts';
import { type StandIn, startStandIn } from '../stand-in/index.ts';

let disk: StandIn;
const hour = 3600_000;

beforeEach(async () => {
  disk = await startStandIn({ clock: standingClock() });
});
afterEach(() => disk.close());

function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  const url = path.startsWith('http') ? path : `${disk.apiUrl}${path}`;
  return fetch(url, { headers: { authorization: `OAuth ${disk.token}`, ...headers }, redirect: 'manual' });
}

async function fileHref(path: string): Promise<string> {
  const reply = await get(`/resources?path=${encodeURIComponent(path)}`);
  const { file } = (await reply.json()) as { file: string };
  return file;
}

test('a request without the token, or with the word Bearer, is 401', async () => {
  const replies = await Promise.all([
    fetch(`${disk.apiUrl}/`),
    fetch(`${disk.apiUrl}/`, { headers: { authorization: `Bearer ${disk.token}` } }),
  ]);
  for (const reply of replies) {
    expect(reply.status).toBe(401);
    expect(reply.headers.get('content-type')).toBe('application/json');
    expect(await reply.json()).toMatchObject({ error: 'UnauthorizedError', description: 'Unauthorized' });
  }
});

test('a download goes through one redirect and dies after four hours', async () => {
  disk.model.putFile('disk:/a b.txt', 'hello');
  const href = await fileHref('disk:/a b.txt');
  const first = await get(href);
  expect(first.status).toBe(302);
  const location = first.headers.get('location') ?? '';
  expect(new URL(location).port).not.toBe(new URL(href).port);
  expect(await (await get(location)).text()).toBe('hello');
  disk.clock.advance(4 * hour - 1000);
  expect((await get(href)).status).toBe(302);
  disk.clock.advance(1000);
  const dead = await get(href);
  expect(dead.status).toBe(410);
  expect(dead.headers.get('content-type')).toBe('text/html');
});

test('a page of a declared folder of a million files comes at once, with true hashes', async () => {
  disk.model.declare('disk:/big', { files: 1_000_000, fileSizeBytes: 1000 });
  const reply = await get('/resources?path=disk:/big&limit=2&offset=999999&fields=_embedded');
  const { _embedded: page } = (await reply.json()) as {
    _embedded: { total: number; items: { name: string; md5: string; file: string }[] };
  };
  expect(page.total).toBe(1_000_000);
  expect(page.items.map(({ name }) => name)).toEqual(['file-999999.txt']);
  const [item] = page.items;
  const location = (await get(item?.file ?? '')).headers.get('location') ?? '';
  const bytes = Buffer.from(await (await get(location)).arrayBuffer());
  expect(bytes.length).toBe(1000);
  expect(createHash('md5').update(bytes).digest('hex')).toBe(item?.md5);
});
