import { Agent, request as startRequest } from 'node:http';
import { addressIdentity, addressKind, operationId } from './addresses.ts';
import type { Bindings } from './bindings.ts';
import { type RecordedRequest, recordedBytes } from './load.ts';

/** What the stand-in answered. Header names are in lower case. */
export interface LiveReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
}

const maxRedirects = 5;

/** Sends recorded requests to a stand-in that listens as all of the real hosts on one port. */
export class Player {
  readonly #port: number;
  readonly #bindings: Bindings;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(port: number, bindings: Bindings) {
    this.#port = port;
    this.#bindings = bindings;
  }

  /** Sends a request with the stand-in's names in place of the recorded ones, and follows redirects as the recorder did. */
  async send(recorded: RecordedRequest): Promise<LiveReply> {
    let url = this.#liveUrl(recorded);
    let headers = this.#liveHeaders(recorded);
    for (let redirects = 0; ; redirects++) {
      const reply = await this.#exchange(recorded.method, url, headers, this.#body(recorded));
      const { location } = reply.headers;
      if (reply.status < 300 || reply.status >= 400 || typeof location !== 'string') return reply;
      if (redirects === maxRedirects) throw new Error(`too many redirects: ${location}`);
      url = new URL(location, url);
      headers = {};
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #liveUrl(recorded: RecordedRequest): URL {
    const url = new URL(recorded.url);
    const identity = addressIdentity(recorded.url);
    if (identity !== null) {
      const live = new URL(this.#bindings.liveAddress(identity));
      live.search = live.search || url.search;
      return live;
    }
    if (addressKind(recorded.url) === 'operation') {
      const id = operationId(recorded.url);
      url.pathname = url.pathname.replace(id, this.#bindings.live(id));
    }
    const query = Object.entries(recorded.query ?? {});
    if (query.some(([, value]) => this.#liveText(value) !== value)) {
      const parts = query.map(([name, value]) => `${name}=${encodeURIComponent(this.#liveText(value))}`);
      url.search = parts.join('&');
    }
    return url;
  }

  /** A parameter, a form's field or a token: a bound name, or an address that is bound by what it leads to. */
  #liveText(recorded: string): string {
    const identity = recorded.startsWith('https://') ? addressIdentity(recorded) : null;
    return identity === null ? this.#bindings.live(recorded) : this.#bindings.liveAddress(identity);
  }

  #liveHeaders(recorded: RecordedRequest): Record<string, string> {
    const { authorization, ...headers } = recorded.headers;
    if (authorization === undefined) return headers;
    const [scheme, token = ''] = authorization.split(' ');
    return { ...headers, authorization: `${scheme} ${this.#bindings.live(token)}` };
  }

  #body({ body }: RecordedRequest): Buffer | null {
    if (body === null) return null;
    if ('json' in body) return Buffer.from(JSON.stringify(body.json));
    if ('form' in body) {
      const form = new URLSearchParams();
      for (const [name, value] of Object.entries(body.form)) form.set(name, this.#liveText(value));
      return Buffer.from(form.toString());
    }
    return recordedBytes(body);
  }

  #exchange(
    method: string,
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: Buffer | null,
  ): Promise<LiveReply> {
    return new Promise((resolve, reject) => {
      const options = {
        method,
        host: '127.0.0.1',
        port: this.#port,
        path: `${url.pathname}${url.search}`,
        headers: { ...headers, host: url.hostname, 'content-length': body?.length ?? 0 },
        agent: this.#agent,
      };
      const request = startRequest(options, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.once('error', reject);
        response.once('end', () => {
          const { statusCode = 0, headers: answered } = response;
          resolve({ status: statusCode, headers: answered, bytes: Buffer.concat(parts) });
        });
      });
      request.once('error', reject);
      request.end(body ?? undefined);
    });
  }
}
