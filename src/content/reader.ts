import type { Run } from './block-fetcher.ts';
import { blockBytes, blocksOf, endOfBlocks } from './blocks.ts';
import type { Content } from './content.ts';

interface ReaderOptions {
  /** How far ahead a reader may fetch, in bytes; asked each time, since others come and go. */
  readonly windowBytes: () => number;
  readonly onClose: () => void;
}

/** The kernel reads ahead by itself and its requests may overtake each other: this far off is still "in a row". */
const slackBytes = 4 * blockBytes;
/** Below this nobody is taken for a sequential reader: looking into the first blocks of a file costs just those. */
const streakToStartBytes = 2 * blockBytes;
/** A request costs a round trip: below this it is not worth one. */
const shortestRunBytes = 512 << 10;
/** One request of a sequential reader: large enough that a round trip of 50 ms costs little at 20 MB/s, small enough to share out. */
const longestRunBytes = 4 << 20;
/** So many requests fill the line when one connection does not. */
const runsInWindow = 8;

/**
 * One open handle's way of reading: how much to fetch ahead of it.
 *
 *   scattered ──(reads in a row reach streakToStartBytes)──▶ sequential: the window grows with what was read
 *       ▲                                                        │
 *       └──────────────(a jump: what was asked ahead is let go)──┘
 */
export class Reader {
  readonly #content: Content;
  readonly #options: ReaderOptions;
  readonly #closed = new AbortController();
  #expectedOffset = 0;
  #streakBytes = 0;
  /** Blocks before this index were asked for already. */
  #aheadEnd = 0;
  #runs: Run[] = [];

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
    this.#watch(offset, end);
    const blocks = this.#content.blocks(range, this.#closed.signal);
    this.#readAhead(range.end);
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
    this.#letGo();
    this.#options.onClose();
  }

  #watch(offset: number, end: number): void {
    if (Math.abs(offset - this.#expectedOffset) <= slackBytes) {
      this.#streakBytes += end - offset;
      this.#expectedOffset = Math.max(this.#expectedOffset, end);
    } else {
      this.#streakBytes = end - offset;
      this.#expectedOffset = end;
      this.#letGo();
    }
  }

  #readAhead(from: number): void {
    if (!this.#content.streams || this.#streakBytes < streakToStartBytes) return;
    const windowBytes = Math.min(2 * this.#streakBytes, this.#options.windowBytes());
    const runBytes = Math.min(Math.max(windowBytes / runsInWindow, shortestRunBytes), longestRunBytes);
    const runBlocks = Math.floor(runBytes / blockBytes);
    const windowEnd = Math.min(from + Math.floor(windowBytes / blockBytes), this.#content.count);
    this.#aheadEnd = Math.max(this.#aheadEnd, from);
    while (this.#aheadEnd < windowEnd) {
      const end = Math.min(this.#aheadEnd + runBlocks, this.#content.count);
      // A short piece now would be a request of its own; it waits until the window has room for a whole one.
      if (end > windowEnd) break;
      this.#runs.push(...this.#content.fetchAhead({ first: this.#aheadEnd, end }));
      this.#aheadEnd = end;
    }
    this.#runs = this.#runs.filter((run) => run.end > from);
  }

  #letGo(): void {
    for (const run of this.#runs) this.#content.forget(run);
    this.#runs = [];
    this.#aheadEnd = 0;
  }
}
