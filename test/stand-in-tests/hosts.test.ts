import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { typescript } from '../programs/typescript.ts';
import { yandexNames } from '../stand-in/http/hosts.ts';
import { send, standIn } from './client.ts';
import { cert, key } from './throw-away-certificate.ts';

interface Reply {
  readonly status: number;
  readonly location: string;
  readonly text: string;
}

/** A request to a name of the real service that is looked up on this machine. */
function secure(
  url: string,
  port: number,
  method = 'GET',
  headers: Record<string, string> = {},
  body = '',
): Promise<Reply> {
  const { hostname, pathname, search, host } = new URL(url);
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      servername: hostname,
      ca: cert,
      method,
      path: pathname + search,
      headers: { ...headers, host },
    };
    const req = request(options, (res) => {
      const parts: Buffer[] = [];
      res.on('data', (part: Buffer) => parts.push(part));
      res.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        resolve({ status: res.statusCode ?? 0, location: res.headers.location ?? '', text });
      });
    });
    req.on('error', reject);
    req.end(body);
  });
}

test('with TLS and names, one port serves every part under the names of the real service', async () => {
  const client = await standIn({}, { tls: { cert, key }, names: yandexNames });
  const { apiUrl, oauthUrl, token } = client.disk;
  expect(new URL(apiUrl).hostname).toBe('cloud-api.yandex.net');
  expect(new URL(oauthUrl).hostname).toBe('oauth.yandex.ru');
  const port = Number(new URL(apiUrl).port);
  const authorization = `OAuth ${token}`;
  const link = JSON.parse(
    (await secure(`${apiUrl}/resources/upload?path=disk:/f`, port, 'GET', { authorization })).text,
  );
  expect(link.href).toMatch(/^https:\/\/uploader\d[gj]\.disk\.yandex\.net:\d+\/upload-target\//);
  expect((await secure(link.href, port, 'PUT', { 'content-length': '4' }, 'data')).status).toBe(201);
  const { file } = JSON.parse(
    (await secure(`${apiUrl}/resources?path=disk:/f`, port, 'GET', { authorization })).text,
  );
  expect(file).toMatch(/^https:\/\/downloader\.disk\.yandex\.ru:\d+\/disk\//);
  const hop = await secure(file, port);
  expect(hop.location).toMatch(/^https:\/\/s\d+\w+\.storage\.yandex\.net:\d+\/rdisk\//);
  expect((await secure(hop.location, port)).text).toBe('data');
  expect((await secure(`${oauthUrl}/token`, port, 'POST', {}, 'grant_type=x')).status).toBe(400);
  expect(client.disk.wire.statistics.snapshot().roles).toMatchObject({
    api: { count: 2 },
    uploader: { count: 1 },
    downloader: { count: 1 },
    storage: { count: 1 },
    oauth: { count: 1 },
  });
});

test('a request line that names nothing is 404, and the server goes on', async () => {
  const client = await standIn();
  const { port } = new URL(client.disk.apiUrl);
  for (const path of ['//', '/v1', '*', '/%']) {
    const status = await new Promise((resolve, reject) => {
      plainRequest({ host: '127.0.0.1', port, path, agent: false }, (res) => {
        res.resume();
        resolve(res.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(404);
  }
});

test('save-url reaches the names of the stand-in itself', async () => {
  const client = await standIn({ operationMs: 0 }, { tls: { cert, key }, names: yandexNames });
  const { apiUrl, token, model } = client.disk;
  const port = Number(new URL(apiUrl).port);
  const headers = { authorization: `OAuth ${token}` };
  model.putFile('disk:/a', 'own');
  const { file } = JSON.parse((await secure(`${apiUrl}/resources?path=disk:/a`, port, 'GET', headers)).text);
  await secure(
    `${apiUrl}/resources/upload?path=disk:/b&url=${encodeURIComponent(file)}`,
    port,
    'POST',
    headers,
  );
  await expect.poll(() => model.find('disk:/b')).toBeDefined();
  expect(client.content('disk:/b')).toBe('own');
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stand-in-'));
});
afterAll(() => rm(folder, { recursive: true }));

const program = join(import.meta.dirname, '../stand-in/main.ts');

test('as a program it prints its addresses, plants a seed file, obeys settings, and ends when told', async () => {
  const seed = join(folder, 'seed.json');
  await writeFile(join(folder, 'photo.jpg'), Buffer.from([0xff, 0xd8, 1]));
  await writeFile(
    seed,
    JSON.stringify({
      settings: { login: 'seeded', uid: '5' },
      entries: [
        { path: 'disk:/Фото/a.jpg', file: 'photo.jpg', modified: '2020-05-06T07:08:09Z' },
        {
          path: 'disk:/video.mp4',
          synthetic: { sizeBytes: 2_000_000_000, seed: 'v', md5: 'a'.repeat(32), sha256: 'b'.repeat(64) },
          previewFile: 'photo.jpg',
        },
        { path: 'disk:/t.txt', text: 'text', properties: { k: 1 }, published: true },
        { path: 'disk:/old', text: 'x', trashed: true },
      ],
    }),
  );
  const options = [
    '--seed',
    seed,
    '--settings',
    '{"uid":"6","redirectHops":0}',
    '--wire',
    '{"delayMs":1}',
    '--token',
    't0',
  ];
  const child = spawn(process.execPath, [...typescript(program), ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = await new Promise<string[]>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
      createInterface(child.stdout).once('line', (text) => resolve([text]));
    });
    const { apiUrl, controlUrl, token, pid } = JSON.parse(line ?? '{}');
    expect([token, pid]).toEqual(['t0', child.pid]);
    const headers = { authorization: 'OAuth t0' };
    const disk = (await send(apiUrl, { headers })).json;
    expect(disk.user).toMatchObject({ login: 'seeded', uid: '6' });
    expect(disk.used_space).toBe(2_000_000_000 + 3 + 4 + 1);
    const photo = (await send(`${apiUrl}/resources?path=disk:/Фото/a.jpg`, { headers })).json;
    expect(photo).toMatchObject({
      size: 3,
      modified: '2020-05-06T07:08:09+00:00',
      preview: expect.any(String),
    });
    expect((await send(photo.file)).bytes).toEqual(Buffer.from([0xff, 0xd8, 1]));
    const tree = (await send(`${controlUrl}/tree`)).json;
    const paths = tree.entries.map(({ path }: { path: string }) => path);
    expect(paths).toEqual(['disk:/t.txt', 'disk:/video.mp4', 'disk:/Фото', 'disk:/Фото/a.jpg']);
    expect(tree.entries[1]).toMatchObject({ md5: 'a'.repeat(32), sizeBytes: 2_000_000_000 });
    expect(tree.entries[0]).toMatchObject({ properties: { k: 1 }, publicKey: expect.any(String) });
    expect(tree.trash).toMatchObject([{ originPath: 'disk:/old' }]);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  } finally {
    child.kill('SIGKILL');
  }
});

test('as a program it refuses settings that are none', async () => {
  const run = promisify(execFile)(process.execPath, [...typescript(program), '--settings', '{"kindness":1}']);
  await expect(run).rejects.toThrow(/kindness/);
});
