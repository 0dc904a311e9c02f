import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { exchange, type KeptConnections, keptConnections } from '../../src/disk-api/http.ts';
import { makeCertificates } from '../rclone/certificates.ts';

/** Errors of its connections; one that is closed has none. */
async function listening(server: Server): Promise<{ readonly port: number; readonly resets: unknown[] }> {
  const resets: unknown[] = [];
  server.on('clientError', (error: NodeJS.ErrnoException) => resets.push(error.code));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, resets };
}

function connections(): KeptConnections {
  const kept = keptConnections(1);
  onTestFinished(() => kept.destroy());
  return kept;
}

/** Says nothing to the first request of a kind. */
const silentTo =
  (method: string): RequestListener =>
  (req, res) => {
    if (req.method !== method) req.resume().once('end', () => res.end('answered'));
  };

const request = (kept: KeptConnections, method: 'GET' | 'PUT') => ({
  method,
  agents: kept.agents,
  compressed: false,
  silenceMs: 300,
});

async function answer(url: URL, kept: KeptConnections): Promise<string> {
  const { body } = await exchange(url, request(kept, 'GET'));
  let text = '';
  for await (const part of body) text += Buffer.from(part).toString();
  return text;
}

describe('a request that is given up takes along what the kernel would go on sending', () => {
  it('over a plain connection, a new one and one that was used before', async () => {
    const { port, resets } = await listening(createServer(silentTo('PUT')));
    const url = new URL(`http://127.0.0.1:${port}/`);
    const kept = connections();
    await expect(exchange(url, request(kept, 'PUT'))).rejects.toMatchObject({ code: 'offline' });
    await expect.poll(() => resets).toEqual(['ECONNRESET']);
    expect(await answer(url, kept)).toBe('answered');
    await expect(exchange(url, request(kept, 'PUT'))).rejects.toMatchObject({ code: 'offline' });
    await expect.poll(() => resets).toEqual(['ECONNRESET', 'ECONNRESET']);
  });

  it('over TLS', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const { certFile, keyFile, caFile } = await makeCertificates(folder, ['localhost']);
    const tls = { cert: await readFile(certFile), key: await readFile(keyFile) };
    const { port, resets } = await listening(createSecureServer(tls, silentTo('PUT')));
    const kept = connections();
    const { https } = kept.agents;
    if (!https) throw new Error('No agent for TLS');
    Object.assign(https.options, { ca: await readFile(caFile) });
    const url = new URL(`https://localhost:${port}/`);
    expect(await answer(url, kept)).toBe('answered');
    await expect(exchange(url, request(kept, 'PUT'))).rejects.toMatchObject({ code: 'offline' });
    await expect.poll(() => resets).toEqual(['ECONNRESET']);
  });
});
