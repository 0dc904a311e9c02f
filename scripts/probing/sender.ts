import { RateLimiter } from '../../src/async/rate-limiter.ts';
import type { TokenSource } from '../../src/disk-api/api.ts';
import { dataUrl } from '../../src/disk-api/hosts.ts';
import { queryString } from '../../src/disk-api/paths.ts';
import { Failure } from '../../src/errors.ts';
import type { Clock } from './clock.ts';
import { Connections, type RequestBody, sendRaw, type WireReply } from './wire.ts';

/** A 429 that came by itself; the probe never tries to get one. */
export interface TooMany {
  readonly retryAfter: string | undefined;
  readonly requestsInLastSecond: number;
}

interface SenderOptions {
  readonly apiUrl: URL;
  /** Undefined: nothing is sent there. */
  readonly oauthUrl: URL | undefined;
  readonly tokens: TokenSource;
  /** Requests in any one second, to all hosts together; 0 = no limit, for tests on this machine. */
  readonly requestsPerSecond: number;
  readonly clock: Clock;
}

export interface DataRequest {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  readonly keepBytes?: number;
}

const apiSilenceMs = 60_000;
/** After the last byte of 10 GB files the answer was seen to come 25 minutes later. */
const dataSilenceMs = 30 * 60_000;
const longestReplyBytes = 4 << 20;
/** How long a 429 without Retry-After is waited out, and how often. */
const tooManyPauseMs = 10_000;
const tooManyTries = 3;

/** All requests of one probe: politely, counted, the token to the API host alone. */
export class Sender {
  readonly apiUrl: URL;
  readonly counts = { requests: 0, sentBytes: 0 };
  readonly tooMany: TooMany[] = [];
  readonly #options: SenderOptions;
  readonly #limiter: RateLimiter;
  readonly #connections = new Connections();
  readonly #sentAtMs: number[] = [];

  constructor(options: SenderOptions) {
    this.apiUrl = options.apiUrl;
    this.#options = options;
    this.#limiter = new RateLimiter({ perSecond: options.requestsPerSecond, concurrency: 4 });
  }

  /**
   * One call of the API. A 429 is waited out: nothing happened at the server.
   * @throws Failure 'login-needed' for 401, 'busy' when the 429s do not end, 'offline', 'aborted'.
   */
  async api(
    method: string,
    route: string,
    parameters: Readonly<Record<string, string>>,
    json: unknown,
    signal: AbortSignal,
  ): Promise<WireReply> {
    const url = new URL(this.apiUrl);
    url.pathname = `${url.pathname.replace(/\/$/, '')}${route}`;
    url.search = queryString(parameters);
    const bytes = json === undefined ? undefined : Buffer.from(JSON.stringify(json));
    for (let attempt = 1; ; attempt++) {
      const headers = {
        authorization: `OAuth ${await this.#options.tokens.accessToken()}`,
        accept: 'application/json',
        ...(bytes && { 'content-type': 'application/json' }),
      };
      const body: RequestBody | undefined = bytes && { bytes, sizeBytes: bytes.length, framing: 'length' };
      const reply = await this.#send({ method, url, headers, body, silenceMs: apiSilenceMs, signal });
      if (reply.status === 401) {
        throw new Failure('login-needed', 'The Disk does not accept the token (401)', {
          hint: 'Set YADISKFS_TOKEN to a fresh one.',
        });
      }
      if (reply.status !== 429) return reply;
      const pauseMs = this.#noteTooMany(reply);
      if (attempt >= tooManyTries)
        throw new Failure('busy', 'The Disk goes on answering 429: too many requests');
      await this.#options.clock.wait(pauseMs, signal);
    }
  }

  /** A request to a data host, by a link of the Disk. The token does not go along. @throws Failure 'nonsense' for another's host. */
  data(link: string, request: DataRequest, signal: AbortSignal): Promise<WireReply> {
    const { method, headers = {}, body, keepBytes } = request;
    const url = dataUrl(link, this.apiUrl);
    return this.#send({ method, url, headers, body, keepBytes, silenceMs: dataSilenceMs, signal });
  }

  /** A form sent to the OAuth host. */
  oauth(route: string, form: Readonly<Record<string, string>>, signal: AbortSignal): Promise<WireReply> {
    const { oauthUrl } = this.#options;
    if (!oauthUrl) throw new Failure('invalid', 'The OAuth host is not to be asked');
    const url = new URL(oauthUrl);
    url.pathname = `${url.pathname.replace(/\/$/, '')}${route}`;
    const bytes = Buffer.from(queryString(form));
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
    const body: RequestBody = { bytes, sizeBytes: bytes.length, framing: 'length' };
    return this.#send({ method: 'POST', url, headers, body, silenceMs: apiSilenceMs, signal });
  }

  close(): void {
    this.#connections.close();
  }

  async #send(request: {
    readonly method: string;
    readonly url: URL;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: RequestBody | undefined;
    readonly keepBytes?: number | undefined;
    readonly silenceMs: number;
    readonly signal: AbortSignal;
  }): Promise<WireReply> {
    const { body, keepBytes = longestReplyBytes, ...rest } = request;
    const leave = await this.#limiter.enter('user', request.signal);
    this.counts.requests++;
    this.counts.sentBytes += body?.sizeBytes ?? 0;
    this.#noteSent();
    try {
      // A request that stops half-way has surely arrived: others may go meanwhile.
      const held = body?.halfway;
      const halfway = held && {
        ...held,
        run: () => {
          leave();
          return held.run();
        },
      };
      const sent = body && { ...body, ...(halfway && { halfway }) };
      const reply = await sendRaw(
        { ...rest, keepBytes, ...(sent && { body: sent }) },
        this.#connections,
        this.#options.clock,
      );
      leave(reply.status === undefined ? 'unsure' : 'arrived');
      return reply;
    } catch (error) {
      leave('unsure');
      throw error;
    }
  }

  #noteSent(): void {
    const nowMs = performance.now();
    this.#sentAtMs.push(nowMs);
    while ((this.#sentAtMs[0] ?? nowMs) <= nowMs - 1000) this.#sentAtMs.shift();
  }

  /** Slows down, and answers how long to wait. */
  #noteTooMany(reply: WireReply): number {
    const header = reply.headers['retry-after'];
    this.tooMany.push({ retryAfter: header, requestsInLastSecond: this.#sentAtMs.length });
    const seconds = Number(header);
    const pauseMs =
      header !== undefined && Number.isFinite(seconds) ? Math.min(60, seconds) * 1000 : tooManyPauseMs;
    this.#limiter.slowDown(this.#options.requestsPerSecond === 0 ? 0 : pauseMs);
    return pauseMs;
  }
}
