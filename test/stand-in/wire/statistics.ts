import { RateWindow } from './rate-window.ts';

/** Counts over a set of exchanges. */
export interface Tally {
  /** Requests begun. */
  count: number;
  /** Replies begun, by status. */
  byStatus: Record<string, number>;
  /** Replies with a status from 300 to 399 but 304. */
  redirects: number;
  /** Exchanges whose reply did not end well: none, or not the whole of it. */
  broken: number;
  bytesIn: number;
  bytesOut: number;
  inFlight: number;
  maxInFlight: number;
  /** The most requests begun within any one second. */
  maxPerSecond: number;
}

/** Connections of one role. Those that met a cut network do not count. */
export interface ConnectionTally {
  opened: number;
  open: number;
  maxOpen: number;
}

export interface StatisticsSnapshot {
  all: Tally;
  routes: Record<string, Tally>;
  roles: Record<string, Tally>;
  connections: Record<string, ConnectionTally>;
}

/** Counts for one route, one role, or all. */
class Counter {
  #tally = emptyTally(0);
  readonly #window = new RateWindow(1000);

  get inFlight(): number {
    return this.#tally.inFlight;
  }

  begin(nowMs: number): void {
    const tally = this.#tally;
    tally.count += 1;
    tally.inFlight += 1;
    tally.maxInFlight = Math.max(tally.maxInFlight, tally.inFlight);
    this.#window.add(nowMs);
  }

  reply(status: number): void {
    const tally = this.#tally;
    tally.byStatus[status] = (tally.byStatus[status] ?? 0) + 1;
    if (status >= 300 && status < 400 && status !== 304) tally.redirects += 1;
  }

  carry(bytesIn: number, bytesOut: number): void {
    this.#tally.bytesIn += bytesIn;
    this.#tally.bytesOut += bytesOut;
  }

  end(complete: boolean): void {
    this.#tally.inFlight -= 1;
    if (!complete) this.#tally.broken += 1;
  }

  reset(): void {
    this.#tally = emptyTally(this.#tally.inFlight);
    this.#window.reset();
  }

  snapshot(): Tally {
    return { ...structuredClone(this.#tally), maxPerSecond: this.#window.max };
  }
}

/** What one exchange is counted in. */
export class CounterSet {
  readonly #counters: readonly Counter[];

  constructor(counters: readonly Counter[]) {
    this.#counters = counters;
  }

  reply(status: number): void {
    for (const counter of this.#counters) counter.reply(status);
  }

  carry(bytesIn: number, bytesOut: number): void {
    for (const counter of this.#counters) counter.carry(bytesIn, bytesOut);
  }

  end(complete: boolean): void {
    for (const counter of this.#counters) counter.end(complete);
  }
}

/** Everything that is counted. Counts go by the moment: a transfer under way shows what it has moved so far. */
export class Statistics {
  readonly #all = new Counter();
  readonly #routes = new Map<string, Counter>();
  readonly #roles = new Map<string, Counter>();
  readonly #connections = new Map<string, ConnectionTally>();

  begin(route: string, role: string, nowMs: number): CounterSet {
    const counters = [this.#all, obtained(this.#routes, route), obtained(this.#roles, role)];
    for (const counter of counters) counter.begin(nowMs);
    return new CounterSet(counters);
  }

  /** Counts a connection; the answer says that it is closed. */
  open(role: string): () => void {
    const tally = this.#connections.get(role) ?? { opened: 0, open: 0, maxOpen: 0 };
    this.#connections.set(role, tally);
    tally.opened += 1;
    tally.open += 1;
    tally.maxOpen = Math.max(tally.maxOpen, tally.open);
    return () => {
      tally.open -= 1;
    };
  }

  snapshot(): StatisticsSnapshot {
    return {
      all: this.#all.snapshot(),
      routes: snapshots(this.#routes),
      roles: snapshots(this.#roles),
      connections: structuredClone(Object.fromEntries(this.#connections)),
    };
  }

  /** Starts to count anew. What is in flight or open stays so, and counts in what follows. */
  reset(): void {
    this.#all.reset();
    for (const counters of [this.#routes, this.#roles]) {
      for (const [name, counter] of counters) {
        if (counter.inFlight === 0) counters.delete(name);
        else counter.reset();
      }
    }
    for (const tally of this.#connections.values()) {
      tally.opened = 0;
      tally.maxOpen = tally.open;
    }
  }
}

function emptyTally(inFlight: number): Omit<Tally, 'maxPerSecond'> {
  return {
    count: 0,
    byStatus: {},
    redirects: 0,
    broken: 0,
    bytesIn: 0,
    bytesOut: 0,
    inFlight,
    maxInFlight: inFlight,
  };
}

function obtained(counters: Map<string, Counter>, name: string): Counter {
  const counter = counters.get(name) ?? new Counter();
  counters.set(name, counter);
  return counter;
}

function snapshots(counters: ReadonlyMap<string, Counter>): Record<string, Tally> {
  return Object.fromEntries([...counters].map(([name, counter]) => [name, counter.snapshot()]));
}
