import { abortFailure } from '../errors.ts';

interface Waiter {
  readonly sizeBytes: number;
  readonly go: () => void;
}

/** What may pass at once after a pause, as a share of a second's bytes. */
const burstSec = 0.1;
const largestPieceBytes = 64 << 10;
const smallestPieceBytes = 1 << 10;

/**
 * Bytes a second, shared by all transfers of one direction: first come, first served, chunk by chunk.
 *
 * A chunk passes when nothing is owed, and may leave a debt that later ones wait for; so no chunk is too large to pass.
 */
export class Bandwidth {
  readonly #now: () => number;
  readonly #waiting = new Set<Waiter>();
  #bytesPerSecond = 0;
  #creditBytes = 0;
  #countedAtMs: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param now monotonic milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#countedAtMs = now();
  }

  /** Bytes a second; 0 when there is no limit. */
  get limit(): number {
    return this.#bytesPerSecond;
  }

  /** Takes effect at once, also for those that wait. 0 is no limit. */
  set limit(bytesPerSecond: number) {
    this.#count();
    this.#bytesPerSecond = Math.max(0, bytesPerSecond);
    // What was owed under the old limit is no reason to wait longer than a second under the new one.
    this.#creditBytes = Math.max(this.#creditBytes, -this.#bytesPerSecond);
    this.#pass();
  }

  /** The largest chunk that flows evenly under the limit. */
  get pieceBytes(): number {
    if (this.#bytesPerSecond === 0) return largestPieceBytes;
    const even = Math.floor(this.#bytesPerSecond * burstSec);
    return Math.min(largestPieceBytes, Math.max(smallestPieceBytes, even));
  }

  /** Waits until so many bytes may pass. @throws Failure when `signal` fires first. */
  async take(sizeBytes: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) throw abortFailure(signal);
    if (this.#bytesPerSecond === 0) return;
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.delete(waiter);
        this.#pass();
        if (signal) reject(abortFailure(signal));
      };
      const waiter: Waiter = {
        sizeBytes,
        go: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(waiter);
      this.#pass();
    });
  }

  #count(): void {
    const now = this.#now();
    const earnedBytes = ((now - this.#countedAtMs) / 1000) * this.#bytesPerSecond;
    this.#creditBytes = Math.min(this.#bytesPerSecond * burstSec, this.#creditBytes + earnedBytes);
    this.#countedAtMs = now;
  }

  #pass(): void {
    this.#count();
    for (const waiter of this.#waiting) {
      if (this.#bytesPerSecond > 0 && this.#creditBytes < 0) break;
      this.#waiting.delete(waiter);
      this.#creditBytes -= waiter.sizeBytes;
      waiter.go();
    }
    clearTimeout(this.#timer);
    if (this.#waiting.size === 0) return;
    const waitMs = (-this.#creditBytes / this.#bytesPerSecond) * 1000;
    this.#timer = setTimeout(() => this.#pass(), Math.max(1, Math.ceil(waitMs)));
  }
}
