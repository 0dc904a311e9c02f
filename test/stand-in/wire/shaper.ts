import type { WireClock } from './clock.ts';

/** How far behind its rate a line in use may fall and still catch up: late timers and a busy process must not
 * lower the rate. */
const catchUpMs = 50;
/** What a line that was idle lets through at once; a full bucket would hide the line from short bodies. */
const idleCreditMs = 1;
/** Deadlines this near count as reached: a timer cannot be more exact. */
const slackMs = 0.5;
/** A piece takes a line for at most this long, so that others get their turn and changes of rate show. */
const pieceMs = 20;
const maxPieceBytes = 64 * 1024;

/** Something that carries one byte after another: a connection in one direction, or what all connections share.
 * It is a token bucket in the form of a virtual clock: only the moment at which it is free again is kept. */
export class Line {
  /** When the last byte taken on will have passed. */
  freeMs = Number.NEGATIVE_INFINITY;
  transferCount = 0;
}

/** A line and its rate at this moment. */
export interface Load {
  readonly line: Line;
  readonly bytesPerSecond: number;
}

interface Waiter {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** Bandwidth: makes whoever sends or receives bytes wait until its lines have carried them. One timer serves all. */
export class Shaper {
  readonly #clock: WireClock;
  /** Ascending by `dueMs`. */
  readonly #waiters: Waiter[] = [];
  #timer: { readonly dueMs: number; readonly cancel: () => void } | null = null;
  #closed = false;

  constructor(clock: WireClock) {
    this.#clock = clock;
  }

  /** Says that a transfer begins on these lines; the answer says that it ended. */
  open(lines: readonly Line[]): () => void {
    const nowMs = this.#clock.nowMs();
    for (const line of lines) {
      if (line.transferCount === 0) line.freeMs = Math.max(line.freeMs, nowMs - idleCreditMs);
      line.transferCount += 1;
    }
    return () => {
      for (const line of lines) line.transferCount -= 1;
    };
  }

  /** Puts bytes on the lines. Answers null when they have passed already, else a promise of the moment when they
   * have. Nothing waits any more once the shaper is closed. */
  carry(sizeBytes: number, loads: readonly Load[]): Promise<void> | null {
    if (this.#closed || loads.length === 0) return null;
    const nowMs = this.#clock.nowMs();
    let dueMs = Number.NEGATIVE_INFINITY;
    for (const { line, bytesPerSecond } of loads) {
      line.freeMs = Math.max(line.freeMs, nowMs - catchUpMs) + (sizeBytes / bytesPerSecond) * 1000;
      dueMs = Math.max(dueMs, line.freeMs);
    }
    if (dueMs <= nowMs + slackMs) return null;
    return new Promise((resolve) => this.#add({ dueMs, wake: resolve }));
  }

  /** Lets all who wait go on at once. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#timer = null;
    for (const { wake } of this.#waiters.splice(0)) wake();
  }

  #add(waiter: Waiter): void {
    // Nearly always the latest so far: the search from the end is short.
    let index = this.#waiters.length;
    while (index > 0 && (this.#waiters[index - 1]?.dueMs ?? 0) > waiter.dueMs) index -= 1;
    this.#waiters.splice(index, 0, waiter);
    this.#arm();
  }

  #arm(): void {
    const first = this.#waiters[0];
    if (first === undefined || (this.#timer !== null && this.#timer.dueMs <= first.dueMs)) return;
    this.#timer?.cancel();
    const cancel = this.#clock.schedule(Math.max(first.dueMs - this.#clock.nowMs(), 1), () =>
      this.#wakeDue(),
    );
    this.#timer = { dueMs: first.dueMs, cancel };
  }

  #wakeDue(): void {
    this.#timer = null;
    const reachedMs = this.#clock.nowMs() + slackMs;
    const later = this.#waiters.findIndex(({ dueMs }) => dueMs > reachedMs);
    const due = this.#waiters.splice(0, later === -1 ? this.#waiters.length : later);
    for (const { wake } of due) wake();
    this.#arm();
  }
}

/** The most bytes to put on these lines in one piece. */
export function pieceBytes(loads: readonly Load[]): number {
  let bytes = maxPieceBytes;
  for (const { bytesPerSecond } of loads) bytes = Math.min(bytes, (bytesPerSecond * pieceMs) / 1000);
  return Math.max(1, Math.floor(bytes));
}
