import type { z } from 'zod';
import { type Priority, RateLimiter } from '../async/rate-limiter.ts';
import { retry } from '../async/retry.ts';
import { untilAborted } from '../async/shared-tasks.ts';
import { Failure, failedWith } from '../errors.ts';
import { exchange, keptConnections, readText } from './http.ts';
import { queryString } from './paths.ts';
import { parseJson, refusal } from './refusals.ts';

/** Whoever has a token: the access token that requests to the API host carry, and no others. */
export interface TokenSource {
  accessToken(): Promise<string>;
  /**
   * The API host did not accept this token. Many may ask at the same time; the token is renewed once for all.
   * @returns whether the request should be sent once more, with what `accessToken` gives then
   * @throws Failure 'login-needed' or 'offline' when the token cannot be renewed
   */
  refused?(token: string): Promise<boolean>;
}

interface ApiOptions {
  /** `https://cloud-api.yandex.net/v1/disk` */
  readonly url: URL;
  readonly tokens: TokenSource;
  /** Requests in any one second; 0 = no limit. */
  readonly ratePerSecond: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly priority?: Priority;
}

/** Counts of requests, for `status` and for the figures that we publish. */
export interface RequestCounts {
  api: number;
  data: number;
}

/** Read calls may be repeated freely: nothing happens at the server. */
const readRetry = { attempts: 6, budgetMs: 12_000, firstDelayMs: 100 };
/** Without a connection nothing begins after this long: an `ls` must not hang when the network is gone. */
const offlineBudgetMs = 6_000;

/** 10,000 entries with their links are under 20 MB; nothing that the API sends is larger than this. */
const longestReplyBytes = 64 << 20;

/**
 * The API host: one limiter and one set of kept connections for all calls.
 */
export class Api {
  readonly url: URL;
  readonly counts: RequestCounts = { api: 0, data: 0 };
  readonly #tokens: TokenSource;
  readonly #limiter: RateLimiter;
  readonly #connections = keptConnections(32);

  constructor(options: ApiOptions) {
    this.url = options.url;
    this.#tokens = options.tokens;
    this.#limiter = new RateLimiter({ perSecond: options.ratePerSecond, concurrency: 32 });
  }

  /**
   * A call that changes nothing: asked again after a broken connection, a 5xx, a 429 or a reply that is no reply, within bounds.
   * `what` says it to a person ("list disk:/Photos").
   * @throws Failure by the table in refusals.ts, 'offline', or 'nonsense' when the reply has not the shape of `shape`.
   */
  async read<S extends z.ZodType>(
    route: string,
    parameters: Readonly<Record<string, string>>,
    shape: S,
    what: string,
    options: CallOptions = {},
  ): Promise<z.infer<S>> {
    const url = this.#address(route, parameters);
    const startedAtMs = performance.now();
    return retry(() => this.#once(url, shape, what, parameters['path'], options), {
      ...readRetry,
      signal: options.signal,
      again: (error) => {
        if (failedWith(error, 'offline')) return performance.now() - startedAtMs < offlineBudgetMs;
        return failedWith(error, 'server', 'busy', 'nonsense', 'locked')
          ? (error.retryAfterMs ?? true)
          : false;
      },
    });
  }

  /** Drops the kept connections. */
  close(): void {
    this.#connections.destroy();
  }

  #address(route: string, parameters: Readonly<Record<string, string>>): URL {
    const url = new URL(this.url);
    url.pathname = `${url.pathname.replace(/\/$/, '')}${route}`;
    url.search = queryString(parameters);
    return url;
  }

  async #once<S extends z.ZodType>(
    url: URL,
    shape: S,
    what: string,
    path: string | undefined,
    options: CallOptions,
  ) {
    const { signal } = options;
    const token = await untilAborted(this.#tokens.accessToken(), signal);
    try {
      return await this.#ask(token, url, shape, what, path, options);
    } catch (error) {
      if (!failedWith(error, 'login-needed') || !this.#tokens.refused) throw error;
      if (!(await untilAborted(this.#tokens.refused(token), signal))) throw error;
      const renewed = await untilAborted(this.#tokens.accessToken(), signal);
      return this.#ask(renewed, url, shape, what, path, options);
    }
  }

  async #ask<S extends z.ZodType>(
    token: string,
    url: URL,
    shape: S,
    what: string,
    path: string | undefined,
    options: CallOptions,
  ) {
    const leave = await this.#limiter.enter(options.priority ?? 'user', options.signal);
    this.counts.api++;
    try {
      const reply = await exchange(url, {
        method: 'GET',
        headers: { authorization: `OAuth ${token}`, accept: 'application/json' },
        agents: this.#connections.agents,
        compressed: true,
        silenceMs: 8_000,
        signal: options.signal,
      });
      leave();
      const text = await readText(reply.body, longestReplyBytes);
      if (reply.status !== 200) {
        const failure = refusal(reply.status, reply.headers, text, what, path);
        if (failure.code === 'busy') this.#limiter.slowDown(failure.retryAfterMs ?? 500);
        throw failure;
      }
      const checked = shape.safeParse(parseJson(text));
      if (checked.success) return checked.data;
      throw new Failure('nonsense', `The Disk's answer makes no sense when asked to ${what}`, {
        path,
        cause: checked.error,
      });
    } finally {
      leave();
    }
  }
}
