import { inflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Settings } from '../stand-in/settings.ts';
import { type Client, send, standIn } from './client.ts';

const hour = 3600_000;
const text = 'hello, world';

async function withFile(settings: Partial<Settings> = {}): Promise<{ client: Client; href: string }> {
  const client = await standIn(settings);
  client.disk.model.putFile('disk:/a b.txt', text);
  return { client, href: await client.fileHref('disk:/a b.txt') };
}

test('a link has the recorded form, and both ways of getting one lead to the same bytes', async () => {
  const { client, href } = await withFile();
  const url = new URL(href);
  expect(url.pathname).toMatch(/^\/disk\/[0-9a-f]{64}\/[0-9a-f]{8}\/[\w-]+$/);
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    uid: '100000001',
    filename: 'a b.txt',
    disposition: 'attachment',
    hash: '',
    content_type: 'text/plain',
    fsize: '12',
    media_type: 'document',
    etag: (await client.get('disk:/a b.txt')).json.md5,
  });
  expect(href).toContain('filename=a%20b.txt');
  const expiry = Number.parseInt(url.pathname.split('/')[3] ?? '', 16);
  expect(expiry * 1000 - client.disk.clock.now()).toBe(4 * hour);
  const link = await client.api('GET', '/resources/download', { path: 'disk:/a b.txt' });
  expect(link.json).toMatchObject({ method: 'GET', templated: false });
  const answer = await client.download(link.json.href);
  expect(answer).toMatchObject({ status: 200, text, type: 'text/plain' });
  expect(answer.headers.get('content-length')).toBe('12');
  const missing = await client.api('GET', '/resources/download', { path: 'disk:/none' });
  expect(missing.json.error).toBe('DiskNotFoundError');
});

