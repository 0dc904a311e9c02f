import diagnostics from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type DepartingRequest, departures } from './http.ts';

/** Whom a request went to: the API host, the OAuth host, or one of those that hold bytes. */
export type HostKind = 'api' | 'oauth' | 'data';
export const hostKinds: readonly HostKind[] = ['api', 'oauth', 'data'];

/** One request, as far as it may be told to anybody: no path of the Disk, no name, no token, no link. */
export interface AnsweredRequest {
  readonly host: HostKind;
  readonly method: string;
  /** Below the API's or OAuth's address, with ids left out; of a data host `download` or `upload`. */
  readonly route: string;
  /** Undefined when it ended without an answer. */
  readonly status: number | undefined;
  /** Until the answer began, or there was none. */
  readonly tookMs: number;
}

export interface CarriedBytes {
  sent: number;
  received: number;
}

/** Where in the world is what. */
interface KnownHosts {
  readonly apiUrl: URL;
  readonly oauthUrl: URL;
}

/**
 * Sees every request of this process, whoever sends it, from construction until `close`. Nothing of it is kept but what connections carried.
 * Those that send know nothing of it: where nobody watches, a request costs one look at a list that is empty.
 */
export class RequestWatch {
  readonly #hosts: KnownHosts;
  readonly #onAnswered: (answered: AnsweredRequest) => void;
  readonly #ended: Readonly<Record<HostKind, CarriedBytes>> = {
    api: { sent: 0, received: 0 },
    oauth: { sent: 0, received: 0 },
    data: { sent: 0, received: 0 },
  };
  readonly #open = new Map<Socket, HostKind>();
  readonly #listener = (message: unknown) => this.#onDeparture(message as DepartingRequest);

  constructor(hosts: KnownHosts, onAnswered: (answered: AnsweredRequest) => void) {
    this.#hosts = hosts;
    this.#onAnswered = onAnswered;
    diagnostics.subscribe(departures.name, this.#listener);
  }

  /** Over all connections so far, those that stand too: heads and bodies, without what TLS and TCP add. */
  carried(host: HostKind): CarriedBytes {
    const sum = { ...this.#ended[host] };
    for (const [socket, kind] of this.#open) if (kind === host) add(sum, socket);
    return sum;
  }

  close(): void {
    diagnostics.unsubscribe(departures.name, this.#listener);
  }

  #onDeparture({ request, url }: DepartingRequest): void {
    const leftAtMs = performance.now();
    const host = this.#kindOf(url);
    let answered = false;
    const end = (status: number | undefined) => {
      if (answered) return;
      answered = true;
      const { method } = request;
      const route = this.#routeOf(host, request, url);
      this.#onAnswered({ host, method, route, status, tookMs: performance.now() - leftAtMs });
    };
    request.once('socket', (socket: Socket) => this.#count(socket, host));
    request.once('response', (response: IncomingMessage) => end(response.statusCode));
    request.once('close', () => end(undefined));
  }

  #kindOf(url: URL): HostKind {
    const { apiUrl, oauthUrl } = this.#hosts;
    // On a test machine all of them may be one.
    if (url.origin === apiUrl.origin && isBelow(url, apiUrl)) return 'api';
    return url.origin === oauthUrl.origin && isBelow(url, oauthUrl) ? 'oauth' : 'data';
  }

  #routeOf(host: HostKind, { method }: ClientRequest, url: URL): string {
    if (host === 'data') return method === 'PUT' ? 'upload' : 'download';
    const base = host === 'api' ? this.#hosts.apiUrl : this.#hosts.oauthUrl;
    const route = url.pathname.slice(withoutSlash(base).length) || '/';
    if (route.startsWith('/operations/')) return '/operations/ID';
    return /^\/[a-z/_-]*$/.test(route) ? route : 'other';
  }

  #count(socket: Socket, host: HostKind): void {
    if (this.#open.has(socket)) return;
    this.#open.set(socket, host);
    socket.once('close', () => {
      this.#open.delete(socket);
      add(this.#ended[host], socket);
    });
  }
}

function add(sum: CarriedBytes, socket: Socket): void {
  sum.sent += socket.bytesWritten;
  sum.received += socket.bytesRead;
}

function isBelow(url: URL, base: URL): boolean {
  const path = withoutSlash(base);
  return url.pathname === path || url.pathname.startsWith(`${path}/`);
}

function withoutSlash(base: URL): string {
  return base.pathname.replace(/\/$/, '');
}
