import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Api } from '../../src/disk-api/api.ts';
import { Downloads } from '../../src/disk-api/downloads.ts';
import { readResource } from '../../src/disk-api/folder-listing.ts';
import { type RemoteContent, versionTagOf } from '../../src/disk-api/links.ts';
import { closeLater } from '../close-later.ts';
import type { StandIn } from '../stand-in/index.ts';
import type { SettingsInput } from '../stand-in/settings.ts';
import type { Fault } from '../stand-in/wire/index.ts';
import { clientOf, countOf, standInClient } from './client.ts';
import { type Answer, type Asked, json, page, scriptedServer } from './scripted-server.ts';

const sizeBytes = 1_000_003;
const bytes = Buffer.alloc(sizeBytes, 'The quick brown fox jumps over the lazy dog. ');
const never = new AbortController().signal;
setMaxListeners(0, never);

async function contentOf(api: Api, path: string): Promise<RemoteContent> {
  const shown = await readResource(api, path);
  return {
    path,
    sizeBytes: shown.size ?? 0,
    md5: shown.md5,
    sha256: shown.sha256,
    versionTag: versionTagOf(shown, path),
    link: shown.file === undefined ? undefined : { url: shown.file, obtainedAtMs: performance.now() },
  };
}

async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

interface Reading {
  readonly disk: StandIn;
  readonly api: Api;
  readonly downloads: Downloads;
  readonly content: RemoteContent;
  /** Reads a range and checks every byte of it. */
  read(start?: number, end?: number): Promise<void>;
}

async function reading(settings: SettingsInput = {}): Promise<Reading> {
  const { api, disk } = await standInClient(settings);
  disk.model.putFile('disk:/file', bytes);
  const downloads = new Downloads(api);
  closeLater(() => downloads.close());
  const content = await contentOf(api, 'disk:/file');
  const read = async (start = 0, end = sizeBytes) => {
    expect(
      (await gather(downloads.read(content, start, end, never))).equals(bytes.subarray(start, end)),
    ).toBe(true);
  };
  return { disk, api, downloads, content, read };
}

