import type { IncomingHttpHeaders } from 'node:http';
import { Failure } from '../errors.ts';
import { type Conversation, converse, type Head, type KeptConnections } from './http.ts';
import { Silence } from './silence.ts';

/** How a PUT ended. */
export type PutEnd =
  | { readonly kind: 'answered'; readonly status: number; readonly headers: IncomingHttpHeaders }
  | { readonly kind: 'broken'; readonly failure: Failure };

interface PutOptions {
  readonly sizeBytes: number;
  readonly connections: KeptConnections;
  /** A connection that takes no byte for this long is dead. */
  readonly stallMs: number;
  readonly signal: AbortSignal | undefined;
}

/** A body that nobody reads is let go of after this long. */
const drainMs = 2_000;

/**
 * One PUT to an upload link, always with its length and never chunked: a chunked body that ends early would be stored as if it were
 * whole. Its token-less headers are all that the data host gets to know of us.
 */
export class PutRequest {
  /** Resolves when it is answered or broken, which may be before all bytes were sent. */
  readonly ended: Promise<PutEnd>;
  readonly #conversation: Conversation;
  readonly #silence: Silence;
  #end: PutEnd | undefined;
  /** Ends the wait for a write that will not come to its end. */
  #interrupt: (() => void) | undefined;

  constructor(url: URL, { sizeBytes, connections, stallMs, signal }: PutOptions) {
    this.#conversation = converse(url, {
      method: 'PUT',
      headers: { 'content-length': String(sizeBytes), 'content-type': 'application/octet-stream' },
      agents: connections.agents,
      compressed: false,
      signal,
    });
    this.#silence = new Silence(this.#conversation.stream, stallMs);
    this.ended = this.#conversation.head.then(
      (head) => this.#finish(answered(head)),
      (error: unknown) => this.#finish({ kind: 'broken', failure: asFailure(error) }),
    );
  }

  /** False when the PUT has ended: nothing more can be sent. */
  async write(piece: Uint8Array): Promise<boolean> {
    if (this.#end) return false;
    this.#silence.watch();
    await new Promise<void>((resolve) => {
      this.#interrupt = resolve;
      this.#conversation.stream.write(piece, () => resolve());
    });
    this.#silence.rest();
    return this.#end === undefined;
  }

  /** All bytes were written. */
  close(): void {
    if (!this.#end) this.#conversation.stream.end();
  }

  /** Drops the connection; of a body that was not sent in full nothing is stored. */
  drop(): void {
    this.#silence.rest();
    this.#conversation.stream.destroy();
  }

  /** Reads what is left of the answer, so that the connection can be used again; a short wait for that is enough. */
  letGo(): void {
    const { stream } = this.#conversation;
    const timer = setTimeout(() => stream.destroy(), drainMs);
    stream.once('close', () => clearTimeout(timer));
    stream.once('end', () => {
      clearTimeout(timer);
      stream.destroy();
    });
    stream.resume();
  }

  #finish(end: PutEnd): PutEnd {
    this.#end = end;
    this.#interrupt?.();
    return end;
  }
}

function answered({ status, headers }: Head): PutEnd {
  return { kind: 'answered', status, headers };
}

function asFailure(error: unknown): Failure {
  return error instanceof Failure
    ? error
    : new Failure('local', 'The upload could not be sent', { cause: error });
}
