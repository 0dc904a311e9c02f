import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { closeLater } from '../close-later.ts';

/** A request as the server saw it, once its body had come. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Which of the requests it is, from 1. */
  readonly nth: number;
  /** Which of the connections it came over, from 1. */
  readonly connection: number;
}

/** What a server says; `undefined` says nothing more and leaves the connection open. */
export type Answer =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string | number>>;
      readonly body?: string | Uint8Array;
    }
  | 'hang up'
  | 'silence';

/** A loopback server whose every answer is decided by the test. */
export interface ScriptedServer {
  /** With `/v1/disk`. */
  readonly apiUrl: string;
  readonly origin: string;
  readonly asked: Asked[];
  /** Ends all connections, as a server does with those that were idle for too long. */
  dropConnections(): void;
}

/** Serves until the tests are over. */
export async function scriptedServer(
  answer: (
    asked: Asked,
    reply: ServerResponse,
    request: IncomingMessage,
  ) => Answer | undefined | Promise<Answer | undefined>,
): Promise<ScriptedServer> {
  const asked: Asked[] = [];
  const sockets = new Map<Socket, number>();
  const server = createServer((request, reply) => {
    void (async () => {
      const parts: Buffer[] = [];
      try {
        for await (const part of request) parts.push(part);
      } catch {
        return;
      }
      const url = new URL(request.url ?? '/', 'http://server');
      const one: Asked = {
        method: request.method ?? '',
        path: url.pathname.replace(/^\/v1\/disk/, '') || '/',
        query: url.searchParams,
        headers: request.headers,
        body: Buffer.concat(parts),
        nth: asked.length + 1,
        connection: sockets.get(request.socket) ?? 0,
      };
      asked.push(one);
      const said = await answer(one, reply, request);
      if (said === undefined || said === 'silence') return;
      if (said === 'hang up') request.socket.destroy();
      else reply.writeHead(said.status, said.headers).end(said.body);
    })();
  });
  let connections = 0;
  server.on('connection', (socket) => {
    sockets.set(socket, ++connections);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const dropConnections = () => {
    for (const socket of sockets.keys()) socket.destroy();
  };
  closeLater(async () => {
    dropConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { apiUrl: `${origin}/v1/disk`, origin, asked, dropConnections };
}

/** A reply as the API gives it. */
export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string | number>> = {},
): Answer {
  const type = status < 400 ? 'application/json; charset=utf-8' : 'application/json';
  return { status, headers: { 'content-type': type, ...headers }, body: JSON.stringify(body) };
}

/** A refusal as the API gives it. */
export function refused(
  status: number,
  error: string,
  headers: Readonly<Record<string, string | number>> = {},
): Answer {
  return json(status, { error, description: `${error}.`, message: `${error}.` }, headers);
}

export const page: Answer = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<html><body>Welcome to the Grand Hotel</body></html>',
};
