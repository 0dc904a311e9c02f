import dns from 'node:dns';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WireReply } from './mutations.ts';

/** A request of one case, as it came. */
export interface Arrival {
  readonly method: string;
  /** Below the base of the API, or `/data`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** The body, once it is known to have come whole; undefined while it has not. */
  body: Buffer | undefined;
}

type Serve = (arrival: Arrival) => WireReply;

/** The hosts of all cases: one that stands for the Disk, told apart by the first part of the path, and one that is not to be trusted. */
export class Hosts {
  readonly #disk: Server;
  readonly #elsewhere: Server;
  readonly #cases = new Map<string, Serve>();
  /** Requests to the host that is not to be trusted; a data host, as far as the client can know. */
  readonly strayed: { readonly url: string; readonly headers: IncomingMessage['headers'] }[] = [];
  /** Host names that were looked up: none may be. */
  readonly lookedUp: string[] = [];
  readonly #lookup = dns.lookup;

  constructor() {
    this.#disk = createServer({ keepAliveTimeout: 60_000 }, (request, reply) => this.#answer(request, reply));
    this.#elsewhere = createServer((request, reply) => {
      this.strayed.push({ url: request.url ?? '', headers: request.headers });
      request.resume();
      reply.writeHead(404).end();
    });
  }

  async open(): Promise<void> {
    for (const server of [this.#disk, this.#elsewhere])
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const lookedUp = this.lookedUp;
    const lookup = (name: string, ...rest: unknown[]) => {
      lookedUp.push(name);
      const callback = rest.at(-1);
      if (typeof callback === 'function')
        callback(Object.assign(new Error('no such host'), { code: 'ENOTFOUND' }));
    };
    Object.assign(dns, { lookup });
  }

  async close(): Promise<void> {
    Object.assign(dns, { lookup: this.#lookup });
    for (const server of [this.#disk, this.#elsewhere]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  /** Addresses that no token may be sent to, and that no change may be sent to. */
  get evil(): readonly [string, ...string[]] {
    const { port } = this.#elsewhere.address() as AddressInfo;
    return [
      `http://127.0.0.1:${port}/v1/disk/operations/stray`,
      `http://127.0.0.1:${port}/data`,
      `http://user:secret@127.0.0.1:${port}/data`,
      'https://evil.example/v1/disk/operations/abc',
      'http://cloud-api.yandex.net.evil.example/',
      'https://downloader.disk.yandex.ru.evil.example/x',
      'file:///etc/passwd',
      'unix:/var/run/docker.sock:/x',
      'javascript:alert(1)',
      '//evil.example/x',
      '/v1/disk/resources?path=disk%3A%2Fsomebody+else',
      'http://[::1',
    ];
  }

  /** Serves the requests of one case under an address of its own. */
  begin(id: string, serve: Serve): { readonly api: string; readonly data: string } {
    const origin = `http://127.0.0.1:${(this.#disk.address() as AddressInfo).port}`;
    this.#cases.set(id, serve);
    return { api: `${origin}/${id}/v1/disk`, data: `${origin}/${id}/data` };
  }

  end(id: string): void {
    this.#cases.delete(id);
  }

  #answer(request: IncomingMessage, reply: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://disk');
    const [, id = '', ...rest] = url.pathname.split('/');
    const path = `/${rest.join('/')}`.replace(/^\/v1\/disk/, '');
    const serve = this.#cases.get(id);
    if (!serve) {
      // The case is over: its requests were given up.
      request.socket.destroy();
      return;
    }
    const arrival: Arrival = {
      method: request.method ?? '',
      path,
      query: url.searchParams,
      headers: request.headers,
      body: undefined,
    };
    const said = serve(arrival);
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('error', () => {});
    request.on('end', () => {
      arrival.body = Buffer.concat(parts);
      say(said, request, reply);
    });
  }
}

function say(said: WireReply, request: IncomingMessage, reply: ServerResponse): void {
  if (said.wire === 'silence') return;
  if (said.wire === 'hang up') {
    request.socket.destroy();
    return;
  }
  reply.on('error', () => {});
  try {
    const headers = {
      ...(said.cutAfterBytes === undefined ? {} : { 'content-length': said.body.length }),
      ...said.headers,
    };
    reply.writeHead(said.status, headers);
    if (said.cutAfterBytes === undefined) reply.end(said.body);
    else reply.write(said.body.subarray(0, said.cutAfterBytes), () => request.socket.destroy());
    // What promises more than it sends would otherwise be waited for.
    if ('content-length' in said.headers) setTimeout(() => request.socket.destroy(), 50);
  } catch {
    // A header that cannot be sent: then there is no answer.
    request.socket.destroy();
  }
}
