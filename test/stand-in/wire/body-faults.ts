import type { Random } from '../random.ts';
import type { Direction } from './carrier.ts';
import type { FaultUse } from './fault-book.ts';
import type { Fault } from './rules.ts';

/** Faults of a body on its way, in either direction. */
export type BodyFault = Extract<Fault, { kind: 'cut' | 'stall' | 'slow' | 'corrupt' }>;

/** Tells which faults can befall a body. `lengthBytes`: how long it says it is; null when it does not. */
export function bodyFaultsOf(
  direction: Direction,
  lengthBytes: number | null,
): (fault: Fault) => fault is BodyFault {
  const length = lengthBytes ?? Number.POSITIVE_INFINITY;
  return (fault): fault is BodyFault => {
    switch (fault.kind) {
      case 'cut':
      case 'stall':
        return (fault.direction ?? 'down') === direction && fault.afterBytes < length;
      case 'corrupt':
        return (fault.direction ?? 'down') === direction && (fault.offset ?? 0) < length;
      case 'slow':
        return (fault.direction ?? 'down') === direction && length > 0;
      default:
        return false;
    }
  };
}

/** A body ends or rests here. */
export type Stop = FaultUse<Extract<Fault, { kind: 'cut' | 'stall' }>>;

/** The faults of one body: where it stops, which bytes change, how slow it is. */
export class BodyFaults {
  readonly #uses: readonly FaultUse[];
  readonly #stops: Stop[] = [];
  /** Rates of this body alone. */
  readonly limits: number[] = [];
  #corruption: { use: FaultUse; start: number; end: number; mask: () => number } | null = null;

  constructor(
    uses: readonly FaultUse<BodyFault>[],
    lengthBytes: number | null,
    random: Pick<Random, 'below'>,
  ) {
    this.#uses = uses;
    for (const use of uses) {
      const { fault } = use;
      if (fault.kind === 'slow') {
        this.limits.push(fault.bytesPerSecond);
        use.happen();
      } else if (fault.kind === 'corrupt') {
        const { bytes = 1 } = fault;
        const start = fault.offset ?? random.below(Math.max(1, (lengthBytes ?? 1) - bytes + 1));
        this.#corruption = { use, start, end: start + bytes, mask: () => 1 + random.below(255) };
      } else {
        this.#stops.push({ ...use, fault });
      }
    }
    this.#stops.sort((a, b) => a.fault.afterBytes - b.fault.afterBytes);
  }

  /** Bytes from an offset up to the next stop. */
  roomAt(offset: number): number {
    const stop = this.#stops[0];
    return stop === undefined ? Number.POSITIVE_INFINITY : stop.fault.afterBytes - offset;
  }

  /** Takes the stop at this offset, if there is one. */
  stopAt(offset: number): Stop | null {
    return this.roomAt(offset) <= 0 ? (this.#stops.shift() ?? null) : null;
  }

  /** The bytes that arrive in the place of these, which begin at an offset. */
  changed(chunk: Buffer, offset: number): Buffer {
    const corruption = this.#corruption;
    if (corruption === null || corruption.end <= offset || corruption.start >= offset + chunk.length) {
      return chunk;
    }
    const changed = Buffer.from(chunk); // The handler may send the same memory to others.
    const end = Math.min(corruption.end - offset, chunk.length);
    for (let at = Math.max(corruption.start - offset, 0); at < end; at += 1) {
      changed[at] = (changed[at] ?? 0) ^ corruption.mask();
    }
    corruption.use.happen();
    return changed;
  }

  /** Gives back what did not happen. */
  settle(): void {
    for (const use of this.#uses) use.giveBack();
  }
}
