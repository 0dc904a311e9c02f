/** Bytes [start, end). */
interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * A set of bytes of a file that only ever gets smaller: [0, size) at first.
 *
 * INVARIANT: the edges ascend strictly; those at even places begin a range, the others end one.
 */
export class ByteRanges {
  #edges: number[];

  private constructor(edges: number[]) {
    this.#edges = edges;
  }

  static upTo(end: number): ByteRanges {
    return new ByteRanges(end > 0 ? [0, end] : []);
  }

  /** From what `edges` gave. */
  static fromEdges(edges: readonly number[]): ByteRanges {
    return new ByteRanges([...edges]);
  }

  /** Whether `edges` can have given this. */
  static areEdges(numbers: readonly number[]): boolean {
    return numbers.length % 2 === 0 && numbers.every((edge, index) => edge > (numbers[index - 1] ?? -1));
  }

  /** Start and end of each range in turn; a copy. */
  get edges(): number[] {
    return [...this.#edges];
  }

  get first(): ByteRange | undefined {
    const [start, end] = this.#edges;
    return start === undefined || end === undefined ? undefined : { start, end };
  }

  get isEmpty(): boolean {
    return this.#edges.length === 0;
  }

  /** The parts that lie in [start, end), ascending. */
  within(start: number, end: number): ByteRange[] {
    const parts: ByteRange[] = [];
    // The range that holds `start` begins one edge before the first one behind it.
    let place = this.#firstAbove(start);
    if (place % 2 === 1) place--;
    for (; place < this.#edges.length; place += 2) {
      const from = Math.max(start, this.#edges[place] ?? 0);
      const to = Math.min(end, this.#edges[place + 1] ?? 0);
      if (from >= end) break;
      if (from < to) parts.push({ start: from, end: to });
    }
    return parts;
  }

  remove(start: number, end: number): void {
    if (start >= end || this.isEmpty) return;
    const first = this.#firstAbove(start - 1);
    const last = this.#firstAbove(end);
    const kept: number[] = [];
    if (first % 2 === 1) kept.push(start);
    if (last % 2 === 1) kept.push(end);
    if (first === last && kept.length === 0) return;
    this.#edges.splice(first, last - first, ...kept);
  }

  /** Place of the first edge greater than `position`. */
  #firstAbove(position: number): number {
    let low = 0;
    let high = this.#edges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#edges[middle] ?? 0) > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Of bytes that begin at `offset`, those of a range. */
export function partOf(bytes: Uint8Array, offset: number, range: ByteRange): Uint8Array {
  return bytes.subarray(range.start - offset, range.end - offset);
}
