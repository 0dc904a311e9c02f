import { Agent as HttpAgent, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import got, { type Agents, RequestError } from 'got';
import { abortFailure, Failure } from '../errors.ts';

/**
 * One HTTP exchange on got: no redirects, no retries, no thrown statuses of got's own; those are decided above, where it is
 * known what the request means.
 */

export interface Exchange {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body as it comes. Leaving the loop early drops the connection. */
  readonly body: AsyncIterable<Uint8Array>;
}

interface ExchangeRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  /** What is sent; its length goes with it. */
  readonly body?: string;
  readonly agents: Agents;
  /** Whether a compressed body is welcome and unpacked on the way. */
  readonly compressed: boolean;
  /** No byte for this long is no connection: silence is what a dead network looks like. */
  readonly silenceMs: number;
  readonly signal?: AbortSignal | undefined;
}

const deadlines = { lookup: 4_000, connect: 4_000, secureConnect: 4_000 };

const userAgent = 'yadiskfs';

/** Kept connections; `destroy` drops them all. */
interface KeptConnections {
  readonly agents: Agents;
  destroy(): void;
}

/** Connections that are kept and reused. `connections` bounds how many to one host. */
export function keptConnections(connections: number): KeptConnections {
  const options = {
    keepAlive: true,
    maxSockets: connections,
    maxFreeSockets: connections,
    scheduling: 'lifo' as const,
  };
  const http = new HttpAgent(options);
  const https = new HttpsAgent(options);
  return {
    agents: { http, https },
    destroy() {
      http.destroy();
      https.destroy();
    },
  };
}

/**
 * Sends the request and resolves when the reply's head is there.
 * @throws Failure 'offline' when there is no connection or no answer in time, 'aborted' when the signal fires.
 */
export async function exchange(url: URL, request: ExchangeRequest): Promise<Exchange> {
  const { signal } = request;
  if (signal?.aborted) throw abortFailure(signal);
  const stream = got.stream(url, {
    method: request.method,
    headers: {
      'user-agent': userAgent,
      ...(request.compressed ? {} : { 'accept-encoding': 'identity' }),
      ...request.headers,
    },
    ...(request.body === undefined ? {} : { body: request.body }),
    agent: request.agents,
    decompress: request.compressed,
    followRedirect: false,
    throwHttpErrors: false,
    retry: { limit: 0 },
    timeout: { ...deadlines, socket: request.silenceMs },
    ...(signal ? { signal } : {}),
  });
  const head = await new Promise<{ status: number; headers: IncomingHttpHeaders }>((resolve, reject) => {
    stream.once('response', (response) =>
      resolve({ status: response.statusCode, headers: response.headers }),
    );
    // Stays for the whole life of the stream: an error that nobody reads any more must not end the process.
    stream.on('error', (error: unknown) => reject(connectionFailure(error, url, signal)));
  });
  return { ...head, body: bodyOf(stream, url, signal) };
}

async function* bodyOf(
  stream: AsyncIterable<unknown> & { destroy(): unknown },
  url: URL,
  signal: AbortSignal | undefined,
) {
  try {
    for await (const chunk of stream) {
      if (chunk instanceof Uint8Array) yield chunk;
    }
  } catch (error) {
    throw connectionFailure(error, url, signal);
  } finally {
    stream.destroy();
  }
}

function connectionFailure(error: unknown, url: URL, signal: AbortSignal | undefined): Failure {
  if (signal?.aborted) return abortFailure(signal);
  if (error instanceof Failure) return error;
  const reason = error instanceof RequestError ? error.code : undefined;
  // got's word for a mistake of ours in what it was asked to do.
  if (reason === 'ERR_GOT_REQUEST_ERROR')
    return new Failure('local', 'The request could not be made', { cause: error });
  return new Failure('offline', `No connection to ${url.host}${reason ? ` (${reason})` : ''}`, {
    hint: 'Check the network; the drive goes on by itself when it is back.',
    cause: error,
  });
}

/**
 * The whole body as text.
 * @throws Failure 'nonsense' when it is longer than `maxBytes`.
 */
export async function readText(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new Failure('nonsense', `A reply of more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, sizeBytes).toString('utf8');
}
