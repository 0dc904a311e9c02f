import { abortFailure, Failure } from '../errors.ts';
import { type Priority, priorities, Urgency } from './urgency.ts';

/**
 * Gives a place back; to be called once the answer has begun or the request is over, and again does no harm.
 * `unsure`: it is over without an answer, and may still be on its way to the other side.
 */
export type Leave = (arrival?: 'arrived' | 'unsure') => void;

interface RateLimiterOptions {
  /** Most requests that the other side may see within any one second; 0 = no limit of the rate. */
  readonly perSecond: number;
  /** Most requests under way at once. */
  readonly concurrency: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

const windowMs = 1000;
/** A request that was given up may arrive so much later than that. */
const stragglerMs = 1000;
/** Requests that nobody waits for leave this share of the places to those that somebody waits for … */
const reservedShare = 0.1;
/** … and only this one, if nobody has wanted any for so long: whoever comes finds a place at once, and soon as many as he wants. */
const reservedForMs = 2_000;
const idleShare = 0.025;
/**
 * What somebody waits for is not held longer than this by a "come back later": a read then fails, and does not hang. What nobody
 * waits for is held as long as the other side wants, unless it rests on something that changes meanwhile (`soon`).
 */
const longestHoldMs = 8_000;
/**
 * After a 429 the allowance is halved and comes back by one request a second in this many milliseconds. Whoever is refused one request in ten, whatever
 * he does, settles where both are even: at 6 a second.
 */
const recoveryMs = 500;

interface Waiter {
  readonly isPatient: boolean;
  readonly admit: () => void;
  readonly refuse: (failure: Failure) => void;
}

/**
 * Keeps the other side from ever seeing more than `perSecond` requests in one second.
 *
 * Counting departures is not enough: requests that leave apart may arrive together (a new connection takes two round trips
 * more than a kept one). A request has surely arrived when its answer begins, so a place stays taken until one second after
 * that. Two requests of which the earlier was answered a second before the later left cannot share a second at the other
 * side, whatever the network does; and all others are bounded by the number of places.
 */
export class RateLimiter {
  readonly #options: RateLimiterOptions;
  readonly #now: () => number;
  readonly #waiting: Readonly<Record<Priority, Set<Waiter>>> = {
    urgent: new Set(),
    user: new Set(),
    background: new Set(),
    ahead: new Set(),
  };
  /** When the place of each request that is over is free again, soonest first. */
  readonly #takenUntilMs: number[] = [];
  #underWay = 0;
  #allowance: number;
  #recoveredAtMs: number;
  #slowedAtMs = Number.NEGATIVE_INFINITY;
  #wantedAtMs = Number.NEGATIVE_INFINITY;
  #closedUntilMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RateLimiterOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#allowance = options.perSecond;
    this.#recoveredAtMs = this.#now();
  }

  /**
   * Waits for a place, which must be given back by the function that is returned. An `Urgency` that is raised meanwhile counts.
   * @param soon it makes no sense later
   * @throws Failure 'aborted' when `signal` fires first; 'busy' when somebody waits for it, or it is wanted soon, and the other side wants no
   * request for longer than that
   */
  async enter(
    priority: Priority | Urgency,
    signal?: AbortSignal,
    { soon = false }: { readonly soon?: boolean } = {},
  ): Promise<Leave> {
    if (signal?.aborted) throw abortFailure(signal);
    const urgency = priority instanceof Urgency ? priority : new Urgency(priority);
    await new Promise<void>((resolve, reject) => {
      let queue = this.#waiting[urgency.priority];
      const end = () => {
        signal?.removeEventListener('abort', onAbort);
        unlisten();
      };
      const onAbort = () => {
        end();
        queue.delete(waiter);
        this.#schedule(this.#now());
        if (signal) reject(abortFailure(signal));
      };
      const waiter: Waiter = {
        isPatient: !soon,
        admit: () => {
          end();
          resolve();
        },
        refuse: (failure) => {
          end();
          reject(failure);
        },
      };
      const line = () => {
        queue = this.#waiting[urgency.priority];
        queue.add(waiter);
        if (urgency.priority === 'user') this.#wantedAtMs = this.#now();
        this.#refuseHeld(this.#now());
        this.#admit();
      };
      const unlisten = urgency.onRaise(() => {
        queue.delete(waiter);
        line();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      line();
    });
    let over = false;
    return (arrival = 'arrived') => {
      if (over) return;
      over = true;
      this.#underWay--;
      const takenMs = arrival === 'arrived' ? windowMs : windowMs + stragglerMs;
      if (this.#options.perSecond > 0) this.#keepTaken(this.#now() + takenMs);
      this.#admit();
    };
  }

  /**
   * The other side said "too many": half as many from now on, and none at all for `pauseMs`.
   * A crowd that is refused together slows down once: a request that left (`leftAtMs`) before the last slowing says nothing new.
   */
  slowDown(pauseMs: number, leftAtMs = this.#now()): void {
    const now = this.#now();
    this.#closedUntilMs = Math.max(this.#closedUntilMs, now + pauseMs);
    if (this.#options.perSecond > 0 && leftAtMs >= this.#slowedAtMs) {
      this.#recover(now);
      this.#allowance = Math.max(1, Math.floor(this.#allowance / 2));
      this.#slowedAtMs = now;
    }
    this.#recoveredAtMs = Math.max(this.#recoveredAtMs, this.#closedUntilMs);
    this.#refuseHeld(now);
    this.#schedule(now);
  }

  #refuseHeld(now: number): void {
    const closedMs = this.#closedUntilMs - now;
    if (closedMs <= longestHoldMs) return;
    for (const priority of priorities) {
      for (const waiter of this.#waiting[priority]) {
        if (waiter.isPatient && isForNobody(priority)) continue;
        this.#waiting[priority].delete(waiter);
        const message = `Too many requests: none is taken for another ${Math.ceil(closedMs / 1000)} s`;
        waiter.refuse(new Failure('busy', message, { retryAfterMs: closedMs }));
      }
    }
  }

  #keepTaken(untilMs: number): void {
    let index = this.#takenUntilMs.length;
    while (index > 0 && (this.#takenUntilMs[index - 1] ?? 0) > untilMs) index--;
    this.#takenUntilMs.splice(index, 0, untilMs);
  }

  #admit(): void {
    const now = this.#now();
    this.#expire(now);
    for (const priority of priorities) {
      for (const waiter of this.#waiting[priority]) {
        if (now < this.#closedUntilMs || this.#free(priority) <= 0) break;
        this.#waiting[priority].delete(waiter);
        this.#underWay++;
        waiter.admit();
      }
    }
    this.#schedule(now);
  }

  #free(priority: Priority): number {
    const { perSecond, concurrency } = this.#options;
    const open = (places: number, share: number) =>
      Math.max(1, Math.floor(places * (isForNobody(priority) ? 1 - share : 1)));
    // What is under way may go on for long, whoever comes meanwhile.
    const slots = open(concurrency, reservedShare) - this.#underWay;
    if (perSecond === 0) return slots;
    const isWanted = this.#now() - this.#wantedAtMs < reservedForMs;
    const rate = open(this.#allowance, isWanted ? reservedShare : idleShare);
    return Math.min(slots, rate - this.#underWay - this.#takenUntilMs.length);
  }

  #expire(now: number): void {
    const taken = this.#takenUntilMs.findIndex((untilMs) => untilMs > now);
    this.#takenUntilMs.splice(0, taken < 0 ? this.#takenUntilMs.length : taken);
    this.#recover(now);
  }

  #recover(now: number): void {
    const recovered = Math.floor((now - this.#recoveredAtMs) / recoveryMs);
    if (recovered <= 0) return;
    this.#allowance = Math.min(this.#options.perSecond, this.#allowance + recovered);
    this.#recoveredAtMs += recovered * recoveryMs;
  }

  /** Looks again when a place comes free by time alone; while nobody waits, no timer keeps the process alive. */
  #schedule(now: number): void {
    clearTimeout(this.#timer);
    if (priorities.every((priority) => this.#waiting[priority].size === 0)) return;
    const freeAtMs = Math.min(
      this.#takenUntilMs[0] ?? Number.POSITIVE_INFINITY,
      this.#recoveredAtMs + recoveryMs,
    );
    const lookAtMs = now < this.#closedUntilMs ? this.#closedUntilMs : freeAtMs;
    const waitMs = Math.max(1, Math.ceil(lookAtMs - now));
    this.#timer = setTimeout(() => this.#admit(), waitMs);
  }
}

function isForNobody(priority: Priority): boolean {
  return priority === 'background' || priority === 'ahead';
}
