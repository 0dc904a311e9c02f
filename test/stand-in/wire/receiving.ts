import { BodyBroken, carriedBody } from './body.ts';
import type { BodyFaults } from './body-faults.ts';
import type { Carrier } from './carrier.ts';
import type { WireClock } from './clock.ts';
import { RequestBodyBroken } from './exchange.ts';
import type { LiveExchange } from './live-exchange.ts';

/** Reads the body of a request as fast as the wire allows; what is not read yet holds the client back.
 * @throws RequestBodyBroken when it breaks off. */
export async function* receivedBody(
  exchange: LiveExchange,
  faults: BodyFaults,
  limits: readonly number[],
  carrier: Carrier,
  clock: WireClock,
): AsyncGenerator<Buffer, void, undefined> {
  const transfer = carrier.begin(exchange, 'up', [...faults.limits, ...limits]);
  try {
    const source = arriving(exchange);
    for await (const piece of carriedBody(exchange, source, transfer, faults, clock, async () => {})) {
      exchange.received(piece.length);
      yield piece;
    }
  } catch (cause) {
    throw cause instanceof BodyBroken ? new RequestBodyBroken(exchange.receivedBytes, { cause }) : cause;
  } finally {
    transfer.close();
    faults.settle();
  }
}

/** The rest of the request stays readable when its reader stops early: the connection may go on. */
async function* arriving(exchange: LiveExchange): AsyncGenerator<Buffer, void, undefined> {
  const { req } = exchange;
  const lengthBytes = requestLengthOf(exchange);
  const chunks: AsyncIterable<Buffer> = req.iterator({ destroyOnReturn: false });
  let sizeBytes = 0;
  try {
    for await (const chunk of chunks) {
      sizeBytes += chunk.length;
      yield chunk;
    }
  } catch (cause) {
    // Node fails a request whose connection is gone even when all of it has arrived; the buffer still has the rest.
    for (let rest: Buffer | null = req.read(); rest !== null && req.complete; rest = req.read()) {
      sizeBytes += rest.length;
      yield rest;
    }
    const isWhole = req.complete && (lengthBytes === null || sizeBytes === lengthBytes);
    if (!isWhole) throw new RequestBodyBroken(exchange.receivedBytes, { cause });
  }
  if (!req.complete) throw new RequestBodyBroken(exchange.receivedBytes);
}

/** How long the body of a request says it is; null when it does not. */
export function requestLengthOf(exchange: LiveExchange): number | null {
  const { 'content-length': length, 'transfer-encoding': encoding } = exchange.req.headers;
  if (length !== undefined) return Number(length);
  return encoding === undefined ? 0 : null;
}
