import type { z } from 'zod';
import { withPatience } from '../async/patience.ts';
import { untilAborted } from '../async/shared-tasks.ts';
import type { Priority, Urgency } from '../async/urgency.ts';
import { Failure, failedWith } from '../errors.ts';
import { ApiHost, type ApiReply, type RequestCounts } from './api-host.ts';
import type { Call } from './calls.ts';
import { Contact } from './contact.ts';
import { DataHosts } from './data-hosts.ts';
import { queryString } from './paths.ts';
import { type Departure, persist, type Verdict } from './persistence.ts';
import { type Reach, reachAfter } from './reach.ts';
import { isPage, namesError, notTheDisk, refusal } from './refusals.ts';

export type { RequestCounts };

/** Whoever has a token: the access token that requests to the API host carry, and no others. */
export interface TokenSource {
  /** Undefined where nobody is logged in, and what is asked for may be had without. */
  accessToken(): Promise<string | undefined>;
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
  readonly priority?: Priority | Urgency | undefined;
}

/** A renewal goes on behind the back of those who do not wait any longer. */
const tokenPatienceMs = 6_000;
/** zod compiles a shape when it is first used, which takes longer than to check a few hundred entries without. */
const compiledFromChars = 256 << 10;

type Parameters = Readonly<Record<string, string>>;

interface ChangeRequest extends CallOptions {
  readonly parameters: Parameters;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Says it to a person ("move disk:/a to disk:/b"). */
  readonly what: string;
  /** What a failure is about. */
  readonly path?: string | undefined;
  /** See `Call.lostReply`. */
  readonly look?: (() => Promise<Verdict>) | undefined;
  /** See `ChangeOptions`. */
  readonly wasLookedAt?: boolean | undefined;
}

/** How a change went through. */
export type ChangeReply =
  /** By a reply of the Disk. `json` is undefined where the body was empty. */
  | { readonly kind: 'answered'; readonly status: number; readonly json: unknown }
  /** A reply was lost, and a look has shown that the change is there. */
  | { readonly kind: 'found-done' };

/**
 * The API host, and what all calls to it share.
 */
export class Api {
  readonly url: URL;
  readonly counts: RequestCounts = { api: 0, data: 0 };
  /** The hosts that give and take bytes. */
  readonly data = new DataHosts();
  /** Whether the Disk is within reach; heard by all who work with it. */
  readonly contact = new Contact({ probe: (signal) => this.#askForSign(signal) });
  readonly #tokens: TokenSource;
  readonly #host: ApiHost;
  #reach: Reach = 'online';
  #outage: Failure | undefined;

  constructor(options: ApiOptions) {
    this.url = options.url;
    this.#tokens = options.tokens;
    this.#host = new ApiHost({ ratePerSecond: options.ratePerSecond, counts: this.counts });
  }

  /** By the last request that ended. */
  get reach(): Reach {
    return this.contact.isAway ? 'offline' : this.#reach;
  }

  /** Why it is off line, by the last request that found it so; undefined while it is not. */
  get outage(): Failure | undefined {
    return this.reach === 'offline' ? this.#outage : undefined;
  }

  /**
   * A call that changes nothing: asked again after a broken connection, a 5xx, a 429 or a reply that is no reply, within bounds.
   * `what` says it to a person ("list disk:/Photos").
   * @throws Failure by the table in refusals.ts, 'offline', or 'nonsense' when the reply has not the shape of `shape`.
   */
  async read<S extends z.ZodType>(
    route: string,
    parameters: Parameters,
    shape: S,
    what: string,
    options: CallOptions = {},
  ): Promise<z.infer<S>> {
    const url = this.#address(route, parameters);
    const path = parameters['path'];
    const outcome = await persist(
      async (departure) => {
        const reply = await this.#send('GET', url, undefined, { ...options, what, path }, departure);
        const checked = shape.safeParse(reply.json, { jitless: reply.text.length < compiledFromChars });
        if (reply.status === 200 && checked.success) return checked.data;
        throw new Failure('nonsense', `The Disk's answer makes no sense when asked to ${what}`, {
          path,
          cause: checked.error,
        });
      },
      { lostReply: 'repeat', what, path, signal: options.signal, isHopeless: () => this.contact.isAway },
    );
    if (outcome.kind === 'answered') return outcome.reply;
    throw new Failure('local', 'A call that only reads cannot be found done', { path });
  }

  /**
   * A call that changes something; when it is sent again is decided by `call.lostReply` and `request.look` (see calls.ts).
   * @throws Failure as `read`, and 'in-doubt' when it may have taken effect and must not be sent again
   */
  async change(call: Call, request: ChangeRequest): Promise<ChangeReply> {
    const url = this.#address(call.route, request.parameters);
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const outcome = await persist(
      async (departure) => {
        const about = { path: request.parameters['path'], ...request };
        const reply = await this.#send(call.method, url, body, about, departure);
        if (call.statuses.includes(reply.status)) return reply;
        const message = `The Disk's answer (${reply.status}) makes no sense when asked to ${about.what}`;
        throw new Failure('nonsense', message, { path: about.path });
      },
      { ...request, lostReply: call.lostReply, isHopeless: () => this.contact.isAway },
    );
    return outcome.kind === 'answered' ? { kind: 'answered', ...outcome.reply } : outcome;
  }

  /** Drops the kept connections. */
  close(): void {
    this.contact.close();
    this.#host.close();
    this.data.close();
  }

  #address(route: string, parameters: Parameters): URL {
    const url = new URL(this.url);
    url.pathname = `${url.pathname.replace(/\/$/, '')}${route}`;
    url.search = queryString(parameters);
    return url;
  }

  /** The smallest question there is; any answer will do. @throws Failure */
  async #askForSign(signal: AbortSignal): Promise<void> {
    const url = this.#address('', { fields: 'revision' });
    const about = { signal, what: 'give a sign of life', priority: 'urgent' as const };
    await this.#send('GET', url, undefined, about, { left: () => {}, refused: () => {} }, 'probe');
  }

