import type { Exchange, ExchangeDescription } from './exchange.ts';
import type { LiveExchange } from './live-exchange.ts';
import { type Matchable, matcherOf } from './matcher.ts';
import { type Fault, faultSchema, type GateRule, gateRuleSchema, type Stage } from './rules.ts';

export interface GateDescription {
  id: string;
  rule: GateRule;
  /** An open gate holds nothing any more. */
  open: boolean;
  arrivedCount: number;
  held: ExchangeDescription[];
}

/** A place where exchanges wait to be let through. */
export interface Gate {
  readonly id: string;
  /** The n-th exchange (1 is the first) that this gate held, once it has come, even if it was released since.
   * @throws Error when the gate is opened or the wire closed before it came. */
  arrived(nth?: number): Promise<Exchange>;
  /** Lets one held exchange on; without an id all of them, and the gate is open from then on.
   * @throws Error when it does not hold that exchange. */
  release(exchangeId?: number): void;
  /** As `release`, but the fault befalls them: status, reset, silence, delay or lost-reply.
   * @throws Error also for any other fault. */
  reject(fault: Fault, exchangeId?: number): void;
  describe(): GateDescription;
}

/** How a gate let an exchange on: with a fault or without. */
export type Verdict = { readonly gateId: string; readonly fault: Fault | null };

const rejections: ReadonlySet<string> = new Set<Fault['kind']>([
  'status',
  'reset',
  'silence',
  'delay',
  'lost-reply',
]);

interface Arrival {
  readonly nth: number;
  readonly resolve: (exchange: Exchange) => void;
  readonly reject: (error: Error) => void;
}

class HoldingGate implements Gate {
  readonly id: string;
  readonly #rule: GateRule;
  readonly #matches: (exchange: Matchable) => boolean;
  readonly #arrived: LiveExchange[] = [];
  readonly #held = new Map<number, { exchange: LiveExchange; decide: (verdict: Verdict) => void }>();
  readonly #awaited = new Set<Arrival>();
  #seenCount = 0;
  #isOpen = false;

  constructor(id: string, rule: GateRule) {
    this.id = id;
    this.#rule = rule;
    const { id: _, stage: __, count: ___, skip: ____, ...match } = rule;
    this.#matches = matcherOf(match);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  wants(exchange: LiveExchange, stage: Stage): boolean {
    const { count = 1, skip = 0 } = this.#rule;
    if (this.#isOpen || stage !== this.#rule.stage || !this.#matches(exchange)) return false;
    this.#seenCount += 1;
    return this.#seenCount > skip && (count === null || this.#arrived.length < count);
  }

  /** Holds an exchange until it is decided on; null when it was dropped meanwhile. */
  async hold(exchange: LiveExchange): Promise<Verdict | null> {
    this.#arrived.push(exchange);
    const verdict = exchange.whileWanted<Verdict>((decide) => {
      this.#held.set(exchange.id, { exchange, decide });
      return () => this.#held.delete(exchange.id);
    });
    for (const arrival of this.#awaited) {
      if (arrival.nth !== this.#arrived.length) continue;
      this.#awaited.delete(arrival);
      arrival.resolve(exchange);
    }
    return verdict;
  }

  arrived(nth = 1): Promise<Exchange> {
    const exchange = this.#arrived[nth - 1];
    if (exchange !== undefined) return Promise.resolve(exchange);
    if (this.#isOpen) return Promise.reject(new Error(`gate ${this.id} is open: nothing arrives any more`));
    return new Promise((resolve, reject) => this.#awaited.add({ nth, resolve, reject }));
  }

  release(exchangeId?: number): void {
    this.#decide({ gateId: this.id, fault: null }, exchangeId);
  }

  reject(fault: Fault, exchangeId?: number): void {
    const parsed = faultSchema.parse(fault);
    if (!rejections.has(parsed.kind)) throw new Error(`a gate cannot reject with ${parsed.kind}`);
    this.#decide({ gateId: this.id, fault: parsed }, exchangeId);
  }

  describe(): GateDescription {
    return {
      id: this.id,
      rule: structuredClone(this.#rule),
      open: this.#isOpen,
      arrivedCount: this.#arrived.length,
      held: [...this.#held.values()].map(({ exchange }) => exchange.describe()),
    };
  }

  #decide(verdict: Verdict, exchangeId: number | undefined): void {
    if (exchangeId !== undefined) {
      const held = this.#held.get(exchangeId);
      if (held === undefined) throw new Error(`gate ${this.id} does not hold exchange ${exchangeId}`);
      this.#held.delete(exchangeId);
      held.decide(verdict);
      return;
    }
    this.#isOpen = true;
    const all = [...this.#held.values()];
    this.#held.clear();
    for (const { decide } of all) decide(verdict);
    for (const { reject } of this.#awaited)
      reject(new Error(`gate ${this.id} was opened before that arrival`));
    this.#awaited.clear();
  }
}

/** All gates, opened ones too: a test may still ask what came. */
export class GateBook {
  readonly #gates = new Map<string, HoldingGate>();
  #nextId = 1;

  /** @throws ZodError when it is not a rule, Error when a gate of this id still holds. */
  add(rule: GateRule): Gate {
    const parsed = gateRuleSchema.parse(rule);
    const id = parsed.id ?? `gate-${this.#nextId++}`;
    if (this.#gates.get(id)?.isOpen === false) throw new Error(`there is a gate ${id} already`);
    const gate = new HoldingGate(id, parsed);
    this.#gates.set(id, gate);
    return gate;
  }

  get(id: string): Gate | undefined {
    return this.#gates.get(id);
  }

  list(): Gate[] {
    return [...this.#gates.values()];
  }

  /** Takes an exchange through all gates of a stage. Answers the fault that it was rejected with, or null when it
   * may go on or was dropped. */
  async pass(exchange: LiveExchange, stage: Stage): Promise<(Verdict & { fault: Fault }) | null> {
    for (const gate of this.#gates.values()) {
      if (!gate.wants(exchange, stage)) continue;
      const verdict = await gate.hold(exchange);
      if (verdict === null) return null;
      if (verdict.fault !== null) return { gateId: verdict.gateId, fault: verdict.fault };
    }
    return null;
  }

  /** Opens all gates: whoever waits for an arrival hears of it. */
  close(): void {
    for (const gate of this.#gates.values()) if (!gate.isOpen) gate.release();
  }
}
