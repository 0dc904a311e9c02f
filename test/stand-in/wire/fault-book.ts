import type { Random } from '../random.ts';
import type { WireClock } from './clock.ts';
import type { LiveExchange } from './live-exchange.ts';
import { type Matchable, matcherOf } from './matcher.ts';
import { type Fault, type FaultKind, type FaultRule, faultRuleSchema } from './rules.ts';

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
  /** The rule's id, or the gate's when a gate rejected with it. */
  ruleId: string;
  kind: FaultKind;
  exchangeId: number;
  route: string;
  path: string | null;
  atMs: number;
}

interface Entry {
  readonly id: string;
  readonly rule: FaultRule;
  readonly matches: (exchange: Matchable) => boolean;
  seenCount: number;
  appliedCount: number;
}

/** A fault set aside for one exchange. It is logged when it happens; what never happened is given back. */
export interface FaultUse<F extends Fault = Fault> {
  readonly fault: F;
  happen(): void;
  giveBack(): void;
}

/** The fault rules and what became of them. */
export class FaultBook {
  readonly #random: Pick<Random, 'fraction'>;
  readonly #clock: WireClock;
  readonly #entries = new Map<string, Entry>();
  readonly #log: FaultLogEntry[] = [];
  #nextId = 1;

  constructor(random: Pick<Random, 'fraction'>, clock: WireClock) {
    this.#random = random;
    this.#clock = clock;
  }

  get log(): readonly FaultLogEntry[] {
    return this.#log;
  }

  /** Adds a rule and answers its id.
   * @throws ZodError when it is not a rule, Error when its id is taken. */
  add(rule: FaultRule): string {
    const parsed = faultRuleSchema.parse(rule);
    const {
      id = `fault-${this.#nextId++}`,
      fault: _,
      count: __,
      probability: ___,
      skip: ____,
      ...match
    } = parsed;
    if (this.#entries.has(id)) throw new Error(`there is a fault rule ${id} already`);
    this.#entries.set(id, { id, rule: parsed, matches: matcherOf(match), seenCount: 0, appliedCount: 0 });
    return id;
  }

  list(): FaultDescription[] {
    return [...this.#entries.values()].map(({ id, rule, seenCount, appliedCount }) => ({
      id,
      rule: structuredClone(rule),
      seenCount,
      appliedCount,
    }));
  }

  remove(id: string): boolean {
    return this.#entries.delete(id);
  }

  /** Removes all rules; the log stays. */
  clear(): void {
    this.#entries.clear();
  }

  clearLog(): void {
    this.#log.length = 0;
  }

  /** Sets aside the faults that befall an exchange now: of those that `applies` admits, at most one of each kind,
   * in the order in which the rules were added. */
  take<F extends Fault>(exchange: LiveExchange, applies: (fault: Fault) => fault is F): FaultUse<F>[] {
    if (this.#entries.size === 0) return [];
    const uses = new Map<FaultKind, FaultUse<F>>();
    for (const entry of this.#entries.values()) {
      const { fault } = entry.rule;
      if (uses.has(fault.kind) || !applies(fault) || !entry.matches(exchange)) continue;
      entry.seenCount += 1;
      const { skip = 0, count = Number.POSITIVE_INFINITY, probability = 1 } = entry.rule;
      if (entry.seenCount <= skip || entry.appliedCount >= count) continue;
      if (probability < 1 && this.#random.fraction() >= probability) continue;
      entry.appliedCount += 1;
      uses.set(fault.kind, this.#use(entry, fault, exchange));
    }
    return [...uses.values()];
  }

  record(ruleId: string, kind: FaultKind, exchange: LiveExchange): void {
    const { id: exchangeId, route, path } = exchange;
    this.#log.push({ ruleId, kind, exchangeId, route, path, atMs: this.#clock.nowMs() });
  }

  #use<F extends Fault>(entry: Entry, fault: F, exchange: LiveExchange): FaultUse<F> {
    let isSettled = false;
    return {
      fault,
      happen: () => {
        if (isSettled) return;
        isSettled = true;
        this.record(entry.id, fault.kind, exchange);
      },
      giveBack: () => {
        if (isSettled) return;
        isSettled = true;
        entry.appliedCount -= 1;
      },
    };
  }
}
