import { childPath, type DiskPath } from '../../src/disk-api/paths.ts';
import { requireWithinBounds } from './bounds.ts';
import type { Clock, Pace } from './clock.ts';
import type { Evidence } from './evidence.ts';
import type { Person } from './person.ts';
import { type DiskFacts, diskShape, errorShape } from './replies.ts';
import type { DataRequest, Sender } from './sender.ts';
import type { WireReply } from './wire.ts';

/** A reply of the API, read as far as every question reads it. */
export interface Reply extends WireReply {
  /** Name of the error, where the reply tells one. */
  readonly error: string | undefined;
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown;
}

/** The service answered something that a question cannot go on from. */
export class Unexpected extends Error {
  constructor(doing: string, reply: Reply | WireReply) {
    super(`${doing} was answered ${wordsOf(reply)}`);
    this.name = 'Unexpected';
  }
}

/** `409 DiskResourceAlreadyExistsError`, `201`, `no answer`. */
export function wordsOf(reply: Reply | WireReply): string {
  const error = 'error' in reply ? reply.error : undefined;
  return reply.status === undefined
    ? 'no answer'
    : `${reply.status}${error === undefined ? '' : ` ${error}`}`;
}

/** Between which two moments something happened at the other side. */
export interface Span {
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
}

interface BenchOptions {
  readonly sender: Sender;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly person: Person;
  readonly signal: AbortSignal;
  readonly evidence: Evidence;
  /** The folder of this run; nothing outside is changed. */
  readonly scratch: DiskPath;
  /** The folder of this question alone. */
  readonly folder: DiskPath;
  /** Tells contents of this run from all others on the Disk. */
  readonly tag: string;
  readonly mostRequests: number;
  /** Paths that were put into the trash and are still there, so that cleaning knows what to look for. */
  readonly trashed: Set<DiskPath>;
  /** Folders that were made outside the scratch folder, so that cleaning takes them away. */
  readonly borrowed: Set<DiskPath>;
}

/** What one question works with: its own folder, the service, time. */
export class Bench {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly person: Person;
  readonly signal: AbortSignal;
  readonly scratch: DiskPath;
  readonly folder: DiskPath;
  readonly evidence: Evidence;
  readonly trashed: Set<DiskPath>;
  readonly borrowed: Set<DiskPath>;
  readonly #sender: Sender;
  readonly #tag: string;
  readonly #mostRequests: number;
  #requests = 0;
  #texts = 0;

  constructor(options: BenchOptions) {
    this.clock = options.clock;
    this.pace = options.pace;
    this.person = options.person;
    this.signal = options.signal;
    this.scratch = options.scratch;
    this.folder = options.folder;
    this.evidence = options.evidence;
    this.trashed = options.trashed;
    this.borrowed = options.borrowed;
    this.#sender = options.sender;
    this.#tag = options.tag;
    this.#mostRequests = options.mostRequests;
  }

  get apiUrl(): URL {
    return this.#sender.apiUrl;
  }

  get requests(): number {
    return this.#requests;
  }

  path(...names: string[]): DiskPath {
    return names.reduce(childPath, this.folder);
  }

  /** A text that is nowhere else on the Disk: a service that knows a content may treat it otherwise. */
  text(): string {
    this.#texts++;
    return `yadiskfs probe ${this.#tag}, ${this.folder.split('/').at(-1)}, text ${this.#texts}\n`;
  }

  /** One call of the API. */
  async api(
    method: string,
    route: string,
    parameters: Readonly<Record<string, string>> = {},
    json?: unknown,
  ): Promise<Reply> {
    requireWithinBounds(method, route, parameters, this);
    this.#count();
    const request = this.evidence.describe(method, route, parameters);
    const reply = await this.#sender.api(method, route, parameters, json, this.signal);
    const read = readReply(reply);
    this.#record(request, read);
    return read;
  }

  /** A request to a data host. `what` names the link for the report: the link itself is never shown. */
  async data(link: string, what: string, request: DataRequest): Promise<WireReply> {
    this.#count();
    const said = ['range', 'if-range', 'if-none-match', 'content-range']
      .filter((name) => request.headers?.[name] !== undefined)
      .map((name) => (name.startsWith('if-') ? name : `${name}: ${request.headers?.[name]}`));
    const reply = await this.#sender.data(link, request, this.signal);
    this.#record([request.method, `<${what}>`, ...said].join(' '), reply);
    return reply;
  }

  /** A form sent to the OAuth host; `what` says which. */
  async oauth(route: string, what: string, form: Readonly<Record<string, string>>): Promise<Reply> {
    this.#count();
    const reply = readReply(await this.#sender.oauth(route, form, this.signal));
    this.#record(`POST ${route} (${what})`, reply);
    return reply;
  }

  /** Facts of the Disk as a whole. */
  async disk(): Promise<DiskFacts> {
    const fields = 'revision,max_file_size,total_space,used_space,is_paid';
    const reply = await this.api('GET', '', { fields });
    const facts = diskShape.safeParse(reply.json);
    if (reply.status !== 200 || !facts.success) throw new Unexpected('asking for the Disk', reply);
    return facts.data;
  }

  wait(ms: number): Promise<void> {
    return this.clock.wait(ms, this.signal);
  }

  /** Until a small upload is taken for settled. */
  settle(): Promise<void> {
    return this.wait(this.pace.settleMs);
  }

  /** Until a time in whole seconds differs for sure. */
  tick(): Promise<void> {
    return this.wait(this.pace.tickMs);
  }

  /** Idle for a second, so that the next few requests go one right after the other. */
  breathe(): Promise<void> {
    return this.wait(1000);
  }

  #count(): void {
    if (this.#requests >= this.#mostRequests)
      throw new Error(`the ${this.#mostRequests} requests that this question said it needs are used up`);
    this.#requests++;
  }

  #record(request: string, reply: Reply | WireReply): void {
    this.evidence.add({ request, reply: wordsOf(reply), ms: reply.answeredAtMs - reply.sentAtMs });
  }
}

function readReply(reply: WireReply): Reply {
  const json = parsed(reply.body);
  const named = errorShape.safeParse(json);
  const error = named.success && (reply.status ?? 0) >= 400 ? named.data.error : undefined;
  return { ...reply, json, error };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