test.each([0, 1, 3])('redirectHops %i: so many redirects, each to a storage host', async (redirectHops) => {
  const { href } = await withFile({ redirectHops });
  let url = href;
  for (let hop = 0; hop < redirectHops; hop += 1) {
    const answer = await send(url);
    expect(answer.status).toBe(302);
    url = answer.headers.get('location') ?? '';
    expect(new URL(url).host).not.toBe(new URL(href).host);
    expect(new URL(url).pathname).toMatch(/^\/rdisk\//);
  }
  expect(await send(url)).toMatchObject({ status: 200, text });
});

test('ranges: one range is 206, none that fits 416, several or nonsense the whole', async () => {
  const { client, href } = await withFile();
  const ranged = async (range: string) => {
    const { status, text: body, headers } = await client.download(href, { range });
    return `${status} ${status === 416 ? '' : body} ${headers.get('content-range') ?? '-'}`;
  };
  expect(await ranged('bytes=0-4')).toBe('206 hello bytes 0-4/12');
  expect(await ranged('bytes=7-')).toBe('206 world bytes 7-11/12');
  expect(await ranged('bytes=-5')).toBe('206 world bytes 7-11/12');
  expect(await ranged('bytes=10-99')).toBe('206 ld bytes 10-11/12');
  expect(await ranged('bytes=12-')).toBe('416  bytes */12');
  expect(await ranged('bytes=-0')).toBe('416  bytes */12');
  expect(await ranged('bytes=0-1,3-4')).toBe(`200 ${text} -`);
  expect(await ranged('bytes=5-2')).toBe(`200 ${text} -`);
  expect(await ranged('lines=1-2')).toBe(`200 ${text} -`);
});

test('ranges off: always the whole', async () => {
  const { client, href } = await withFile({ ranges: false });
  const answer = await client.download(href, { range: 'bytes=0-4' });
  expect(answer).toMatchObject({ status: 200, text });
  expect(answer.headers.get('accept-ranges')).toBeNull();
});

test('etag in each form; If-Range and If-None-Match go by it', async () => {
  const { client, href } = await withFile();
  const { md5 } = (await client.get('disk:/a b.txt')).json;
  const forms = { 'quoted-md5': `"${md5}"`, 'plain-md5': md5, 'weak-md5': `W/"${md5}"` } as const;
  for (const [etag, value] of Object.entries(forms)) {
    client.disk.control.set({ etag: etag as keyof typeof forms });
    expect((await client.download(href)).headers.get('etag')).toBe(value);
    expect((await client.download(href, { 'if-none-match': value })).status).toBe(304);
    const part = await client.download(href, { range: 'bytes=0-4', 'if-range': value });
    // A weak ETag never holds for If-Range.
    expect(part.status).toBe(etag === 'weak-md5' ? 200 : 206);
    expect((await client.download(href, { range: 'bytes=0-4', 'if-range': '"else"' })).status).toBe(200);
  }
  client.disk.control.set({ etag: 'other' });
  const other = (await client.download(href)).headers.get('etag');
  expect(other).toMatch(/^"[0-9a-f]+"$/);
  expect(other).not.toContain(md5);
  client.disk.control.set({ etag: 'none' });
  expect((await client.download(href)).headers.get('etag')).toBeNull();
});

test.each([
  410, 500, 404,
] as const)('deadLinkStatus %i: damaged, expired and recalled links get an HTML page', async (status) => {
  const { client, href } = await withFile({ deadLinkStatus: status });
  const damaged = await send(
    href.replace(/\/disk\/./, (start) => (start.endsWith('0') ? '/disk/1' : '/disk/0')),
  );
  expect(damaged).toMatchObject({ status, type: 'text/html' });
  client.disk.clock.advance(4 * hour - 1000);
  expect((await client.download(href)).status).toBe(200);
  client.disk.clock.advance(1000);
  expect((await client.download(href)).status).toBe(status);
  const fresh = await client.fileHref('disk:/a b.txt');
  client.disk.control.expireLinks();
  expect((await client.download(fresh)).status).toBe(status);
  expect((await client.download(await client.fileHref('disk:/a b.txt'))).status).toBe(200);
});

test('downloadLinkLifeMs: how long a link lives', async () => {
  const { client, href } = await withFile({ downloadLinkLifeMs: 60_000 });
  client.disk.clock.advance(59_000);
  expect((await client.download(href)).status).toBe(200);
  client.disk.clock.advance(1000);
  expect((await client.download(href)).status).toBe(410);
});

test('links of one file are recalled alone', async () => {
  const { client, href } = await withFile();
  client.disk.model.putFile('disk:/b', 'b');
  const other = await client.fileHref('disk:/b');
  client.disk.control.expireLinks('disk:/a b.txt');
  expect((await client.download(href)).status).toBe(410);
  expect((await client.download(other)).text).toBe('b');
});

test.each([
  ['old', 'old 200'],
  ['dead', '410'],
  ['new', 'new 200'],
] as const)('linkAfterOverwrite %s', async (linkAfterOverwrite, expected) => {
  for (const overwriteKeepsResourceId of [true, false]) {
    const client = await standIn({ linkAfterOverwrite, overwriteKeepsResourceId });
    client.disk.model.putFile('disk:/f', 'old');
    const href = await client.fileHref('disk:/f');
    client.disk.model.putFile('disk:/f', 'new');
    const { status, text: body } = await client.download(href);
    expect(status === 200 ? `${body} 200` : String(status)).toBe(expected);
    expect((await client.download(await client.fileHref('disk:/f'))).text).toBe('new');
  }
});

test('linkAfterDelete: a link goes on serving what was deleted, or does not', async () => {
  for (const permanently of [true, false]) {
    const { client, href } = await withFile();
    client.disk.model.remove('disk:/a b.txt', { permanently });
    expect((await client.download(href)).text).toBe(text);
    client.disk.control.set({ linkAfterDelete: 'dead' });
    expect((await client.download(href)).status).toBe(410);
  }
});

test('a link follows its file through a move', async () => {
  const { client, href } = await withFile();
  client.disk.model.move('disk:/a b.txt', 'disk:/c');
  expect((await client.download(href)).text).toBe(text);
});

test('a copy keeps its bytes when the original and all old links are long gone', async () => {
  const { client } = await withFile();
  client.disk.model.copy('disk:/a b.txt', 'disk:/copy');
  client.disk.model.remove('disk:/a b.txt', { permanently: true });
  client.disk.clock.advance(5 * hour);
  client.disk.model.putFile('disk:/x', 'x');
  client.disk.model.remove('disk:/x', { permanently: true });
  expect((await client.download(await client.fileHref('disk:/copy'))).text).toBe(text);
});

test('HEAD tells the same without a body', async () => {
  const { href } = await withFile({ redirectHops: 0 });
  const answer = await send(href, { method: 'HEAD' });
  expect([answer.status, answer.headers.get('content-length'), answer.bytes.length]).toEqual([200, '12', 0]);
});

test('emptyFileHasLink: an empty file can be downloaded, or has no link', async () => {
  const client = await standIn();
  client.disk.model.putFile('disk:/e', '');
  const answer = await client.download(await client.fileHref('disk:/e'));
  expect([answer.status, answer.bytes.length, answer.headers.get('content-length')]).toEqual([200, 0, '0']);
  client.disk.control.set({ emptyFileHasLink: false });
  const { json } = await client.get('disk:/e');
  expect(json).toMatchObject({ size: 0, md5: 'd41d8cd98f00b204e9800998ecf8427e' });
  expect('file' in json || 'media_type' in json).toBe(false);
});

test('infectedDownload: an infected file is told of, and refused or served', async () => {
  const { client, href } = await withFile();
  client.disk.model.touch('disk:/a b.txt', { antivirus: 'infected' });
  expect((await client.get('disk:/a b.txt')).json.antivirus_status).toBe('infected');
  expect((await client.download(href)).status).toBe(403);
  client.disk.control.set({ infectedDownload: 'served' });
  expect((await client.download(href)).text).toBe(text);
});

test('previews are served as given, by size; an image of its own is its own preview', async () => {
  const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);
  const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 4, 5]);
  const client = await standIn();
  const { model } = client.disk;
  model.putFile('disk:/p.jpg', { synthetic: { sizeBytes: 9 } }, { previews: { DEFAULT: png, XL: jpeg } });
  model.putFile('disk:/own.jpg', jpeg);
  model.putFile('disk:/none.txt', 'x');
  model.putFile('disk:/computed.jpg', { synthetic: { sizeBytes: 9 } });
  const preview = async (path: string, size: string) =>
    send((await client.get(path, { preview_size: size })).json.preview);
  expect(await preview('disk:/p.jpg', 'S')).toMatchObject({ status: 200, type: 'image/png', bytes: png });
  expect(await preview('disk:/p.jpg', 'XL')).toMatchObject({ status: 200, type: 'image/jpeg', bytes: jpeg });
  expect((await preview('disk:/own.jpg', '120x240')).bytes).toEqual(jpeg);
  expect((await preview('disk:/computed.jpg', 'S')).bytes.subarray(1, 4).toString()).toBe('PNG');
  expect('preview' in (await client.get('disk:/none.txt')).json).toBe(false);
  client.disk.control.set({ previewMediaTypes: ['document'] });
  expect((await preview('disk:/none.txt', 'S')).type).toBe('image/png');
  const { preview: text } = (await client.get('disk:/none.txt')).json;
  client.disk.control.set({ previewMediaTypes: ['image'] });
  expect((await send(text)).status).toBe(404);
  const { preview: href } = (await client.get('disk:/own.jpg')).json;
  expect(href).toMatch(/\/preview\/[0-9a-f]{64}\/inf\//);
  client.disk.clock.advance(1000 * hour);
  expect((await send(href)).status).toBe(200);
  client.disk.control.set({ previewNeedsToken: true });
  expect((await send(href)).status).toBe(403);
  const { accessToken } = client.disk.control.issueToken();
  expect((await send(href, { headers: { authorization: `OAuth ${accessToken}` } })).status).toBe(200);
});

