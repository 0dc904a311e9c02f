import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import { type Random, seededRandom } from '../random.ts';
import { BodyFaults, bodyFaultsOf } from './body-faults.ts';
import { Carrier } from './carrier.ts';
import { realClock, type WireClock } from './clock.ts';
import {
  type Exchange,
  type ExchangeDescription,
  ExchangeEnded,
  type Passage,
  type Reply,
  type ReplyOutcome,
} from './exchange.ts';
import { FaultBook, type FaultDescription, type FaultLogEntry } from './fault-book.ts';
import { type Gate, GateBook, type GateDescription } from './gate-book.ts';
import { LiveExchange } from './live-exchange.ts';
import { Network } from './network.ts';
import { statusReply } from './pages.ts';
import { receivedBody, requestLengthOf } from './receiving.ts';
import { faultyReply, lengthOf, replyFaultsOf } from './reply-faults.ts';
import { RequestLog } from './request-log.ts';
import type { CutOptions, Fault, GateRule, Stage } from './rules.ts';
import { sendReply } from './sending.ts';
import { defaultSettings, paceOf, patchedSettings, type Settings, type SettingsPatch } from './settings.ts';
import { Shaper } from './shaper.ts';
import { Statistics } from './statistics.ts';

export interface WireOptions {
  settings?: SettingsPatch;
  /** Behind probabilities and random bytes; a fixed seed when absent. */
  random?: Pick<Random, 'fraction' | 'below'>;
  clock?: WireClock;
}

/** The state of a wire as plain JSON. */
export interface WireDescription {
  settings: Settings;
  faults: FaultDescription[];
  gates: GateDescription[];
  network: { cut: CutOptions | null; openConnections: number };
  inFlight: ExchangeDescription[];
}

/** Faults that befall an exchange as a whole, at one stage. */
type PointFault = Extract<Fault, { kind: 'status' | 'reset' | 'silence' | 'delay' | 'lost-reply' }>;

/** See index.ts for how it is used. */
export class Wire {
  readonly #clock: WireClock;
  readonly #random: Pick<Random, 'fraction' | 'below'>;
  readonly #statistics = new Statistics();
  readonly #faults: FaultBook;
  readonly #gates = new GateBook();
  readonly #log: RequestLog;
  readonly #network: Network;
  readonly #shaper: Shaper;
  readonly #carrier: Carrier;
  readonly #inFlight = new Set<LiveExchange>();
  #settings: Settings;
  #nextId = 1;
  #isClosed = false;

  /** @throws ZodError when the settings are none. */
  constructor(options: WireOptions = {}) {
    this.#clock = options.clock ?? realClock;
    this.#random = options.random ?? seededRandom('wire');
    this.#settings = patchedSettings(defaultSettings, options.settings ?? {});
    this.#faults = new FaultBook(this.#random, this.#clock);
    this.#log = new RequestLog(this.#settings.logCapacity);
    this.#network = new Network(this.#clock, this.#statistics);
    this.#shaper = new Shaper(this.#clock);
    this.#carrier = new Carrier(this.#shaper, this.#network, () => this.#settings);
  }

