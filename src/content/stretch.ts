import { blockBytes } from './blocks.ts';

/**
 * The kernel reads ahead by itself and its requests may overtake each other: so far behind an edge is still "in a row", and somewhat
 * less beyond it. For `cat`, which tells the kernel that it reads in a row, four of them come at once, the last one first; taken for
 * jumps they made 256 MB last 11 s in place of 4 (2026-11-26, Linux 6.18).
 */
export const overtakenBytes = 8 * blockBytes;
const gapBytes = 5 * blockBytes;

/**
 * What a reader has read in a row: bytes [low, high), which grow at one edge or the other.
 *
 * Requests of one who reads forward come out of order by a little, but only the upper edge goes on moving; of one who reads
 * backwards only the lower. So the edges tell the direction, not the order of two requests.
 */
export class Stretch {
  /** Where it began: the first read. */
  readonly startedAt: number;
  #low: number;
  #high: number;
  #upBytes: number;
  #downBytes = 0;

  constructor(offset: number, end: number) {
    this.startedAt = offset;
    this.#low = offset;
    this.#high = end;
    this.#upBytes = end - offset;
  }

  get low(): number {
    return this.#low;
  }

  get high(): number {
    return this.#high;
  }

  get lengthBytes(): number {
    return this.#high - this.#low;
  }

  get direction(): 'up' | 'down' {
    return this.#downBytes > this.#upBytes ? 'down' : 'up';
  }

  /** How much was read in this direction; a block of which a part was read counts. */
  get streakBytes(): number {
    return Math.min(Math.max(this.#upBytes, this.#downBytes), this.lengthBytes);
  }

  /** Whether most of what lies between the edges was read: else what lies ahead would mostly be fetched for nobody. */
  get dense(): boolean {
    return 4 * this.streakBytes >= 3 * this.lengthBytes;
  }

  /** Takes a read that goes on where this one is; false, and nothing happens, when it lies elsewhere. */
  extend(offset: number, end: number): boolean {
    const atTop = isNear(offset - this.#high);
    const atBottom = isNear(this.#low - end);
    if (!atTop && !atBottom) return false;
    const readBytes = end - offset;
    if (end > this.#high) {
      this.#upBytes += Math.max(readBytes, Math.min(end - this.#high, blockBytes));
      this.#high = end;
    } else if (offset < this.#low) {
      // The first read said nothing of the direction: it counts for the one that the second takes.
      if (this.#downBytes === 0) this.#downBytes = Math.min(this.#upBytes, blockBytes);
      this.#downBytes += Math.max(readBytes, Math.min(this.#low - offset, blockBytes));
      this.#low = offset;
    } else if (this.direction === 'up') {
      // One that was overtaken.
      this.#upBytes += readBytes;
    } else {
      this.#downBytes += readBytes;
    }
    return true;
  }
}

/** @param beyondBytes from an edge to a read, outwards */
function isNear(beyondBytes: number): boolean {
  return beyondBytes <= gapBytes && beyondBytes >= -overtakenBytes;
}