/** Names and contents of a zip, by its central directory. */
function unzip(zip: Buffer): Record<string, string> {
  const entries: Record<string, string> = {};
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = zip.readUInt32LE(end + 16);
  for (let count = zip.readUInt16LE(end + 10); count > 0; count -= 1) {
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.subarray(at + 46, at + 46 + nameLength).toString('utf8');
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const packed = zip.subarray(start, start + zip.readUInt32LE(at + 20));
    entries[name] = (zip.readUInt16LE(at + 10) === 8 ? inflateRawSync(packed) : packed).toString('utf8');
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}

test('ownFolderDownload: a folder comes as a zip, or not at all', async () => {
  const client = await standIn();
  client.disk.model.putFile('disk:/x/дир/a.txt', 'one');
  client.disk.model.putFile('disk:/x/дир/b/c', 'two');
  const link = () => client.api('GET', '/resources/download', { path: 'disk:/x/дир' });
  const { bytes, type } = await client.download((await link()).json.href);
  expect(type).toBe('application/zip');
  expect(unzip(bytes)).toEqual({ 'дир/': '', 'дир/a.txt': 'one', 'дир/b/': '', 'дир/b/c': 'two' });
  client.disk.control.set({ ownFolderDownload: 'refused' });
  expect((await link()).status).toBe(400);
});
