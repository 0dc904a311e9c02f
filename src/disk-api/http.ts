import { channel } from 'node:diagnostics_channel';
import { type ClientRequest, Agent as HttpAgent, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import got, { type Agents, RequestError } from 'got';
import { abortFailure, Failure } from '../errors.ts';
import { resetWhenGivenUp } from './given-up.ts';
import { connectionLost, Silence, Trickle, withCode } from './silence.ts';

/**
 * One HTTP exchange on got: no redirects, no retries, no thrown statuses of got's own; those are decided above, where it is
 * known what the request means.
 */

export interface Head {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

export interface Exchange extends Head {
  /** The body as it comes. Leaving the loop early drops the connection. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Drops the connection of a body that was not read to its end. Whoever does not read the body must call it. */
  close(): void;
}

interface Opening {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly agents: Agents;
  readonly signal?: AbortSignal | undefined;
  /**
   * Called once, when bytes of the request may have left this machine; a request that failed before cannot have had an effect.
   * `kept`: over a connection that had been used before.
   */
  readonly onSent?: ((kept: boolean) => void) | undefined;
}

interface ExchangeRequest extends Opening {
  /** What is sent; its length goes with it. */
  readonly body?: string;
  /** Whether a compressed body is welcome and unpacked on the way. */
  readonly compressed: boolean;
  /** No byte for this long where one is due is no connection: silence is what a dead network looks like. */
  readonly silenceMs: number;
  /** The same for the beginning of an answer over a kept connection, which may have died unnoticed. */
  readonly keptSilenceMs?: number;
  /** The whole exchange, however steadily it drips. */
  readonly totalMs?: number;
}

const deadlines = { lookup: 4_000, connect: 4_000, secureConnect: 4_000 };

const userAgent = 'yadiskfs';

/** Each request of this process is told here when it is made, for whoever watches. */
export const departures = channel('yadiskfs.request');

export interface DepartingRequest {
  readonly request: ClientRequest;
  readonly url: URL;
}

/** Servers close what is idle without a word; a connection as old as this is not trusted with a request. */
const idleConnectionMs = 30_000;

export interface KeptConnections {
  readonly agents: Agents;
  /** Drops those that are not in use. */
  dropIdle(): void;
  /** Drops them all. */
  destroy(): void;
}

/** Connections that are kept and reused. `connections` bounds how many to one host. */
export function keptConnections(connections: number): KeptConnections {
  const options = {
    keepAlive: true,
    maxSockets: connections,
    maxFreeSockets: connections,
    scheduling: 'lifo' as const,
    timeout: idleConnectionMs,
  };
  const http = new HttpAgent(options);
  const https = new HttpsAgent(options);
  return {
    agents: { http, https },
    dropIdle() {
      for (const agent of [http, https]) {
        for (const socket of Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? []))
          socket.destroy();
      }
    },
    destroy() {
      http.destroy();
      https.destroy();
    },
  };
}

/** A request on its way: what is written to `stream` is its body, and `head` the beginning of the reply. */
export interface Conversation {
  readonly stream: ReturnType<typeof got.stream>;
  /** @throws Failure 'offline' or 'aborted'. */
  readonly head: Promise<Head>;
}

/**
 * Opens a request. Its body must be written and ended by the caller, unless it is given.
 * The stream's errors are heard for its whole life: one that nobody waits for must not end the process.
 */
export function converse(
  url: URL,
  opening: Opening & { readonly body?: string; readonly compressed: boolean },
): Conversation {
  const { signal } = opening;
  const stream = got.stream(url, {
    method: opening.method,
    headers: {
      'user-agent': userAgent,
      ...(opening.compressed ? {} : { 'accept-encoding': 'identity' }),
      ...opening.headers,
    },
    ...(opening.body === undefined ? {} : { body: opening.body }),
    agent: opening.agents,
    decompress: opening.compressed,
    followRedirect: false,
    throwHttpErrors: false,
    retry: { limit: 0 },
    timeout: deadlines,
    ...(signal ? { signal } : {}),
  });
  stream.once('request', (request) => {
    request.once('socket', resetWhenGivenUp);
    if (departures.hasSubscribers) departures.publish({ request, url } satisfies DepartingRequest);
    watchDeparture(request, url, opening.onSent);
  });
  const head = new Promise<Head>((resolve, reject) => {
    let hasBegun = false;
    stream.once('response', (response) => {
      hasBegun = true;
      resolve({ status: response.statusCode, headers: response.headers });
    });
    stream.on('error', (error: unknown) => {
      if (!hasBegun) reject(connectionFailure(error, url, signal));
    });
    // Errors cost: one that nobody hears is not made, at the end of every exchange that went well.
    stream.once('close', () => {
      if (!hasBegun) reject(connectionFailure(connectionLost(), url, signal));
    });
  });
  head.catch(() => {});
  return { stream, head };
}

/**
 * Sends the request and resolves when the reply's head is there.
 * @throws Failure 'offline' when there is no connection or no answer in time, 'aborted' when the signal fires.
 */
export async function exchange(url: URL, request: ExchangeRequest): Promise<Exchange> {
  const { signal, onSent } = request;
  if (signal?.aborted) throw abortFailure(signal);
  const bodyless = request.method === 'GET' || request.method === 'HEAD';
  const { stream, head } = converse(url, {
    ...request,
    ...(bodyless ? {} : { body: request.body ?? '' }),
    onSent: (kept) => {
      silence.watch(kept ? request.keptSilenceMs : undefined);
      onSent?.(kept);
    },
  });
  const silence = new Silence(stream, request.silenceMs);
  const total = request.totalMs === undefined ? undefined : setTimeout(() => silence.end(), request.totalMs);
  stream.once('close', () => {
    silence.rest();
    clearTimeout(total);
  });
  const { status, headers } = await head;
  silence.rest();
  return { status, headers, body: bodyOf(stream, silence, request, url), close: () => stream.destroy() };
}

/** Calls `onSent` when the connection that the request waits for stands, or at once when it is a kept one. */
function watchDeparture(request: ClientRequest, url: URL, onSent: Opening['onSent']): void {
  if (!onSent) return;
  request.once('socket', (socket: Socket) => {
    if (socket.connecting)
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => onSent(false));
    else onSent(true);
  });
}

