import { heldBytes } from '../disk-api/upload-body.ts';
import type { Step } from './step.ts';

/** Small files that are held for their last look at once, with so many bytes in all: what a slow line sends within the time of a hold. */
const mostSmall = 128;
const mostSmallBytes = 4 << 20;
/** The limiter of the API bounds requests; this bounds what waits for it. */
const mostOthers = 64;
const mostConfirms = 8;

/** How many steps of a kind may be under way. */
export class StepBounds {
  readonly #transfers: number;
  #large = 0;
  #small = 0;
  #smallBytes = 0;
  #others = 0;
  #confirms = 0;

  constructor(transfers: number) {
    this.#transfers = transfers;
  }

  /** @param sizeBytes of an upload @returns whether it may begin; then it must `leave` */
  take(step: Step, sizeBytes: number): boolean {
    if (!this.#hasRoom(step, sizeBytes)) return false;
    this.#count(step, sizeBytes, 1);
    return true;
  }

  leave(step: Step, sizeBytes: number): void {
    this.#count(step, sizeBytes, -1);
  }

  #hasRoom({ kind }: Step, sizeBytes: number): boolean {
    if (kind === 'confirm') return this.#confirms < mostConfirms;
    if (kind !== 'upload') return this.#others < mostOthers;
    if (sizeBytes > heldBytes) return this.#large < this.#transfers;
    return this.#small < mostSmall && this.#smallBytes + sizeBytes <= mostSmallBytes;
  }

  #count({ kind }: Step, sizeBytes: number, by: 1 | -1): void {
    if (kind === 'confirm') this.#confirms += by;
    else if (kind !== 'upload') this.#others += by;
    else if (sizeBytes > heldBytes) this.#large += by;
    else {
      this.#small += by;
      this.#smallBytes += by * sizeBytes;
    }
  }
}
