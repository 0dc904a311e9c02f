import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Connection } from './connection.ts';
import type { Exchange, ExchangeDescription } from './exchange.ts';
import type { CounterSet } from './statistics.ts';

/** How far an exchange has come. `arriving` until its request is let through to the handler. */
type Phase = 'arriving' | 'handled' | 'replying';

/**
 * The wire's own view of an exchange. Two things can end it, and they are not the same:
 *
 * - **over**: nobody is there any more to read a reply (it is complete, or the connection died);
 * - **dropped**: the wire decided that the handler is to stop (a fault, a cut while the request was on its way, or
 *   the wire's close). What is dropped is over as well.
 *
 * A client that has gone does not undo the request that it sent: it is over, not dropped, and takes effect, as it
 * would on a real server.
 */
export class LiveExchange implements Exchange {
  readonly id: number;
  readonly role: string;
  readonly route: string;
  readonly method: string;
  readonly url: string;
  path: string | null;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly connection: Connection;
  readonly startedMs: number;
  readonly isFirstOnConnection: boolean;
  readonly counters: CounterSet;
  receivedBytes = 0;
  sentBytes = 0;
  phase: Phase = 'arriving';
  /** Status of the reply once it was begun. */
  status: number | null = null;
  isDropped = false;
  readonly #over = new AbortController();
  readonly #dropped = new Set<() => void>();

  constructor(
    about: { id: number; role: string; route: string; path: string | null; startedMs: number },
    req: IncomingMessage,
    res: ServerResponse,
    connection: Connection,
    counters: CounterSet,
  ) {
    this.id = about.id;
    this.role = about.role;
    this.route = about.route;
    this.path = about.path;
    this.startedMs = about.startedMs;
    this.method = (req.method ?? 'GET').toUpperCase();
    this.url = req.url ?? '/';
    this.req = req;
    this.res = res;
    this.connection = connection;
    this.counters = counters;
    this.isFirstOnConnection = connection.exchangeCount === 1;
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  end(): void {
    if (!this.isOver) this.#over.abort(endReason);
  }

  drop(): void {
    if (this.isDropped) return;
    this.isDropped = true;
    const waiting = [...this.#dropped];
    this.#dropped.clear();
    for (const task of waiting) task();
  }

  /** Waits until `start` calls back with a value, while anyone is there to read a reply. Null once the exchange is
   * over; what `start` answered is then called to clean up. */
  whileHeard<T>(start: (done: (value: T) => void) => () => void): Promise<T | null> {
    return new Promise((resolve) => {
      if (this.isOver) {
        resolve(null);
        return;
      }
      const onOver = () => {
        cancel();
        resolve(null);
      };
      this.signal.addEventListener('abort', onOver, { once: true });
      const cancel = start((value) => {
        this.signal.removeEventListener('abort', onOver);
        resolve(value);
      });
    });
  }

  /** Waits until `start` calls back with a value, whether or not the client is still there. Null once dropped. */
  whileWanted<T>(start: (done: (value: T) => void) => () => void): Promise<T | null> {
    return new Promise((resolve) => {
      if (this.isDropped) {
        resolve(null);
        return;
      }
      const onDropped = () => {
        cancel();
        resolve(null);
      };
      this.#dropped.add(onDropped);
      const cancel = start((value) => {
        this.#dropped.delete(onDropped);
        resolve(value);
      });
    });
  }

  received(sizeBytes: number): void {
    this.receivedBytes += sizeBytes;
    this.counters.carry(sizeBytes, 0);
  }

  sent(sizeBytes: number): void {
    this.sentBytes += sizeBytes;
    this.counters.carry(0, sizeBytes);
  }

  describe(): ExchangeDescription {
    const { id, role, route, method, url, path, receivedBytes, sentBytes } = this;
    return { id, role, route, method, url, path, receivedBytes, sentBytes };
  }
}

/** One for all: building an error with its stack for each request would cost more than the rest of its end. */
const endReason = new Error('the exchange is over');