  get settings(): Settings {
    return structuredClone(this.#settings);
  }

  /** Changes settings; those not named stay. They hold at once, also for transfers under way.
   * @throws ZodError when the patch is none. */
  configure(patch: SettingsPatch): Settings {
    this.#settings = patchedSettings(this.#settings, patch);
    this.#log.setCapacity(this.#settings.logCapacity);
    return this.settings;
  }

  /** Puts the wire before a server, which does not listen yet. */
  attach(server: Server | SecureServer, role: string): void {
    this.#network.attach(server, role);
  }

  /** Takes up a request, in the `request` event of an attached server.
   * @throws Error when the server is not attached. */
  begin(
    req: IncomingMessage,
    res: ServerResponse,
    about: { route: string; path?: string | null; role?: string },
  ): Exchange {
    const connection = this.#network.connectionOf(req.socket);
    const { route, path = null, role = connection.role } = about;
    const startedMs = this.#clock.nowMs();
    const counters = this.#statistics.begin(route, role, startedMs);
    connection.exchangeCount += 1;
    const exchange = new LiveExchange(
      { id: this.#nextId++, role, route, path, startedMs },
      req,
      res,
      connection,
      counters,
    );
    this.#inFlight.add(exchange);
    connection.exchanges.add(exchange);
    res.once('close', () => exchange.end());
    exchange.signal.addEventListener('abort', () => this.#finish(exchange), { once: true });
    if (this.#isClosed) exchange.drop();
    return exchange;
  }

  /** Brings the request to its handler: delay, gates, faults. */
  async before(exchange: Exchange): Promise<Passage> {
    const live = liveOf(exchange);
    const pace = paceOf(this.#settings, live.role);
    const delayMs = pace.delayMs + (live.isFirstOnConnection ? pace.connectDelayMs : 0);
    const isThrough =
      (await this.#arrives(live)) &&
      (await this.#pause(live, delayMs)) &&
      (await this.#arrives(live)) &&
      (await this.#passes(live, 'before')) &&
      (await this.#arrives(live));
    if (!isThrough) {
      live.drop();
      return { kind: 'answered' };
    }
    live.phase = 'handled';
    return { kind: 'continue' };
  }

  /** The body of the request. `limit.bytesPerSecond`: a limit for this upload alone, beside those of the settings.
   * Iterating throws RequestBodyBroken when the body breaks off. */
  async *requestBody(exchange: Exchange, limit?: { bytesPerSecond: number }): AsyncIterable<Buffer> {
    const live = liveOf(exchange);
    const lengthBytes = requestLengthOf(live);
    const uses = this.#faults.take(live, bodyFaultsOf('up', lengthBytes));
    const faults = new BodyFaults(uses, lengthBytes, this.#random);
    const limits = limit === undefined ? [] : [limit.bytesPerSecond];
    yield* receivedBody(live, faults, limits, this.#carrier, this.#clock);
  }

  /** Between the last byte of an upload and its commit. A client that has gone meanwhile does not end it.
   * @throws ExchangeEnded when there is to be no commit. */
  async beforeCommit(exchange: Exchange): Promise<void> {
    const live = liveOf(exchange);
    if (!(await this.#passes(live, 'before-commit'))) {
      throw new ExchangeEnded(`exchange ${live.id} ended before its commit`);
    }
  }

  /** Sends the reply, or what faults make of it.
   * @throws Error when the body is not as long as it says, and what the body itself throws. */
  async respond(exchange: Exchange, reply: Reply): Promise<ReplyOutcome> {
    const live = liveOf(exchange);
    if (live.phase === 'replying' || live.isOver || live.isDropped) return 'gone';
    const isThrough = await this.#passes(live, 'before-response');
    if (live.isDropped) return 'faulted';
    if (!isThrough || live.isOver || !(await this.#network.passage(live))) return 'gone';
    const replyUses = this.#faults.take(live, replyFaultsOf(reply));
    const faulty = await faultyReply(reply, replyUses, this.#random);
    const lengthBytes = live.method === 'HEAD' ? 0 : lengthOf(faulty);
    const bodyUses = this.#faults.take(live, bodyFaultsOf('down', lengthBytes));
    const faults = new BodyFaults(bodyUses, lengthBytes, this.#random);
    try {
      return await sendReply(live, faulty, faults, this.#carrier, this.#clock);
    } finally {
      faults.settle();
    }
  }

  /** The fault rules. Rules are plain JSON and checked when they are added. */
  get faults(): Pick<FaultBook, 'add' | 'list' | 'remove' | 'clear'> {
    return this.#faults;
  }

  /** Faults that really happened, oldest first. */
  get faultLog(): readonly FaultLogEntry[] {
    return this.#faults.log;
  }

  clearFaultLog(): void {
    this.#faults.clearLog();
  }

  /** Sets up a gate. @throws ZodError when it is no rule, Error when a gate of this id still holds. */
  hold(rule: GateRule): Gate {
    return this.#gates.add(rule);
  }

  gate(id: string): Gate | undefined {
    return this.#gates.get(id);
  }

  /** All gates, those that were opened too. */
  gates(): Gate[] {
    return this.#gates.list();
  }

  /** Takes the network down until `restore`.
   * @throws ZodError for other options, Error when it is down already. */
  cut(options: CutOptions = {}): void {
    this.#network.cut(options);
  }

  /** Brings the network up again. @throws Error when a port that was given up cannot be had again. */
  restore(): Promise<void> {
    return this.#network.restore();
  }

  get statistics(): Pick<Statistics, 'snapshot' | 'reset'> {
    return this.#statistics;
  }

  /** The last requests that ended, oldest first. */
  get requestLog(): Pick<RequestLog, 'list' | 'clear'> {
    return this.#log;
  }

  describe(): WireDescription {
    return {
      settings: this.settings,
      faults: this.#faults.list(),
      gates: this.#gates.list().map((gate) => gate.describe()),
      network: { cut: structuredClone(this.#network.cutOptions), openConnections: this.#network.openCount },
      inFlight: [...this.#inFlight].map((exchange) => exchange.describe()),
    };
  }

  /** Ends every wait and every connection. Further connections are turned away. Servers stay to be closed. */
  close(): void {
    this.#isClosed = true;
    for (const exchange of [...this.#inFlight]) {
      exchange.drop();
      exchange.end();
    }
    this.#gates.close();
    this.#shaper.close();
    this.#network.close();
  }

  /** Whether the network lets a request come on. */
  async #arrives(exchange: LiveExchange): Promise<boolean> {
    if (!this.#network.isObstructed(exchange)) return !exchange.isDropped;
    return (await this.#network.passage(exchange)) && !exchange.isDropped;
  }

  async #pause(exchange: LiveExchange, delayMs: number): Promise<boolean> {
    if (delayMs === 0) return !exchange.isDropped;
    const isPast = await exchange.whileWanted<true>((done) =>
      this.#clock.schedule(delayMs, () => done(true)),
    );
    return isPast !== null;
  }

  /** Takes an exchange through a stage: gates, then faults, delays first. False when it is not to go on. */
  async #passes(exchange: LiveExchange, stage: Stage): Promise<boolean> {
    const rejection = await this.#gates.pass(exchange, stage);
    if (exchange.isDropped) return false;
    if (rejection !== null && isPointFault(rejection.fault)) {
      this.#faults.record(rejection.gateId, rejection.fault.kind, exchange);
      if (!(await this.#befall(exchange, rejection.fault))) return false;
    }
    const uses = this.#faults.take(exchange, (fault): fault is PointFault => isPointFault(fault, stage));
    uses.sort((a, b) => Number(b.fault.kind === 'delay') - Number(a.fault.kind === 'delay'));
    for (const use of uses) {
      if (exchange.isDropped) {
        use.giveBack();
        continue;
      }
      use.happen();
      await this.#befall(exchange, use.fault);
    }
    return !exchange.isDropped;
  }

  /** Lets a fault happen. False when the exchange is done with. */
  async #befall(exchange: LiveExchange, fault: PointFault): Promise<boolean> {
    switch (fault.kind) {
      case 'delay':
        return this.#pause(exchange, fault.delayMs);
      case 'status':
        if (!exchange.isOver) {
          const none = new BodyFaults([], null, this.#random);
          await sendReply(exchange, statusReply(fault), none, this.#carrier, this.#clock);
        }
        break;
      case 'silence':
        await exchange.whileHeard(() => () => {});
        break;
      case 'reset':
      case 'lost-reply':
        exchange.connection.destroy(fault.ending ?? 'rst');
        break;
    }
    exchange.drop();
    return false;
  }

  #finish(exchange: LiveExchange): void {
    const { connection, res } = exchange;
    const complete = res.writableFinished;
    this.#inFlight.delete(exchange);
    connection.exchanges.delete(exchange);
    exchange.counters.end(complete);
    this.#log.add({
      exchangeId: exchange.id,
      connectionId: connection.id,
      atMs: exchange.startedMs,
      durationMs: this.#clock.nowMs() - exchange.startedMs,
      role: exchange.role,
      route: exchange.route,
      method: exchange.method,
      path: exchange.path,
      status: exchange.status,
      range: exchange.req.headers.range ?? null,
      bytesIn: exchange.receivedBytes,
      bytesOut: exchange.sentBytes,
      complete,
    });
  }
}

function liveOf(exchange: Exchange): LiveExchange {
  if (!(exchange instanceof LiveExchange)) throw new TypeError('an exchange that no wire began');
  return exchange;
}

function isPointFault(fault: Fault, stage?: Stage): fault is PointFault {
  switch (fault.kind) {
    case 'status':
    case 'reset':
    case 'silence':
    case 'delay':
      return stage === undefined || (fault.stage ?? 'before') === stage;
    case 'lost-reply':
      return stage === undefined || stage === 'before-response';
    default:
      return false;
  }
}
