import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Client, send, standIn } from './client.ts';

const minute = 60_000;

/** A body that breaks off: its connection is cut after the bytes that are sent. */
async function brokenPut(href: string, bytes: string, headers: Record<string, string>): Promise<void> {
  await new Promise<void>((resolve) => {
    const req = request(href, { method: 'PUT', headers });
    req.on('error', () => resolve());
    req.write(bytes, () => setTimeout(() => req.destroy(), 20));
    req.on('close', () => resolve());
  });
  await sleep(30);
}

async function exists(client: Client, path: string): Promise<boolean> {
  return (await client.paths()).includes(path);
}

test('an upload: link, PUT without a token, 201 without a body, operation, file', async () => {
  const client = await standIn();
  const link = await client.uploadLink('disk:/f.txt');
  expect(link.json).toMatchObject({
    method: 'PUT',
    templated: false,
    operation_id: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(new URL(link.json.href).pathname).toMatch(
    /^\/upload-target\/\d{8}T\d{6}\.\d{3}\.utd\.[a-z0-9]{25}-k\d+[a-z]+\.\d+$/,
  );
  expect(new URL(link.json.href).port).not.toBe(new URL(client.disk.apiUrl).port);
  expect(await client.operation(link.json.operation_id)).toBe('in-progress');
  expect((await client.get('disk:/f.txt')).status).toBe(404);
  const answer = await send(link.json.href, { method: 'PUT', body: 'hello' });
  expect([answer.status, answer.type, answer.bytes.length]).toEqual([201, null, 0]);
  expect(await client.operation(link.json.operation_id)).toBe('success');
  const { json } = await client.get('disk:/f.txt');
  expect(json).toMatchObject({
    size: 5,
    md5: '5d41402abc4b2a76b9719d911017c592',
    antivirus_status: 'clean',
    media_type: 'document',
  });
  expect((await client.download(json.file)).text).toBe('hello');
  expect((await client.uploadLink('disk:/g', { fields: 'href' })).json).toEqual({ href: expect.any(String) });
});

test('an empty body makes an empty file', async () => {
  const client = await standIn();
  expect((await client.upload('disk:/e', '')).status).toBe(201);
  expect((await client.get('disk:/e')).json.size).toBe(0);
});

test('a missing parent and a folder of that name are refused with the link', async () => {
  const client = await standIn();
  client.disk.model.mkdir('disk:/d');
  expect((await client.uploadLink('disk:/no/f')).json.error).toBe('DiskPathDoesntExistsError');
  expect((await client.uploadLink('disk:/d', { overwrite: true })).status).toBe(409);
});

test.each([
  400, 404, 410,
] as const)('uploadLinkReusedStatus %i: a link is good once, also after a body that broke off', async (status) => {
  const client = await standIn({ uploadLinkReusedStatus: status });
  const { href } = (await client.uploadLink('disk:/f')).json;
  expect((await send(href, { method: 'PUT', body: 'x' })).status).toBe(201);
  expect((await send(href, { method: 'PUT', body: 'y' })).status).toBe(status);
  expect(client.content('disk:/f')).toBe('x');
  const broken = (await client.uploadLink('disk:/g')).json.href;
  await brokenPut(broken, 'half', { 'content-length': '8' });
  expect((await send(broken, { method: 'PUT', body: 'whole' })).status).toBe(status);
});

test.each([
  410, 404,
] as const)('uploadLinkLifeMs, uploadLinkExpiredStatus %i: a link that is too old', async (status) => {
  const client = await standIn({ uploadLinkExpiredStatus: status });
  const put = async (waitMs: number) => {
    const { href } = (await client.uploadLink('disk:/f', { overwrite: true })).json;
    client.disk.clock.advance(waitMs);
    return (await send(href, { method: 'PUT', body: 'x' })).status;
  };
  expect(await put(30 * minute - 1)).toBe(201);
  expect(await put(30 * minute)).toBe(status);
  client.disk.control.set({ uploadLinkLifeMs: 1000 });
  expect(await put(1000)).toBe(status);
});

test('abandonedUpload: the operation of a link that dies unused fails, or is forgotten', async () => {
  const client = await standIn();
  const abandoned = async () => {
    const { operation_id: id } = (await client.uploadLink('disk:/f')).json;
    client.disk.clock.advance(31 * minute);
    return (await client.api('GET', `/operations/${id}`)).json;
  };
  expect(await abandoned()).toEqual({ status: 'failed' });
  client.disk.control.set({ abandonedUpload: 'forgotten' });
  expect((await abandoned()).error).toBe('DiskOperationNotFoundError');
});

test('uploadAnswer 202: stored, and on the Disk lateCommitMs later', async () => {
  const client = await standIn({ uploadAnswer: 202, lateCommitMs: 500 });
  const link = (await client.uploadLink('disk:/f')).json;
  expect((await send(link.href, { method: 'PUT', body: 'x' })).status).toBe(202);
  client.disk.clock.advance(499);
  expect((await client.get('disk:/f')).status).toBe(404);
  expect(await client.operation(link.operation_id)).toBe('in-progress');
  client.disk.clock.advance(1);
  expect((await client.get('disk:/f')).status).toBe(200);
  expect(await client.operation(link.operation_id)).toBe('success');
  const late = (await client.uploadLink('disk:/g')).json;
  await send(late.href, { method: 'PUT', body: 'x' });
  client.disk.model.mkdir('disk:/g');
  client.disk.clock.advance(500);
  expect(await client.operation(late.operation_id)).toBe('failed');
});

test('uploadOperationLagMs: the operation is told to be finished later than the PUT', async () => {
  const client = await standIn({ uploadOperationLagMs: 300 });
  const link = (await client.uploadLink('disk:/f')).json;
  await send(link.href, { method: 'PUT', body: 'x' });
  expect(await client.operation(link.operation_id)).toBe('in-progress');
  client.disk.clock.advance(300);
  expect(await client.operation(link.operation_id)).toBe('success');
});

test('commitMs and commitMsPerMiB: the answer comes that much after the last byte', async () => {
  const timed = async (settings: object, bytes: number) => {
    const client = await standIn(settings);
    const startMs = performance.now();
    await client.upload('disk:/f', Buffer.alloc(bytes));
    return performance.now() - startMs;
  };
  expect(await timed({ commitMs: 500 }, 1)).toBeGreaterThan(490);
  expect(await timed({ commitMsPerMiB: 170 }, 3 * 2 ** 20)).toBeGreaterThan(500);
  expect(await timed({}, 3 * 2 ** 20)).toBeLessThan(490);
});

test.each([
  ['drop', false, false],
  ['keep-chunked', false, true],
  ['keep', true, true],
] as const)('cutBody %s: what becomes of a body whose connection is cut', async (cutBody, withLength, chunked) => {
  const client = await standIn({ cutBody });
  const href = async (path: string) => (await client.uploadLink(path)).json.href;
  await brokenPut(await href('disk:/length'), 'half', { 'content-length': '8' });
  await brokenPut(await href('disk:/chunked'), 'half', { 'transfer-encoding': 'chunked' });
  expect(await exists(client, 'disk:/length')).toBe(withLength);
  expect(await exists(client, 'disk:/chunked')).toBe(chunked);
  if (chunked) expect(client.content('disk:/chunked')).toBe('half');
});

test('chunkedUploads: a body without a length is taken, or 411', async () => {
  const client = await standIn();
  const chunked = async () => {
    const { href } = (await client.uploadLink('disk:/f', { overwrite: true })).json;
    const body = new Blob(['whole']).stream();
    return (await send(href, { method: 'PUT', body, duplex: 'half' })).status;
  };
  expect(await chunked()).toBe(201);
  expect(client.content('disk:/f')).toBe('whole');
  client.disk.control.set({ chunkedUploads: false });
  expect(await chunked()).toBe(411);
});

test('uploadResume: parts by Content-Range, HEAD tells what is held, 412 for the wrong place', async () => {
  const client = await standIn({ uploadResume: true });
  const { href } = (await client.uploadLink('disk:/f')).json;
  const part = (range: string, body: string) =>
    send(href, { method: 'PUT', body, headers: { 'content-range': range } }).then(({ status }) => status);
  const held = async () => (await send(href, { method: 'HEAD' })).headers.get('content-length');
  expect(await held()).toBe('0');
  expect(await part('bytes 0-3/9', 'abcd')).toBe(202);
  expect(await held()).toBe('4');
  expect(await part('bytes 6-8/9', 'ghi')).toBe(412);
  await brokenPut(href, 'ef', { 'content-range': 'bytes 4-8/9', 'content-length': '5' });
  expect(await held()).toBe('6');
  expect(await exists(client, 'disk:/f')).toBe(false);
  expect(await part('bytes 6-8/9', 'ghi')).toBe(201);
  expect(client.content('disk:/f')).toBe('abcdefghi');
  expect(await part('bytes 0-3/9', 'abcd')).toBe(400);
  client.disk.control.set({ uploadResume: false });
  const other = (await client.uploadLink('disk:/g')).json.href;
  expect((await send(other, { method: 'HEAD' })).status).toBe(405);
  const headers = { 'content-range': 'bytes 0-3/9' };
  expect((await send(other, { method: 'PUT', body: 'abcd', headers })).status).toBe(201);
  expect(client.content('disk:/g')).toBe('abcd');
});

test('uploadByHash: a HEAD with hashes that the Disk knows makes the file', async () => {
  const client = await standIn({ uploadByHash: true });
  client.disk.model.putFile('disk:/known', 'known bytes');
  const { md5, sha256, size } = (await client.get('disk:/known')).json;
  const probe = async (path: string, hash: string) => {
    const { href } = (await client.uploadLink(path)).json;
    const headers = { etag: hash, sha256, size: String(size) };
    return (await send(href, { method: 'HEAD', headers })).status;
  };
  expect(await probe('disk:/copy', md5)).toBe(201);
  expect(client.content('disk:/copy')).toBe('known bytes');
  expect(await probe('disk:/other', 'f'.repeat(32))).toBe(405);
  client.disk.control.set({ uploadByHash: false });
  expect(await probe('disk:/again', md5)).toBe(405);
  expect(await exists(client, 'disk:/again')).toBe(false);
});

test.each([
  ['both', 409, 409],
  ['link', 409, 201],
  ['commit', 200, 409],
] as const)('overwriteCheckedAt %s', async (overwriteCheckedAt, atLink, atCommit) => {
  const client = await standIn({ overwriteCheckedAt });
  const link = await client.uploadLink('disk:/f');
  client.disk.model.putFile('disk:/f', 'theirs');
  expect((await client.uploadLink('disk:/f')).status).toBe(atLink);
  expect((await send(link.json.href, { method: 'PUT', body: 'ours' })).status).toBe(atCommit);
  expect(client.content('disk:/f')).toBe(atCommit === 201 ? 'ours' : 'theirs');
  expect((await client.upload('disk:/f', 'ours', { overwrite: true })).status).toBe(201);
});

const survivors = [
  ['overwriteKeepsResourceId', 'resource_id'],
  ['overwriteKeepsProperties', 'custom_properties'],
  ['overwriteKeepsPublication', 'public_key'],
  ['overwriteKeepsCreated', 'created'],
] as const;

test.each(survivors)('%s: what an overwriting upload leaves', async (setting, field) => {
  for (const keeps of [true, false]) {
    const client = await standIn({ [setting]: keeps });
    client.disk.model.putFile('disk:/f', 'old', { properties: { a: 1 } });
    client.disk.model.publish('disk:/f');
    const before = (await client.get('disk:/f')).json;
    client.disk.clock.advance(5000);
    expect((await client.upload('disk:/f', 'new', { overwrite: true })).status).toBe(201);
    const after = (await client.get('disk:/f')).json;
    expect(after.modified).not.toBe(before.modified);
    expect(after.revision).toBeGreaterThan(before.revision);
    if (keeps) expect(after[field]).toEqual(before[field]);
    else expect(after[field]).not.toEqual(before[field]);
  }
});

test('throttledMediaTypes, throttleBytesPerSecond, throttleSparesOwnClient: decided by name when the link is issued', async () => {
  const client = await standIn({ throttledMediaTypes: ['compressed'], throttleBytesPerSecond: 50_000 });
  const timed = async (path: string, userAgent: string) => {
    const link = await client.api(
      'GET',
      '/resources/upload',
      { path, overwrite: true },
      { headers: { 'user-agent': userAgent } },
    );
    const startMs = performance.now();
    await send(link.json.href, { method: 'PUT', body: Buffer.alloc(40_000) });
    return performance.now() - startMs;
  };
  expect(await timed('disk:/a.zip', 'x')).toBeGreaterThan(550);
  expect(await timed('disk:/a.txt', 'x')).toBeLessThan(550);
  const own = 'Yandex.Disk {"os":"windows"}';
  expect(await timed('disk:/a.zip', own)).toBeLessThan(550);
  client.disk.control.set({ throttleSparesOwnClient: false });
  expect(await timed('disk:/a.zip', own)).toBeGreaterThan(550);
});

test('uploadLocksPath: bytes on their way lock their path, or do not', async () => {
  for (const locked of [true, false]) {
    const client = await standIn({ uploadLocksPath: locked });
    client.disk.model.putFile('disk:/f', 'old');
    const gate = client.disk.wire.hold({ route: 'uploader.put', stage: 'before-commit' });
    const upload = client.upload('disk:/f', 'new', { overwrite: true });
    await gate.arrived();
    expect((await client.patch('disk:/f', { a: 1 })).status).toBe(locked ? 423 : 200);
    gate.release();
    expect((await upload).status).toBe(201);
    expect(client.content('disk:/f')).toBe('new');
  }
});

test('a commit meets what happened since the link: the folder gone, a lock', async () => {
  const client = await standIn();
  client.disk.model.mkdir('disk:/d');
  const link = (await client.uploadLink('disk:/d/f')).json;
  client.disk.model.remove('disk:/d');
  expect((await send(link.href, { method: 'PUT', body: 'x' })).status).toBe(409);
  expect(await client.operation(link.operation_id)).toBe('failed');
  const other = (await client.uploadLink('disk:/g')).json.href;
  client.disk.control.lock('disk:/g');
  expect((await send(other, { method: 'PUT', body: 'x' })).status).toBe(423);
});
