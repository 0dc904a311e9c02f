import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { Random } from '../random.ts';
import type { WireClock } from './clock.ts';
import type { Exchange, Passage, Reply, ReplyOutcome } from './exchange.ts';
import type { CutOptions, Fault, FaultKind, FaultRule, GateRule } from './rules.ts';
import type { Settings, SettingsPatch } from './settings.ts';

export interface WireOptions {
  settings?: SettingsPatch;
  /** Behind probabilities and random bytes; a fixed seed when absent. */
  random?: Pick<Random, 'fraction' | 'below'>;
  clock?: WireClock;
}

/** An exchange as plain JSON. */
export interface ExchangeDescription {
  id: number;
  role: string;
  route: string;
  method: string;
  url: string;
  path: string | null;
  receivedBytes: number;
  sentBytes: number;
}

/** A fault rule and how far it is used up. */
export interface FaultDescription {
  id: string;
  rule: FaultRule;
  /** Exchanges that fitted, harmed or not. */
  seenCount: number;
  appliedCount: number;
}

/** A fault that really happened. */
export interface FaultLogEntry {
  ruleId: string;
  kind: FaultKind;
  exchangeId: number;
  route: string;
  path: string | null;
  atMs: number;
}

export interface GateDescription {
  id: string;
  rule: GateRule;
  arrivedCount: number;
  held: ExchangeDescription[];
}

/** A place where exchanges wait to be let through. */
export interface Gate {
  readonly id: string;
  /** The n-th exchange (1 is the first) that this gate held, once it has come, even if it was released since.
   * @throws Error when the gate is opened or the wire closed before it came. */
  arrived(nth?: number): Promise<Exchange>;
  /** Lets one held exchange on; without an id all of them, and the gate holds no more. */
  release(exchangeId?: number): void;
  /** As `release`, but the fault befalls them: status, reset, silence, delay or lost-reply. */
  reject(fault: Fault, exchangeId?: number): void;
  describe(): GateDescription;
}

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

export interface StatisticsSnapshot {
  all: Tally;
  routes: Record<string, Tally>;
  roles: Record<string, Tally>;
  connections: Record<string, { opened: number; open: number; maxOpen: number }>;
}

export interface RequestLogEntry {
  exchangeId: number;
  connectionId: number;
  /** When the request began, on the wire's clock. */
  atMs: number;
  durationMs: number;
  role: string;
  route: string;
  method: string;
  path: string | null;
  /** `null`: no reply was begun. */
  status: number | null;
  range: string | null;
  bytesIn: number;
  bytesOut: number;
  complete: boolean;
}

export interface WireDescription {
  settings: Settings;
  faults: FaultDescription[];
  gates: GateDescription[];
  network: { cut: CutOptions | null; openConnections: number };
  inFlight: ExchangeDescription[];
}

export declare class Wire {
  constructor(options?: WireOptions);
  readonly settings: Settings;
  configure(patch: SettingsPatch): Settings;
  attach(server: Server | SecureServer, role: string): void;

  begin(
    req: IncomingMessage,
    res: ServerResponse,
    about: { route: string; path?: string | null; role?: string },
  ): Exchange;
  before(exchange: Exchange): Promise<Passage>;
  /** `limit.bytesPerSecond`: a limit for this upload alone, beside those of the settings. */
  requestBody(exchange: Exchange, limit?: { bytesPerSecond: number }): AsyncIterable<Buffer>;
  beforeCommit(exchange: Exchange): Promise<void>;
  respond(exchange: Exchange, reply: Reply): Promise<ReplyOutcome>;

  readonly faults: {
    /** Adds a rule and answers its id. */
    add(rule: FaultRule): string;
    list(): FaultDescription[];
    remove(id: string): boolean;
    /** Removes all rules; the log stays. */
    clear(): void;
  };
  readonly faultLog: readonly FaultLogEntry[];
  clearFaultLog(): void;

  hold(rule: GateRule): Gate;
  gate(id: string): Gate | undefined;
  gates(): Gate[];

  cut(options?: CutOptions): void;
  restore(): Promise<void>;

  readonly statistics: { snapshot(): StatisticsSnapshot; reset(): void };
  readonly requestLog: { list(): RequestLogEntry[]; clear(): void };
  describe(): WireDescription;
  close(): void;
}
