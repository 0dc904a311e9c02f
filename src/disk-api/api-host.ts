import type { IncomingHttpHeaders } from 'node:http';
import { RateLimiter } from '../async/rate-limiter.ts';
import type { Priority, Urgency } from '../async/urgency.ts';
import { failedWith } from '../errors.ts';
import { exchange, keptConnections, readText } from './http.ts';
import { parseJson, retryAfterMs } from './refusals.ts';

/** Counts of requests, for `status` and for the figures that we publish. */
export interface RequestCounts {
  api: number;
  data: number;
}

interface ApiRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: URL;
  /** JSON. */
  readonly body: string | undefined;
  /** Undefined: whoever asks is nobody. */
  readonly token: string | undefined;
  readonly priority?: Priority | Urgency | undefined;
  readonly signal?: AbortSignal | undefined;
  /** See `RateLimiter.enter`. */
  readonly soon?: boolean | undefined;
  /** See `exchange`. */
  readonly onSent: (kept: boolean) => void;
}

export interface ApiReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Undefined when the body is empty or no JSON. */
  readonly json: unknown;
}

/** As many as may be under way at once, each on a connection of its own. */
const mostConnections = 32;
/** Deadlines: until the reply begins and between its parts; and for the whole of it on a slow line. */
const silenceMs = 8_000;
/** What only reads can be asked again; over a kept connection that says nothing, soon: both waits together are under ten seconds. */
const readSilence = { silenceMs: 6_000, keptSilenceMs: 3_000 };
const totalMs = 120_000;
/** 10,000 entries with their links are under 20 MB; nothing that the API sends is larger than this. */
const longestReplyBytes = 64 << 20;
/** After a 429 that does not say how long to wait. */
const usualPauseMs = 500;

/** Single requests to the API host: one limiter and one set of kept connections for all. */
export class ApiHost {
  readonly #counts: RequestCounts;
  readonly #limiter: RateLimiter;
  readonly #connections = keptConnections(mostConnections);

  constructor(options: { readonly ratePerSecond: number; readonly counts: RequestCounts }) {
    this.#counts = options.counts;
    this.#limiter = new RateLimiter({ perSecond: options.ratePerSecond, concurrency: mostConnections });
  }

  /**
   * @throws Failure 'offline', 'aborted', 'busy' before anything was sent, or 'nonsense' for what is no text; a refusal is an
   * answer like any other.
   */
  async ask(request: ApiRequest): Promise<ApiReply> {
    const leave = await this.#limiter.enter(request.priority ?? 'user', request.signal, {
      soon: request.soon ?? false,
    });
    const leftAtMs = performance.now();
    let kept = false;
    try {
      this.#counts.api++;
      const reply = await exchange(request.url, {
        method: request.method,
        headers: {
          ...(request.token === undefined ? {} : { authorization: `OAuth ${request.token}` }),
          accept: 'application/json',
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(request.body === undefined ? {} : { body: request.body }),
        agents: this.#connections.agents,
        compressed: true,
        ...(request.method === 'GET' ? readSilence : { silenceMs }),
        totalMs,
        signal: request.signal,
        onSent: (overKept) => {
          kept = overKept;
          request.onSent(overKept);
        },
      });
      leave();
      if (reply.status === 429)
        this.#limiter.slowDown(retryAfterMs(reply.headers['retry-after']) ?? usualPauseMs, leftAtMs);
      const text = await readText(reply.body, longestReplyBytes);
      return { status: reply.status, headers: reply.headers, text, json: parseJson(text) };
    } catch (error) {
      // Where one kept connection died unnoticed, the others did.
      if (kept && failedWith(error, 'offline')) this.#connections.dropIdle();
      throw error;
    } finally {
      leave('unsure');
    }
  }

  close(): void {
    this.#connections.destroy();
  }
}
