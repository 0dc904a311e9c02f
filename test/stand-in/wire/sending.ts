import { BodyBroken, carriedBody } from './body.ts';
import type { BodyFaults } from './body-faults.ts';
import type { Carrier } from './carrier.ts';
import type { WireClock } from './clock.ts';
import type { Reply, ReplyOutcome } from './exchange.ts';
import { headerOf, withHeader } from './headers.ts';
import type { LiveExchange } from './live-exchange.ts';
import { lengthOf } from './reply-faults.ts';

const flushPollMs = 1;

/** Sends a reply as fast as the wire allows and no faster than the client reads.
 * @throws Error when the body is not as long as its Content-Length says, and what the body itself throws. The
 * connection is dead then. */
export async function sendReply(
  exchange: LiveExchange,
  reply: Reply,
  faults: BodyFaults,
  carrier: Carrier,
  clock: WireClock,
): Promise<ReplyOutcome> {
  const { res } = exchange;
  const hasBody = exchange.method !== 'HEAD' && reply.status !== 204 && reply.status !== 304;
  const body = hasBody ? reply.body : null;
  exchange.phase = 'replying';
  exchange.status = reply.status;
  exchange.counters.reply(reply.status);
  res.writeHead(reply.status, headersOf(reply));
  if (body !== null) {
    const transfer = carrier.begin(exchange, 'down', faults.limits);
    const declared = headerOf(reply.headers, 'content-length');
    const lengthBytes = declared === undefined ? lengthOf(reply) : Number(declared);
    try {
      const pieces = carriedBody(exchange, partsOf(body), transfer, faults, clock, () =>
        flushed(exchange, clock),
      );
      for await (const piece of pieces) {
        if (lengthBytes !== null && exchange.sentBytes + piece.length > lengthBytes) {
          throw new Error(
            `${exchange.route}: a body of more than the ${lengthBytes} bytes that were declared`,
          );
        }
        const isRoomy = res.write(piece);
        exchange.sent(piece.length);
        if (!isRoomy && !(await drained(exchange))) break;
      }
      if (!exchange.isOver && lengthBytes !== null && exchange.sentBytes < lengthBytes) {
        throw new Error(
          `${exchange.route}: a body of ${exchange.sentBytes} bytes declared as ${lengthBytes}`,
        );
      }
    } catch (error) {
      if (error instanceof BodyBroken) return error.byFault ? 'faulted' : 'gone';
      exchange.connection.destroy('rst');
      throw error;
    } finally {
      transfer.close();
    }
  }
  if (exchange.isOver) return 'gone';
  res.end();
  return (await finished(exchange)) ? 'sent' : 'gone';
}

function headersOf(reply: Reply): Record<string, string | number> {
  if (reply.body !== null && !Buffer.isBuffer(reply.body)) return { ...reply.headers };
  if (headerOf(reply.headers, 'content-length') !== undefined || reply.status === 304)
    return { ...reply.headers };
  return { ...withHeader(reply.headers, 'content-length', reply.body?.length ?? 0) };
}

async function* partsOf(body: Buffer | AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (Buffer.isBuffer(body)) yield body;
  else yield* body;
}

async function drained(exchange: LiveExchange): Promise<boolean> {
  const { res } = exchange;
  const event = await exchange.whileHeard<true>((done) => {
    const onDrain = () => done(true);
    res.once('drain', onDrain);
    return () => res.off('drain', onDrain);
  });
  return event !== null;
}

/** Waits until the kernel has all that was written so far, the headers too. */
async function flushed(exchange: LiveExchange, clock: WireClock): Promise<void> {
  const { res } = exchange;
  res.flushHeaders();
  while (!exchange.isOver && (res.writableLength > 0 || (res.socket?.writableLength ?? 0) > 0)) {
    await exchange.whileHeard<true>((done) => clock.schedule(flushPollMs, () => done(true)));
  }
}

async function finished(exchange: LiveExchange): Promise<boolean> {
  const { res } = exchange;
  if (!res.writableFinished) {
    await exchange.whileHeard<true>((done) => {
      const onFinish = () => done(true);
      res.once('finish', onFinish);
      return () => res.off('finish', onFinish);
    });
  }
  return res.writableFinished;
}