describe.concurrent('reading ranges', () => {
  it('brings exactly the bytes asked for, over one link, one redirect and few connections', async () => {
    const { disk, read } = await reading();
    await read();
    for (const [start, end] of [
      [0, 1],
      [sizeBytes - 1, sizeBytes],
      [65_535, 65_537],
      [500_000, 700_001],
      [7, 7],
    ] as const)
      await read(start, end);
    expect(countOf(disk, 'downloader.get')).toBe(1);
    expect(countOf(disk, 'storage.get')).toBe(5);
    expect(countOf(disk, 'resources.get')).toBe(1);
    expect(disk.wire.statistics.snapshot().connections['storage']?.opened ?? 1).toBe(1);
  });

  it.each<[string, Fault]>([
    ['bodies cut', { kind: 'cut', afterBytes: 70_000 }],
    ['bodies cut by a reset', { kind: 'cut', afterBytes: 70_000, ending: 'rst' }],
    ['resets before any answer', { kind: 'reset' }],
    ['lost answers', { kind: 'lost-reply' }],
    ['500 in HTML', { kind: 'status', status: 500, body: 'html' }],
    ['503', { kind: 'status', status: 503, body: 'empty' }],
    ['429', { kind: 'status', status: 429 }],
    ['410 of a link too old', { kind: 'status', status: 410, body: 'html' }],
    ['404 and a page', { kind: 'status', status: 404, body: 'html' }],
    ['403', { kind: 'status', status: 403, body: 'empty' }],
    ['ranges that are shifted', { kind: 'content-range', shiftBytes: 7 }],
    [
      'ranges of another length',
      { kind: 'content-range', value: `bytes 0-${sizeBytes - 1}/${sizeBytes + 1}` },
    ],
    ['a Content-Range that makes no sense', { kind: 'content-range', value: 'bytes */*' }],
    ['less than was announced', { kind: 'truncate', dropBytes: 1_000 }],
    ['encoded bytes', { kind: 'headers', set: { 'content-encoding': 'gzip' } }],
    ['no Content-Range', { kind: 'headers', remove: ['content-range'] }],
    ['a redirect to nowhere', { kind: 'status', status: 302 }],
    [
      'a redirect to a host that is not the Disk',
      { kind: 'status', status: 302, headers: { location: 'https://evil.example/' } },
    ],
    [
      'a redirect to plain HTTP',
      { kind: 'status', status: 302, headers: { location: 'http://downloader.disk.yandex.ru/' } },
    ],
    ['a redirect to a file', { kind: 'status', status: 302, headers: { location: 'file:///etc/passwd' } }],
  ])('survives %s', async (_, fault) => {
    const { disk, read } = await reading();
    disk.wire.faults.add({ role: 'storage', route: ['storage.get', 'downloader.get'], count: 2, fault });
    await read(0, 300_000);
    await read(300_000);
    expect(disk.wire.faultLog.length).toBe(2);
  });

  it('goes on where it broke off, and does not begin again', async () => {
    const { disk, read } = await reading();
    disk.wire.faults.add({ route: 'storage.get', count: 5, fault: { kind: 'cut', afterBytes: 150_000 } });
    await read();
    const { bytesOut } = disk.wire.statistics.snapshot().routes['storage.get'] ?? { bytesOut: 0 };
    expect(bytesOut).toBeLessThan(sizeBytes * 1.2);
  });

  it('lets go of a connection that went silent in the middle', async () => {
    const { disk, read } = await reading();
    disk.wire.faults.add({ route: 'storage.get', count: 1, fault: { kind: 'stall', afterBytes: 100_000 } });
    const startedAtMs = performance.now();
    await read();
    expect(performance.now() - startedAtMs).toBeGreaterThan(2_500);
    expect(performance.now() - startedAtMs).toBeLessThan(6_000);
  });

  it('takes no slow reader for a silent host', async () => {
    const { downloads, content, disk } = await reading();
    let count = 0;
    for await (const chunk of downloads.read(content, 0, sizeBytes, never)) {
      if (count === 0) await new Promise((resolve) => setTimeout(resolve, 5_000));
      count += chunk.length;
    }
    expect(count).toBe(sizeBytes);
    expect(countOf(disk, 'storage.get')).toBe(1);
  });

  it.each([
    'quoted-md5',
    'plain-md5',
    'weak-md5',
    'other',
    'none',
  ] as const)('copes with an ETag of the form "%s"', async (etag) => {
    const { disk, read } = await reading({ etag });
    await read(0, 100_000);
    await read(100_000, 200_000);
    expect(countOf(disk, 'resources.get')).toBe(1);
  });

  it.each([0, 1, 5])('follows %i redirects', async (redirectHops) => {
    const { read } = await reading({ redirectHops });
    await read();
  });

  it('copes with a host that knows no ranges', async () => {
    const { disk, read } = await reading({ ranges: false });
    await read(500_000, 500_100);
    await read(0, 10);
    await read();
    expect(countOf(disk, 'resources.get')).toBe(1);
  });

  it('asks for a new link when the one it has died, wherever that is noticed', async () => {
    const { disk, read } = await reading();
    disk.control.expireLinks();
    await read(0, 100_000);
    disk.control.expireLinks();
    await read(100_000, 200_000);
    expect(countOf(disk, 'resources.get')).toBe(3);
  });

  it('says that a version is gone, and never mixes two', async () => {
    for (const linkAfterOverwrite of ['old', 'dead', 'new'] as const) {
      const { disk, downloads, content } = await reading({ linkAfterOverwrite });
      await gather(downloads.read(content, 0, 10, never));
      disk.model.putFile('disk:/file', Buffer.alloc(sizeBytes, 'another version'));
      const rest = gather(downloads.read(content, 10, sizeBytes, never));
      if (linkAfterOverwrite === 'old') expect((await rest).equals(bytes.subarray(10))).toBe(true);
      else await expect(rest).rejects.toMatchObject({ code: 'stale' });
      disk.model.remove('disk:/file');
      downloads.distrust(content);
      await expect(gather(downloads.read(content, 0, 10, never))).rejects.toMatchObject({ code: 'stale' });
      await expect(downloads.revalidate(content, never)).rejects.toMatchObject({ code: 'stale' });
    }
  });

  it('tells versions without hashes apart by their revision', async () => {
    const { disk, api, downloads } = await reading();
    const content = { ...(await contentOf(api, 'disk:/file')), md5: undefined, sha256: undefined };
    await downloads.revalidate(content, never);
    disk.model.putFile('disk:/file', Buffer.alloc(sizeBytes, 'another version'));
    await expect(downloads.revalidate(content, never)).rejects.toMatchObject({ code: 'stale' });
  });

  it('hears the signal at once, also while a limit makes it wait', async () => {
    const { api, disk, downloads, content } = await reading();
    disk.wire.faults.add({ route: 'storage.get', count: 1, fault: { kind: 'silence' } });
    const stopping = new AbortController();
    const first = gather(downloads.read(content, 0, 10, stopping.signal));
    const second = gather(downloads.read(content, 0, sizeBytes, stopping.signal));
    api.data.bandwidth.down.limit = 1_000;
    const outcomes = Promise.allSettled([first, second]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const abortedAtMs = performance.now();
    stopping.abort();
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'aborted' } });
    expect(performance.now() - abortedAtMs).toBeLessThan(200);
  });

  it('keeps to a limit that can be changed meanwhile', async () => {
    const { api, read } = await reading();
    api.data.bandwidth.down.limit = 400_000;
    const startedAtMs = performance.now();
    const both = Promise.all([read(0, 500_000), read(500_000)]);
    setTimeout(() => {
      api.data.bandwidth.down.limit = 800_000;
    }, 1_000);
    await both;
    const tookSec = (performance.now() - startedAtMs) / 1000;
    expect(tookSec).toBeGreaterThan(1.4);
    expect(tookSec).toBeLessThan(2.5);
  });

  it('gives places back, also those of readers that went away', async () => {
    const { downloads, content, read, disk } = await reading();
    for (let round = 0; round < 40; round++) {
      for await (const _ of downloads.read(content, 0, sizeBytes, never)) break;
    }
    disk.wire.faults.add({ route: 'storage.get', count: 3, fault: { kind: 'content-range', shiftBytes: 1 } });
    await Promise.all(Array.from({ length: 50 }, (_, index) => read(index * 1000, index * 1000 + 5_000)));
  });
});

