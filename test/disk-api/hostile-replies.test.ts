import { inspect } from 'node:util';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readDisk } from '../../src/disk-api/disk.ts';
import { exchange, keptConnections, readText } from '../../src/disk-api/http.ts';
import { makeFolder } from '../../src/disk-api/resources.ts';
import { moveResource } from '../../src/disk-api/transfers.ts';
import { Failure } from '../../src/errors.ts';
import { closeLater } from '../close-later.ts';
import { clientOf } from './client.ts';
import { type Answer, scriptedServer } from './scripted-server.ts';

/** What a server, or whoever speaks in its name, may send to take our memory or to speak in ours. */

const longestBytes = 1 << 20;

async function textOf(answer: Answer): Promise<string> {
  const server = await scriptedServer(() => answer);
  const connections = keptConnections(1);
  closeLater(() => connections.destroy());
  const { agents } = connections;
  const request = { method: 'GET', agents, compressed: true, silenceMs: 5_000 } as const;
  const reply = await exchange(new URL(server.apiUrl), request);
  return readText(reply.body, longestBytes);
}

describe('a reply', () => {
  const zeros = Buffer.alloc(256 << 20);
  it.each<[string, Answer]>([
    ['longer than anything the API sends', { status: 200, body: zeros.subarray(0, longestBytes + 1) }],
    [
      'of a few bytes that unpack into very many (gzip)',
      { status: 200, headers: { 'content-encoding': 'gzip' }, body: gzipSync(zeros) },
    ],
    [
      'of a few bytes that unpack into very many (brotli)',
      { status: 200, headers: { 'content-encoding': 'br' }, body: brotliCompressSync(zeros) },
    ],
  ])('%s is given up where it becomes too long', async (_, answer) => {
    const before = process.memoryUsage().arrayBuffers;
    await expect(textOf(answer)).rejects.toThrow(`A reply of more than ${longestBytes} bytes`);
    // Unpacked it was 256 MiB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
  });

  it('that is just as long as allowed is read', async () => {
    const text = 'x'.repeat(longestBytes);
    const body = gzipSync(text);
    expect(await textOf({ status: 200, headers: { 'content-encoding': 'gzip' }, body })).toBe(text);
  });

  it('with a head without end is no reply', async () => {
    const server = await scriptedServer((_, reply) => {
      reply.writeHead(200, { 'x-long': 'y'.repeat(200_000) });
      reply.end('{"revision":7}');
      return undefined;
    });
    await expect(readDisk(clientOf(server.apiUrl))).rejects.toMatchObject({ code: 'offline' });
  });
});

describe('a name', () => {
  const evil = 'disk:/a\r\nX-Evil: 1\r\n\r\nGET /evil HTTP/1.1 &overwrite=true#?%0d%0aX-Evil: 2 %';

  it('never becomes a head, a request or a parameter of its own', async () => {
    const link = JSON.stringify({ href: 'https://cloud-api.yandex.net/v1/disk/resources?path=x' });
    const server = await scriptedServer(() => ({
      status: 201,
      headers: { 'content-type': 'application/json' },
      body: link,
    }));
    const api = clientOf(server.apiUrl);
    await makeFolder(api, evil as 'disk:/');
    await moveResource(api, evil as 'disk:/', 'disk:/b');
    expect(
      server.asked.map(({ path, headers, query }) => ({
        path,
        evil: headers['x-evil'],
        of: [...query.keys()].sort(),
      })),
    ).toEqual([
      { path: '/resources', evil: undefined, of: ['fields', 'path'] },
      { path: '/resources/move', evil: undefined, of: ['fields', 'from', 'overwrite', 'path'] },
    ]);
    expect(server.asked[0]?.query.get('path')).toBe(evil);
    expect(server.asked[1]?.query.get('overwrite')).toBe('false');
  });
});

describe('a token', () => {
  it('that would be more than one head is not sent, and not told', async () => {
    const server = await scriptedServer(() => ({ status: 200, body: '{}' }));
    const tokens = { accessToken: async () => 'geheim\r\nX-Evil: 1' };
    const failure: unknown = await readDisk(clientOf(server.apiUrl, { tokens })).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(Failure);
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain('geheim');
    expect(server.asked).toEqual([]);
  });
});
