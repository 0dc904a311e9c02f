import type { Run } from './block-fetcher.ts';
import { type BlockRange, blockBytes } from './blocks.ts';
import type { Content } from './content.ts';
import type { ReadAheadBudget } from './read-ahead-budget.ts';
import { overtakenBytes, Stretch } from './stretch.ts';

/** Below this nobody is taken for a sequential reader: looking into the first blocks of a file costs just those. */
const streakToStartBytes = 2 * blockBytes;
/** A window of so many times what was read in a row: the line is full soon after the second read, and one who stops early wastes little. */
const windowPerStreak = 8;
/** A request costs a round trip: below this it is not worth one. */
const shortestRunBytes = 512 << 10;
/** One request of a sequential reader: a round trip of 50 ms costs a third at 20 MB/s, which more connections make up for. */
const longestRunBytes = 2 << 20;
/** Towards the start of the file the last block of a run is wanted first, and comes last. */
const longestRunDownBytes = 512 << 10;
const runsInWindow = 8;
/**
 * Requests under way for one stream. Fewer than the window holds: when they end together, which they do on a shared line, the
 * next are on their way before the reader has come to them.
 */
const mostUnderWay = 10;

/** Fetches ahead of one stretch of reads. */
export class ReadAhead {
  readonly stretch: Stretch;
  readonly #content: Content;
  readonly #budget: ReadAheadBudget;
  /** What the reader showed before it came here counts as if it had been read here. */
  readonly #creditBytes: number;
  #joined = false;
  /** The next block to ask for; undefined until something was asked, or when that was let go. */
  #next: number | undefined;
  #direction: Stretch['direction'] = 'up';
  #runs: Run[] = [];

  constructor(
    content: Content,
    budget: ReadAheadBudget,
    read: { readonly offset: number; readonly end: number },
    creditBytes: number,
  ) {
    this.#content = content;
    this.#budget = budget;
    this.#creditBytes = creditBytes;
    this.stretch = new Stretch(read.offset, read.end);
  }

  /** To be called after each read of this stretch. */
  advance(): void {
    const { direction, streakBytes, dense } = this.stretch;
    if (direction !== this.#direction) this.letGo();
    this.#direction = direction;
    this.#passed();
    if (dense && this.#creditBytes + streakBytes >= streakToStartBytes) this.#pump();
  }

  /** Blocks that were asked for ahead are not wanted any more. */
  letGo(): void {
    const runs = this.#runs;
    this.#runs = [];
    this.#next = undefined;
    for (const run of runs) this.#budget.drop(this.#content, run);
    if (this.#joined) this.#budget.leave();
    this.#joined = false;
  }

  /** Runs that the reader has gone past, with some room for requests that were overtaken, need not be kept any more. */
  #passed(): void {
    const { low, high } = this.stretch;
    const isAhead = (run: Run) =>
      this.#direction === 'up'
        ? run.end * blockBytes > high - overtakenBytes
        : run.first * blockBytes < low + overtakenBytes;
    const passed = this.#runs.filter((run) => !isAhead(run));
    this.#runs = this.#runs.filter(isAhead);
    for (const run of passed) this.#budget.drop(this.#content, run);
  }

  #pump(): void {
    for (;;) {
      const range = this.#nextRange();
      if (!range || this.#runs.filter((run) => !run.settled).length >= mostUnderWay) return;
      if (!this.#joined) this.#budget.join();
      this.#joined = true;
      const started = this.#budget.fetch(this.#content, range);
      if (!started) return;
      this.#runs.push(...started);
      this.#next = this.#direction === 'up' ? range.end : range.first;
      for (const run of started) run.ended.then(() => this.#runs.includes(run) && this.#pump());
    }
  }

  /** What is to be asked for next, if the window has room for it. */
  #nextRange(): BlockRange | undefined {
    const { low, high, streakBytes } = this.stretch;
    const { count } = this.#content;
    const up = this.#direction === 'up';
    const windowBytes = Math.min(windowPerStreak * streakBytes + this.#creditBytes, this.#budget.shareBytes);
    const longestBytes = up ? longestRunBytes : longestRunDownBytes;
    const runBlocks =
      Math.min(Math.max(windowBytes / runsInWindow, shortestRunBytes), longestBytes) / blockBytes;
    const windowBlocks = Math.floor(windowBytes / blockBytes);
    // A short piece now would be a request of its own; it waits until the window has room for a whole one.
    if (up) {
      const from = Math.ceil(high / blockBytes);
      const first = this.#skipKnown(Math.max(this.#next ?? from, from), from + windowBlocks, 1);
      const end = Math.min(first + Math.floor(runBlocks), count);
      return first < end && end <= from + windowBlocks ? { first, end } : undefined;
    }
    const from = Math.floor(low / blockBytes);
    const end = this.#skipKnown(Math.min(this.#next ?? from, from), from - windowBlocks, -1);
    const first = Math.max(end - Math.floor(runBlocks), 0);
    return first < end && first >= from - windowBlocks ? { first, end } : undefined;
  }

  /** The first edge from `at` on, up to `limit`, behind which there is something to ask for. */
  #skipKnown(at: number, limit: number, step: 1 | -1): number {
    const { count } = this.#content;
    let edge = at;
    for (;;) {
      const block = step === 1 ? edge : edge - 1;
      if (edge === limit || block < 0 || block >= count || !this.#content.has(block)) return edge;
      edge += step;
    }
  }
}
