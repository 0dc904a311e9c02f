import type { Run } from './block-fetcher.ts';
import { type BlockRange, blockBytes, blocksOf, endOfBlocks } from './blocks.ts';
import type { Content } from './content.ts';
import { ReadAhead } from './read-ahead.ts';
import type { ReadAheadBudget } from './read-ahead-budget.ts';
import { Strides } from './strides.ts';

interface ReaderOptions {
  /** What all readers of the process share. */
  readonly budget: ReadAheadBudget;
  readonly onClose: () => void;
}

/** Two players, or a player that looks at the index of a film: so many places of one handle are read on from in turn. */
const mostStreams = 4;
/** One who has read so much in a row anywhere in the file is expected to do so wherever he goes. */
const streamerBytes = 4 << 20;
/** What is fetched ahead of him at a new place, at first. */
const streamerAheadBytes = 512 << 10;

/**
 * One open handle's way of reading: how much to fetch ahead of it.
 *
 *   scattered ──(reads in a row, either way)──▶ a stream: its window grows with what was read
 *       │  ▲                                        │
 *       │  └──────(a jump: what was asked ahead is let go; who comes back goes on as before)──┘
 *       └──(three pieces at the same distance)──▶ the next few pieces
 */
export class Reader {
  readonly #content: Content;
  readonly #options: ReaderOptions;
  readonly #closed = new AbortController();
  /** Used last at the end. */
  #streams: ReadAhead[] = [];
  #longestBytes = 0;
  readonly #strides = new Strides();
  #strideRuns: Run[] = [];

  constructor(content: Content, options: ReaderOptions) {
    this.#content = content;
    this.#options = options;
  }

  /**
   * Copies bytes from `offset` on into `target`, up to its length or the end of the file; returns how many.
   * @throws Failure as `Content.blocks`.
   */
  async read(target: Uint8Array, offset: number): Promise<number> {
    const end = Math.min(offset + target.length, this.#content.remote.sizeBytes);
    if (end <= offset) return 0;
    const range = blocksOf(offset, end);
    const blockStart = range.first * blockBytes;
    const isOneBlock =
      offset === blockStart && end === endOfBlocks(range.first + 1, this.#content.remote.sizeBytes);
    if (isOneBlock && (await this.#content.copyStored(range.first, target.subarray(0, end - offset))))
      return end - offset;
    const blocks = this.#content.blocks(range, this.#closed.signal);
    if (this.#content.streams && !this.#closed.signal.aborted) this.#lookAhead(offset, end);
    let copiedBytes = 0;
    let skipBytes = offset - blockStart;
    for (const block of await blocks) {
      const part = block.subarray(skipBytes, skipBytes + end - offset - copiedBytes);
      target.set(part, copiedBytes);
      copiedBytes += part.length;
      skipBytes = 0;
    }
    return copiedBytes;
  }

  /** Ends all waits of this reader and lets go of what it asked for ahead. */
  close(): void {
    this.#closed.abort();
    for (const stream of this.#streams) stream.letGo();
    this.#streams = [];
    this.#followStrides([]);
    this.#options.onClose();
  }

  #lookAhead(offset: number, end: number): void {
    const known = this.#streams.findLast(({ stretch }) => stretch.extend(offset, end));
    const stream = known ?? this.#jump(offset, end);
    if (stream !== this.#streams.at(-1)) {
      this.#streams = [...this.#streams.filter((other) => other !== stream), stream].slice(-mostStreams);
    }
    this.#longestBytes = Math.max(this.#longestBytes, stream.stretch.streakBytes);
    stream.advance();
  }

  /** Begins a stream at a new place. All others keep what they know of themselves, and nothing else. */
  #jump(offset: number, end: number): ReadAhead {
    for (const stream of this.#streams) stream.letGo();
    const last = this.#streams.at(-1)?.stretch;
    // What was read in part only is no piece of a stride: most of it would be fetched for nobody.
    const isPiece = last?.dense || (last && last.lengthBytes <= blockBytes);
    this.#followStrides(isPiece ? this.#strides.next(offset, last, this.#content.remote.sizeBytes) : []);
    const creditBytes = this.#longestBytes >= streamerBytes ? streamerAheadBytes : 0;
    return new ReadAhead(this.#content, this.#options.budget, { offset, end }, creditBytes);
  }

  /** Asks for what is expected, and lets go of what was asked for at the last stride and is not expected any more. */
  #followStrides(expected: readonly BlockRange[]): void {
    const { budget } = this.#options;
    const isExpected = (run: Run) => expected.some(({ first, end }) => run.first < end && run.end > first);
    const dropped = this.#strideRuns.filter((run) => !isExpected(run));
    this.#strideRuns = this.#strideRuns.filter(isExpected);
    for (const run of dropped) budget.drop(this.#content, run);
    for (const range of expected) this.#strideRuns.push(...(budget.fetch(this.#content, range) ?? []));
  }
}
