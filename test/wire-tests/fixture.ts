import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { ExchangeEnded, RequestBodyBroken, Wire, type WireOptions } from '../stand-in/wire/index.ts';

/** The byte at each offset of every file that is served: a prime period, so that a shift shows. */
export function patternOf(sizeBytes: number, offset = 0): Buffer {
  const bytes = Buffer.allocUnsafe(sizeBytes);
  for (let index = 0; index < sizeBytes; index += 1) bytes[index] = (offset + index) % 251;
  return bytes;
}

const partBytes = 251 * 400;
const part = patternOf(partBytes);

async function* patternParts(sizeBytes: number): AsyncGenerator<Buffer> {
  for (let left = sizeBytes; left > 0; left -= partBytes) yield part.subarray(0, Math.min(left, partBytes));
}

/** What happened behind the wire. */
export interface Ground {
  readonly wire: Wire;
  readonly server: http.Server | https.Server;
  readonly port: number;
  readonly url: string;
  /** Bodies of uploads that were committed. */
  readonly committed: Buffer[];
  /** Lengths of uploads that broke off. */
  readonly broken: number[];
  /** Requests that reached a handler, by path. */
  readonly handled: string[];
  /** Exceptions of handlers. */
  readonly errors: unknown[];
}

/** A server behind a wire, with handlers that know nothing of the wire's mischief. Closed when the test ends. */
export async function startGround(
  options: WireOptions & { role?: string; tls?: { key: Buffer; cert: Buffer } } = {},
): Promise<Ground> {
  const { role = 'data', tls, ...wireOptions } = options;
  const wire = new Wire(wireOptions);
  const server = tls === undefined ? http.createServer() : https.createServer(tls);
  wire.attach(server, role);
  const committed: Buffer[] = [];
  const broken: number[] = [];
  const handled: string[] = [];
  const errors: unknown[] = [];
  server.on('request', (req, res) => {
    answer(req, res).catch((error: unknown) => errors.push(error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    wire.close();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  return { wire, server, port, url, committed, broken, handled, errors };

  async function answer(req: http.IncomingMessage, res: http.ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://ground');
    const [, kind = '', size = '0'] = pathname.split('/');
    const host = searchParams.get('role');
    const exchange = wire.begin(req, res, {
      route: `${kind}.${(req.method ?? '').toLowerCase()}`,
      path: searchParams.get('path'),
      ...(host === null ? {} : { role: host }),
    });
    try {
      if ((await wire.before(exchange)).kind === 'answered') return;
      handled.push(pathname);
      if (req.method === 'PUT') {
        const bodies: Buffer[] = [];
        const limit = searchParams.get('limit');
        const body = wire.requestBody(
          exchange,
          limit === null ? undefined : { bytesPerSecond: Number(limit) },
        );
        for await (const bytes of body) bodies.push(bytes);
        await wire.beforeCommit(exchange);
        committed.push(Buffer.concat(bodies));
        await wire.respond(exchange, { status: 201, headers: {}, body: null });
      } else if (kind === 'file') {
        const headers = {
          'content-type': 'application/octet-stream',
          'Content-Length': Number(size),
          'content-range': `bytes 0-${Number(size) - 1}/${size}`,
        };
        await wire.respond(exchange, { status: 200, headers, body: patternParts(Number(size)) });
      } else if (kind === 'chunked') {
        await wire.respond(exchange, { status: 200, headers: {}, body: patternParts(Number(size)) });
      } else if (kind === 'redirect') {
        await wire.respond(exchange, { status: 302, headers: { location: '/file/1' }, body: null });
      } else if (kind === 'short') {
        const headers = { 'content-length': Number(size) + 10 };
        await wire.respond(exchange, { status: 200, headers, body: patternParts(Number(size)) });
      } else {
        const headers = { 'content-type': 'application/json; charset=utf-8' };
        const body = Buffer.from(JSON.stringify({ name: 'Документы', path: searchParams.get('path') }));
        await wire.respond(exchange, { status: 200, headers, body });
      }
    } catch (error) {
      if (error instanceof RequestBodyBroken) broken.push(error.receivedBytes);
      if (!(error instanceof ExchangeEnded)) throw error;
    }
  }
}

/** What a client saw. */
export interface Seen {
  /** `null`: no reply began. */
  status: number | null;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
  /** Code of the error that ended the exchange, or null when the reply came whole. */
  error: string | null;
  ms: number;
}

export interface Asking extends http.RequestOptions {
  body?: Buffer;
  ca?: Buffer;
  /** Called with all bytes so far. */
  onBytes?: (sizeBytes: number) => void;
}

/** One request on a connection of its own, unless an agent is given. Never throws: what ended it is told. */
export function ask(url: string, asking: Asking = {}): Promise<Seen> {
  const { body, onBytes, ...options } = asking;
  const startedMs = performance.now();
  const { request } = url.startsWith('https') ? https : http;
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let response: http.IncomingMessage | null = null;
    const settle = (error: (Error & { code?: string }) | null) =>
      resolve({
        status: response?.statusCode ?? null,
        headers: response?.headers ?? {},
        body: Buffer.concat(chunks),
        error: error === null ? null : (error.code ?? error.name),
        ms: performance.now() - startedMs,
      });
    const req = request(url, { agent: false, ...options }, (res) => {
      response = res;
      let sizeBytes = 0;
      res.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        sizeBytes += chunk.length;
        onBytes?.(sizeBytes);
      });
      res.once('end', () => settle(null));
      res.on('error', settle);
    });
    req.on('error', settle);
    req.end(body);
  });
}

/** A client that keeps its connections, closed when the test ends. */
export function keepingAgent(maxSockets = Number.POSITIVE_INFINITY): http.Agent {
  const agent = new http.Agent({ keepAlive: true, maxSockets });
  onTestFinished(() => agent.destroy());
  return agent;
}

export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

/** Waits for something that another part of the process is about to do. */
export async function eventually(holds: () => boolean, withinMs = 3000): Promise<void> {
  const untilMs = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > untilMs) throw new Error(`not within ${withinMs} ms: ${holds}`);
    await pause(5);
  }
}
