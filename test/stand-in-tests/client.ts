import { closeLater } from '../close-later.ts';
import { standingClock } from '../stand-in/clock.ts';
import { type StandIn, type StandInOptions, startStandIn } from '../stand-in/index.ts';
import type { SettingsInput } from '../stand-in/settings.ts';

/** A reply, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly type: string | null;
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as JSON; an empty object where it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of each reply
  readonly json: any;
}

export type Parameters = Readonly<Record<string, string | number | boolean>>;

export interface AskOptions {
  readonly body?: string | Buffer | ReadableStream<Uint8Array> | URLSearchParams;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string | null;
}

/** Sends one request and follows nothing. */
export async function send(url: string, init: RequestInit & { duplex?: 'half' } = {}): Promise<Answer> {
  const reply = await fetch(url, { redirect: 'manual', ...init });
  const bytes = Buffer.from(await reply.arrayBuffer());
  const text = bytes.toString('utf8');
  const type = reply.headers.get('content-type');
  const json: unknown = type?.startsWith('application/json') && text !== '' ? JSON.parse(text) : {};
  return { status: reply.status, headers: reply.headers, type, bytes, text, json };
}

/** A stand-in and a plain client of it. */
export class Client {
  readonly disk: StandIn;

  constructor(disk: StandIn) {
    this.disk = disk;
  }

  /** A call of the API, by the path below `/v1/disk`. */
  api(method: string, path: string, parameters: Parameters = {}, options: AskOptions = {}): Promise<Answer> {
    const query = new URLSearchParams(
      Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)])),
    ).toString();
    const token = options.token === undefined ? this.disk.token : options.token;
    return send(`${this.disk.apiUrl}${path}${query === '' ? '' : `?${query}`}`, {
      method,
      headers: { ...(token !== null && { authorization: `OAuth ${token}` }), ...options.headers },
      ...(options.body !== undefined && { body: options.body, duplex: 'half' as const }),
    });
  }

  get(path: string, parameters: Parameters = {}): Promise<Answer> {
    return this.api('GET', '/resources', { path, ...parameters });
  }

  mkdir(path: string): Promise<Answer> {
    return this.api('PUT', '/resources', { path });
  }

  remove(path: string, parameters: Parameters = {}): Promise<Answer> {
    return this.api('DELETE', '/resources', { path, ...parameters });
  }

  patch(path: string, properties: unknown): Promise<Answer> {
    const body = JSON.stringify({ custom_properties: properties });
    return this.api('PATCH', '/resources', { path }, { body });
  }

  move(from: string, path: string, parameters: Parameters = {}): Promise<Answer> {
    return this.api('POST', '/resources/move', { from, path, ...parameters });
  }

  copy(from: string, path: string, parameters: Parameters = {}): Promise<Answer> {
    return this.api('POST', '/resources/copy', { from, path, ...parameters });
  }

  uploadLink(path: string, parameters: Parameters = {}): Promise<Answer> {
    return this.api('GET', '/resources/upload', { path, ...parameters });
  }

  /** Link and PUT; the answer to the PUT, or to the link request where there is no link. */
  async upload(path: string, body: string | Buffer, parameters: Parameters = {}): Promise<Answer> {
    const link = await this.uploadLink(path, parameters);
    if (link.status !== 200) return link;
    return send(link.json.href, { method: 'PUT', body });
  }

  /** The `file` link of a resource. */
  async fileHref(path: string): Promise<string> {
    return (await this.get(path)).json.file;
  }

  /** Follows a link to where the bytes are. */
  async download(href: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    let answer = await send(href, { headers });
    for (let hops = 0; answer.status === 302 && hops < 10; hops += 1) {
      answer = await send(answer.headers.get('location') ?? '', { headers });
    }
    return answer;
  }

  /** State of an operation, by its href or its id. */
  async operation(hrefOrId: string): Promise<string> {
    const id = hrefOrId.replace(/^.*[/=]/, '');
    return (await this.api('GET', `/operations/${id}`)).json.status;
  }

  /** What is really on the Disk: paths. */
  async paths(): Promise<string[]> {
    return (await this.disk.control.tree()).entries.map(({ path }) => path);
  }

  /** The text of a file as it really is. */
  content(path: string): string {
    return this.disk.model.read(path).toString('utf8');
  }
}

/** A stand-in whose clock stands still; it is closed after the tests. */
export async function standIn(settings: SettingsInput = {}, options: StandInOptions = {}): Promise<Client> {
  const disk = await startStandIn({ clock: standingClock(), ...options, settings });
  closeLater(() => disk.close());
  return new Client(disk);
}