describe.concurrent('a Disk that shows files without links', () => {
  const digits = '0123456789';
  const md5 = createHash('md5').update(digits).digest('hex');

  /** `etag` as recorded links have it; every time that the file is shown its revision is the next one of `revisions`. */
  async function linkless(etag: string, revisions: readonly number[]) {
    let shown = 0;
    const server = await scriptedServer(({ path }) => {
      if (path === '/resources/download') return json(200, { href: `${server.origin}/bytes${etag}` });
      if (path !== '/resources') return { status: 200, body: digits };
      const revision = revisions[Math.min(shown++, revisions.length - 1)];
      return json(200, { name: 'file', type: 'file', size: 10, md5, resource_id: '1:a', revision });
    });
    const api = clientOf(server.apiUrl);
    const content = await contentOf(api, 'disk:/file');
    return { server, bytes: gather(new Downloads(api).read(content, 0, 10, never)) };
  }

  it('asks for one', async () => {
    const { server, bytes } = await linkless(`?etag=${md5}`, [5]);
    expect((await bytes).toString()).toBe(digits);
    expect(server.asked.map(({ path }) => path)).toEqual([
      '/resources',
      '/resources',
      '/resources/download',
      '/bytes',
    ]);
  });

  it('looks once more where the link does not tell what it leads to', async () => {
    const { server, bytes } = await linkless('', [5]);
    expect((await bytes).toString()).toBe(digits);
    expect(server.asked.filter(({ path }) => path === '/resources').length).toBe(3);
    const replaced = await linkless('', [5, 6, 7]);
    await expect(replaced.bytes).rejects.toMatchObject({ code: 'refused' });
  });
});