async function* bodyOf(
  stream: AsyncIterable<unknown> & { destroy(): unknown },
  silence: Silence,
  { silenceMs, signal }: ExchangeRequest,
  url: URL,
) {
  const chunks = stream[Symbol.asyncIterator]();
  const trickle = new Trickle(silenceMs);
  try {
    for (;;) {
      // Only while we wait: a reader that takes its time is no silence of the other side.
      silence.watch();
      const askedAtMs = performance.now();
      const next = await chunks.next();
      silence.rest();
      if (next.done) return;
      if (!(next.value instanceof Uint8Array)) continue;
      if (trickle.isDrip(performance.now() - askedAtMs, next.value.length))
        throw withCode('it came in drops', 'ETIMEDOUT');
      yield next.value;
    }
  } catch (error) {
    throw connectionFailure(error, url, signal);
  } finally {
    silence.rest();
    stream.destroy();
  }
}

/** What an error of a connection is to us. got's own error is never kept: it carries the request, and with it the token. */
function connectionFailure(error: unknown, url: URL, signal: AbortSignal | undefined): Failure {
  if (signal?.aborted) return abortFailure(signal);
  if (error instanceof Failure) return error;
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const cause = withCode(error instanceof Error ? error.message : String(error), code);
  // got's word for a mistake of ours in what it was asked to do.
  if (error instanceof RequestError && code === 'ERR_GOT_REQUEST_ERROR')
    return new Failure('local', 'The request could not be made', { cause });
  return new Failure('offline', `No connection to ${url.host}${code ? ` (${code})` : ''}`, {
    hint: /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code ?? '') ? certificateHint : networkHint,
    cause,
  });
}

const networkHint = 'Check the network; the drive goes on by itself when it is back.';

/** For whoever has no drive that goes on by itself. What says more than that it is away stays: a clock that is wrong, a network that wants a login. */
export function withoutDrive(failure: Failure): Failure {
  const { code, message, path, hint = networkHint } = failure;
  return new Failure(code, message, {
    path,
    hint: hint === networkHint ? 'Check the network.' : hint,
    cause: failure,
  });
}

const certificateHint =
  'The host could not prove who it is. Is the clock of this machine right, and does nothing in the network stand in between?';

/**
 * The whole body as text.
 * @throws Failure 'nonsense' when it is longer than `maxBytes`, or is no UTF-8.
 */
export async function readText(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new Failure('nonsense', `A reply of more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  try {
    // Names with replacement characters in them would be names of other files.
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks, sizeBytes));
  } catch (cause) {
    throw new Failure('nonsense', 'A reply that is not UTF-8', { cause });
  }
}
