import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { abortFailure, Failure } from '../../src/errors.ts';
import type { Clock } from './clock.ts';

/*
 * One raw request, with nothing of the product's client in between: no redirects, no retries, and bodies that may stop
 * half-way on purpose. What is asked here is how the service behaves, not how our client copes with it.
 */

export interface RequestBody {
  readonly bytes: Uint8Array | AsyncIterable<Uint8Array>;
  readonly sizeBytes: number;
  /** `chunked` announces no length. */
  readonly framing: 'length' | 'chunked';
  /** What is announced where it is not `sizeBytes`. */
  readonly announcedBytes?: number;
  /** Runs when this many bytes were sent; the rest goes when it is done. */
  readonly halfway?: { readonly atBytes: number; readonly run: () => Promise<void> };
  /** The body is never ended: when this resolves the connection is dropped. It may ask whether an answer came. */
  readonly dropWhen?: (answered: () => boolean) => Promise<void>;
}

export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  /** Of the reply's body no more than this is read; then the connection is dropped. */
  readonly keepBytes: number;
  /** No byte in either direction for this long ends it. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

export interface WireReply {
  /** Undefined: the connection was dropped on purpose before an answer came. */
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly sentAtMs: number;
  /** When the last byte of the request was handed over. */
  readonly bodySentAtMs: number;
  /** When the head of the reply was there. */
  readonly answeredAtMs: number;
}

const agentOptions = { keepAlive: true, maxSockets: 4 };

/** Kept connections of one probe. */
export class Connections {
  readonly http = new HttpAgent(agentOptions);
  readonly https = new HttpsAgent(agentOptions);

  close(): void {
    this.http.destroy();
    this.https.destroy();
  }
}

/** @throws Failure 'offline' when no answer came, 'aborted' when the signal fired. */
export async function sendRaw(
  request: WireRequest,
  connections: Connections,
  clock: Clock,
): Promise<WireReply> {
  const { url, signal, body } = request;
  if (signal.aborted) throw abortFailure(signal);
  const secure = url.protocol === 'https:';
  const start = secure ? httpsRequest : httpRequest;
  const sentAtMs = clock.nowMs();
  const req = start(url, {
    method: request.method,
    headers: { 'accept-encoding': 'identity', ...lengthHeader(request), ...request.headers },
    agent: secure ? connections.https : connections.http,
    signal,
  });
  req.setTimeout(request.silenceMs, () => req.destroy(new Error('silence')));
  const answer = answerOf(req, request.keepBytes, clock);
  const sending: Sending = { endedAtMs: sentAtMs, answered: false, done: false };
  answer.then(
    () => {
      sending.answered = true;
    },
    () => {},
  );
  const sent = send(req, body, sending, clock);
  try {
    const dropped = sent.then((how) => (how === 'dropped' ? droppedReply(clock) : answer));
    // A failure to send is told by the answer that does not come; an early answer ends the sending.
    const { status, headers, body: kept, answeredAtMs } = await Promise.race([answer, dropped]);
    await ended(req, sent, sending);
    return { status, headers, body: kept, sentAtMs, bodySentAtMs: sending.endedAtMs, answeredAtMs };
  } catch (error) {
    req.destroy();
    await sent.catch(() => {});
    if (signal.aborted) throw abortFailure(signal);
    if (error instanceof Failure) throw error;
    const reason = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : '';
    throw new Failure('offline', `No answer from ${url.host}${reason ? ` (${reason})` : ''}`, {
      cause: error,
    });
  }
}

/** Nothing of a request goes on behind the back of the next one: what was answered early is not sent to its end. */
async function ended(req: ClientRequest, sent: Promise<unknown>, sending: Sending): Promise<void> {
  if (!sending.done) req.destroy();
  await sent;
}

interface Head {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly answeredAtMs: number;
}

function droppedReply(clock: Clock): Head {
  return { status: undefined, headers: {}, body: Buffer.alloc(0), answeredAtMs: clock.nowMs() };
}

function lengthHeader({ body, method }: WireRequest): Record<string, string> {
  if (body?.framing === 'chunked') return { 'transfer-encoding': 'chunked' };
  if (body) return { 'content-length': String(body.announcedBytes ?? body.sizeBytes) };
  return method === 'PUT' || method === 'POST' || method === 'PATCH' ? { 'content-length': '0' } : {};
}

function answerOf(req: ClientRequest, keepBytes: number, clock: Clock): Promise<Head> {
  return new Promise((resolve, reject) => {
    req.on('error', reject);
    req.once('close', () => reject(new Error('the connection ended without an answer')));
    req.once('response', (response) => {
      const answeredAtMs = clock.nowMs();
      const { statusCode, headers } = response;
      const chunks: Buffer[] = [];
      let keptBytes = 0;
      const done = () =>
        resolve({
          status: statusCode,
          headers,
          body: Buffer.concat(chunks).subarray(0, keepBytes),
          answeredAtMs,
        });
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        keptBytes += chunk.length;
        if (keptBytes < keepBytes) return;
        done();
        if (keptBytes > keepBytes) req.destroy();
      });
      response.once('end', done);
      response.once('error', reject);
    });
  });
}

interface Sending {
  /** When the last byte was handed over. */
  endedAtMs: number;
  answered: boolean;
  /** All bytes were handed over. */
  done: boolean;
}

/** Resolves when all was sent, or when the connection was dropped on purpose. Never rejects for a broken connection. */
async function send(
  req: ClientRequest,
  body: RequestBody | undefined,
  sending: Sending,
  clock: Clock,
): Promise<'sent' | 'dropped'> {
  let sentBytes = 0;
  if (body?.sizeBytes === 0) req.flushHeaders();
  for await (const piece of body ? piecesOf(body) : []) {
    if (sending.answered || req.destroyed) break;
    await written(req, piece);
    sentBytes += piece.length;
    if (body?.halfway?.atBytes === sentBytes) await body.halfway.run();
  }
  sending.endedAtMs = clock.nowMs();
  sending.done = true;
  if (!body?.dropWhen && !sending.answered) {
    req.end();
    return 'sent';
  }
  await body?.dropWhen?.(() => sending.answered);
  // Of a body that was not ended nothing good can follow, whether it was answered early or not.
  const answered = sending.answered;
  req.destroy();
  return answered ? 'sent' : 'dropped';
}

/** The bytes in pieces, one of them ending at the half-way mark. */
async function* piecesOf({ bytes, halfway }: RequestBody): AsyncGenerator<Uint8Array> {
  if (!(bytes instanceof Uint8Array)) {
    yield* bytes;
    return;
  }
  const markBytes = halfway?.atBytes ?? 0;
  if (markBytes > 0) yield bytes.subarray(0, markBytes);
  if (markBytes < bytes.length) yield bytes.subarray(markBytes);
}

/** Resolves when the piece was handed to the system, or will never be. */
function written(req: ClientRequest, piece: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    req.once('close', resolve);
    req.write(piece, () => {
      req.off('close', resolve);
      resolve();
    });
  });
}
