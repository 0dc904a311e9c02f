import type { IncomingMessage, ServerResponse } from 'node:http';

/** What the wire knows of a connection. */
export interface ConnectionInfo {
  readonly id: number;
  readonly role: string;
  readonly openedMs: number;
  /** Exchanges begun on it, the present one included. */
  readonly exchangeCount: number;
}

/** One request and its reply, from `begin` to the end of the reply or of the connection. */
export interface Exchange {
  readonly id: number;
  readonly route: string;
  readonly role: string;
  readonly method: string;
  readonly url: string;
  /** The path that the request names, when it names one; the handler may fill it in later. */
  path: string | null;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly connection: ConnectionInfo;
  readonly startedMs: number;
  /** Body bytes read from the client. */
  readonly receivedBytes: number;
  /** Body bytes handed to the kernel for the client. */
  readonly sentBytes: number;
  /** Fires when the exchange is over: reply complete, connection dead, or wire closed. */
  readonly signal: AbortSignal;
}

/** An exchange as plain JSON. */
export interface ExchangeDescription {
  id: number;
  role: string;
  route: string;
  method: string;
  url: string;
  path: string | null;
  receivedBytes: number;
  sentBytes: number;
}

/** What a handler answers. Header names are sent as written here. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  /** An iterable needs a `content-length` among the headers, else it is sent chunked. */
  readonly body: Buffer | AsyncIterable<Buffer> | null;
}

/** Whether the handler goes on. `answered`: the wire has dealt with the exchange, or it is dead; do nothing more. */
export type Passage = { readonly kind: 'continue' } | { readonly kind: 'answered' };

/** How a reply ended: wholly handed over; broken by a fault; or the client (or the wire) went away. */
export type ReplyOutcome = 'sent' | 'faulted' | 'gone';

/** The exchange was ended by the wire or by the client while its handler waited. The handler stops without a
 * reply and without an effect. */
export class ExchangeEnded extends Error {
  override readonly name: string = 'ExchangeEnded';
}

/** The body of a request broke off: a fault, the client, or the wire's close. What came before was yielded. */
export class RequestBodyBroken extends ExchangeEnded {
  override readonly name = 'RequestBodyBroken';
  readonly receivedBytes: number;

  constructor(receivedBytes: number, options?: ErrorOptions) {
    super(`the body of the request broke off after ${receivedBytes} bytes`, options);
    this.receivedBytes = receivedBytes;
  }
}
