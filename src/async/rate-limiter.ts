import { abortFailure } from '../errors.ts';

/** `user`: somebody waits for it. `ahead`: done in the hope that somebody will ask. */
export type Priority = 'user' | 'ahead';

interface Waiter {
  readonly priority: Priority;
  readonly go: () => void;
}

interface RateLimiterOptions {
  /** Most requests that the other side may see within any one second; 0 = no limit of the rate. */
  readonly perSecond: number;
  /** Most requests under way at once. */
  readonly concurrency: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

const WINDOW_MS = 1000;
/** Speculative requests leave this share of the allowance to those that somebody waits for. */
const RESERVED_SHARE = 0.2;
/** After a 429 the allowance is halved and comes back by one request a second in this many milliseconds. */
const RECOVERY_MS = 2000;

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
  readonly #waiting: Record<Priority, Set<Waiter>> = { user: new Set(), ahead: new Set() };
  /** When each answered request was answered, oldest first. INVARIANT: none is older than the window after `#expire`. */
  readonly #answeredAtMs: number[] = [];
  #underWay = 0;
  #allowance: number;
  #recoveredAtMs: number;
  #closedUntilMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RateLimiterOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#allowance = options.perSecond;
    this.#recoveredAtMs = this.#now();
  }

  /**
   * Waits for a place. The caller must call the returned function once, when the answer has begun or the request is over.
   * @throws Failure when `signal` fires first.
   */
  async enter(priority: Priority, signal?: AbortSignal): Promise<() => void> {
    if (signal?.aborted) throw abortFailure(signal);
    await new Promise<void>((resolve, reject) => {
      const queue = this.#waiting[priority];
      const onAbort = () => {
        queue.delete(waiter);
        if (signal) reject(abortFailure(signal));
      };
      const waiter: Waiter = {
        priority,
        go: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      queue.add(waiter);
      this.#admit();
    });
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#underWay--;
      if (this.#options.perSecond > 0) this.#answeredAtMs.push(this.#now());
      this.#admit();
    };
  }

  /** The other side said "too many": half as many from now on, and none at all for `pauseMs`. */
  slowDown(pauseMs: number): void {
    const now = this.#now();
    this.#closedUntilMs = Math.max(this.#closedUntilMs, now + pauseMs);
    if (this.#options.perSecond > 0) {
      this.#allowance = Math.max(1, Math.floor(this.#allowance / 2));
      this.#recoveredAtMs = now + pauseMs;
    }
    this.#admit();
  }

  #admit(): void {
    const now = this.#now();
    this.#expire(now);
    for (const priority of ['user', 'ahead'] as const) {
      for (const waiter of this.#waiting[priority]) {
        if (now < this.#closedUntilMs || this.#free(priority) <= 0) break;
        this.#waiting[priority].delete(waiter);
        this.#underWay++;
        waiter.go();
      }
    }
    this.#schedule(now);
  }

  #free(priority: Priority): number {
    const slots = this.#options.concurrency - this.#underWay;
    if (this.#options.perSecond === 0)
      return priority === 'user' ? slots : slots - this.#options.concurrency * RESERVED_SHARE;
    const places = this.#allowance - this.#underWay - this.#answeredAtMs.length;
    const reserved = priority === 'user' ? 0 : this.#allowance * RESERVED_SHARE;
    return Math.min(slots, places) - reserved;
  }

  #expire(now: number): void {
    let expired = 0;
    for (const answeredAtMs of this.#answeredAtMs) {
      if (now - answeredAtMs < WINDOW_MS) break;
      expired++;
    }
    this.#answeredAtMs.splice(0, expired);
    while (this.#allowance < this.#options.perSecond && now - this.#recoveredAtMs >= RECOVERY_MS) {
      this.#allowance++;
      this.#recoveredAtMs += RECOVERY_MS;
    }
  }

  #schedule(now: number): void {
    if (this.#waiting.user.size + this.#waiting.ahead.size === 0) return;
    const oldest = this.#answeredAtMs[0];
    const nextPlaceMs = oldest === undefined ? WINDOW_MS : oldest + WINDOW_MS - now;
    const waitMs = Math.max(1, Math.ceil(Math.max(nextPlaceMs, this.#closedUntilMs - now)));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#admit(), waitMs);
    this.#timer.unref();
  }
}
