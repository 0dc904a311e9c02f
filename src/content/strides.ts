import { type BlockRange, blocksOf } from './blocks.ts';

/** So many pieces are fetched ahead of one who reads pieces at a fixed distance, */
const stridesAhead = 4;
/** and no more than this of them all. */
const mostAheadBytes = 4 << 20;

interface Piece {
  readonly startedAt: number;
  readonly lengthBytes: number;
}

/**
 * Pieces that are read at the same distance from each other, as by one who reads a column of a table or every n-th frame.
 * Three at the same distance make a stride.
 */
export class Strides {
  #pieces: readonly Piece[] = [];

  /** A piece begins at `start`, after `last`, which is over. Returns what is expected, this piece first; nothing when it is no stride. */
  next(start: number, last: Piece, sizeBytes: number): BlockRange[] {
    this.#pieces = [...this.#pieces, last].slice(-2);
    const [first, second] = this.#pieces;
    if (!first || !second) return [];
    const strideBytes = start - second.startedAt;
    if (strideBytes !== second.startedAt - first.startedAt) return [];
    const ranges: BlockRange[] = [];
    for (let nth = 0; nth <= stridesAhead && nth * last.lengthBytes <= mostAheadBytes; nth++) {
      const from = start + nth * strideBytes;
      const end = Math.min(from + last.lengthBytes, sizeBytes);
      if (from >= 0 && from < end) ranges.push(blocksOf(from, end));
    }
    return ranges;
  }
}
