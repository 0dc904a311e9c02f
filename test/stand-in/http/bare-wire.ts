import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { RequestBodyBroken } from '../wire/exchange.ts';
import type { Exchange, Reply, ReplyOutcome } from '../wire/index.ts';
import type { WirePart } from './wire-part.ts';

/** A wire that adds nothing and breaks nothing. */
export function bareWire(): WirePart {
  let exchanges = 0;
  return {
    attach: () => {},
    close: () => {},
    begin: (req, res, about) => {
      exchanges += 1;
      return bareExchange(exchanges, req, res, about);
    },
    before: () => Promise.resolve({ kind: 'continue' }),
    beforeCommit: () => Promise.resolve(),
    requestBody,
    respond,
  };
}

function bareExchange(
  id: number,
  req: IncomingMessage,
  res: ServerResponse,
  about: { route: string; path?: string | null; role?: string },
): Exchange {
  const ended = new AbortController();
  res.once('close', () => ended.abort());
  return {
    id,
    route: about.route,
    role: about.role ?? '',
    method: req.method ?? '',
    url: req.url ?? '',
    path: about.path ?? null,
    req,
    res,
    connection: { id: 0, role: about.role ?? '', openedMs: 0, exchangeCount: 1 },
    startedMs: performance.now(),
    receivedBytes: 0,
    sentBytes: 0,
    signal: ended.signal,
  };
}

async function* requestBody(exchange: Exchange): AsyncGenerator<Buffer> {
  let receivedBytes = 0;
  try {
    for await (const chunk of exchange.req) {
      const bytes = Buffer.from(chunk);
      receivedBytes += bytes.length;
      yield bytes;
    }
  } catch (cause) {
    throw new RequestBodyBroken(receivedBytes, { cause });
  }
}

async function respond(exchange: Exchange, reply: Reply): Promise<ReplyOutcome> {
  const { res } = exchange;
  if (res.destroyed) return 'gone';
  res.writeHead(reply.status, reply.headers);
  if (reply.body && !Buffer.isBuffer(reply.body)) {
    for await (const chunk of reply.body) {
      if (res.destroyed) return 'gone';
      if (!res.write(chunk)) await Promise.race([once(res, 'drain'), once(res, 'close')]);
    }
    res.end();
  } else {
    res.end(reply.body ?? undefined);
  }
  return 'sent';
}