describe.concurrent('a data host that answers oddly', () => {
  /** A Disk with one file whose bytes a test serves. */
  async function odd(serve: (asked: Asked, nth: number) => Answer | undefined) {
    let served = 0;
    const server = await scriptedServer((asked) => {
      if (asked.path === '/resources')
        return json(200, {
          name: 'file',
          type: 'file',
          size: 10,
          md5: createHash('md5').update('0123456789').digest('hex'),
          resource_id: '1:a',
          revision: 5,
          file: `${server.origin}/bytes`,
        });
      return serve(asked, ++served);
    });
    const api = clientOf(server.apiUrl);
    const downloads = new Downloads(api);
    const content = await contentOf(api, 'disk:/file');
    return {
      server,
      read: (start: number, end: number) => gather(downloads.read(content, start, end, never)),
    };
  }

  function partOf({ headers }: Asked): Answer {
    const [, first = '0', last = '9'] = /^bytes=(\d+)-(\d+)$/.exec(headers['range'] ?? '') ?? [];
    const body = '0123456789'.slice(Number(first), Number(last) + 1);
    return { status: 206, headers: { 'content-range': `bytes ${first}-${last}/10` }, body };
  }

  it.each<[string, Answer]>([
    [
      'more bytes than it announced as its range',
      { status: 206, headers: { 'content-range': 'bytes 2-4/10' }, body: '23456' },
    ],
    [
      'a longer file, without saying so',
      { status: 200, headers: { 'transfer-encoding': 'chunked' }, body: '0123456789abc' },
    ],
    ['a longer file', { status: 200, body: '0123456789abc' }],
    [
      'a shorter file, without saying so',
      { status: 200, headers: { 'transfer-encoding': 'chunked' }, body: '0123' },
    ],
    [
      'several ranges',
      { status: 206, headers: { 'content-type': 'multipart/byteranges; boundary=x' }, body: '--x' },
    ],
    ['another range', { status: 206, headers: { 'content-range': 'bytes 0-2/10' }, body: '012' }],
    ['416', { status: 416, headers: { 'content-range': 'bytes */3' } }],
    ['204', { status: 204 }],
    ['304', { status: 304 }],
    ['a redirect to itself', { status: 302, headers: { location: '/bytes' } }],
    [
      'a redirect with a name and a password',
      { status: 302, headers: { location: 'http://a:b@127.0.0.1/' } },
    ],
    ['a page', { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>'.repeat(50_000) }],
  ])('and sends %s is not believed', async (_, answer) => {
    // A redirect is offered until it is not followed any more; all else once.
    const times = typeof answer === 'object' && answer.status === 302 ? 6 : 1;
    const { read } = await odd((asked, nth) => (nth <= times ? answer : partOf(asked)));
    expect((await read(2, 5)).toString()).toBe('234');
  });

  it('gets no token and no cookie, and is asked for plain bytes', async () => {
    const { server, read } = await odd(partOf);
    await read(2, 5);
    const headers = server.asked.at(-1)?.headers ?? {};
    expect(headers['authorization']).toBeUndefined();
    expect(headers['cookie']).toBeUndefined();
    expect(headers['accept-encoding']).toBe('identity');
    expect(headers['range']).toBe('bytes=2-4');
  });

  it('is given up when it never says anything sensible, within seconds', async () => {
    const startedAtMs = performance.now();
    const answers: Answer[] = [
      page,
      { status: 500 },
      { status: 206 },
      'hang up',
      { status: 302, headers: { location: 'https://evil.example/' } },
    ];
    const outcomes = answers.map(async (answer) => {
      const { read } = await odd(() => answer);
      return read(2, 5).catch((error: { code: string }) => error.code);
    });
    expect(await Promise.all(outcomes)).toEqual(['damaged', 'server', 'damaged', 'offline', 'nonsense']);
    expect(performance.now() - startedAtMs).toBeLessThan(9_000);
  });
});