  /** One request, or two when the token had to be renewed. @throws Failure for everything but 2xx of the Disk itself. */
  async #send(
    method: Call['method'],
    url: URL,
    body: string | undefined,
    about: CallOptions & Pick<ChangeRequest, 'what' | 'path' | 'wasLookedAt'>,
    departure: Departure,
    purpose: 'work' | 'probe' = 'work',
  ): Promise<ApiReply> {
    const { signal, priority, wasLookedAt: soon } = about;
    if (purpose === 'work' && this.contact.isAway && !signal?.aborted) await this.contact.check();
    const send = async (token: string | undefined) => {
      const ask = (until: AbortSignal | undefined) =>
        this.#host.ask({ method, url, body, token, priority, signal: until, soon, onSent: departure.left });
      const isQuestion = method === 'GET' && purpose === 'work';
      const reply = await (isQuestion ? this.contact.whileInReach(ask, signal) : ask(signal));
      if (reply.status < 200 || reply.status > 299)
        throw refusal(reply.status, reply.headers, reply.text, about.what, about.path);
      if (reply.json === undefined && isPage(reply.headers, reply.text))
        throw notTheDisk(reply.status, about.what, about.path);
      if (namesError(reply.json))
        throw new Failure('nonsense', `The Disk both did and refused to ${about.what}`, { path: about.path });
      return reply;
    };
    return this.#noting(async () => {
      const token = await this.#token(signal);
      try {
        return await send(token);
      } catch (error) {
        if (!failedWith(error, 'login-needed') || token === undefined || !this.#tokens.refused) throw error;
        departure.refused();
        if (!(await untilAborted(this.#tokens.refused(token), signal))) throw error;
        return send(await untilAborted(this.#tokens.accessToken(), signal));
      }
    });
  }

  /** @throws Failure 'offline' when the login is being renewed, and that takes too long */
  #token(signal: AbortSignal | undefined): Promise<string | undefined> {
    const token = withPatience<string | undefined>(this.#tokens.accessToken(), tokenPatienceMs, () => {
      throw new Failure('offline', 'The login is being renewed, and nobody answers');
    });
    return untilAborted(token, signal);
  }

  async #noting<T>(request: () => Promise<T>): Promise<T> {
    try {
      const reply = await request();
      this.#note('online');
      return reply;
    } catch (error) {
      this.contact.noteFailure(error);
      const reach = reachAfter(error);
      if (reach === 'offline' && error instanceof Failure) this.#outage = error;
      if (reach !== undefined) this.#note(reach);
      throw error;
    }
  }

  #note(reach: Reach): void {
    this.#reach = reach;
    // A word about the login may be said without having asked the Disk.
    if (reach === 'online') this.contact.noteAnswer();
  }
}
