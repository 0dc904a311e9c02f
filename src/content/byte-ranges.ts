/** Bytes [start, end). */
export interface ByteRange {
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

  /** From what `edges` gave; undefined where it cannot have. */
  static fromEdges(edges: readonly number[]): ByteRanges | undefined {
    const ascend = edges.every((edge, index) => edge > (edges[index - 1] ?? -1));
    return ascend && edges.length % 2 === 0 ? new ByteRanges([...edges]) : undefined;
  }

  /** Start and end of each range in turn; a copy. */
  get edges(): number[] {
    return [...this.#edges];
  }

  get first(): ByteRange | undefined {
    const [start, end] = this.#edges;
    return start === undefined || end === undefined ? undefined : { start, end };
  }

  /** 0 when there is nothing. */
  get end(): number {
    return this.#edges.at(-1) ?? 0;
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
