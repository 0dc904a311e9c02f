import { untilAborted } from '../async/shared-tasks.ts';
import { Urgency } from '../async/urgency.ts';
import type { Downloads } from '../disk-api/downloads.ts';
import type { RemoteContent } from '../disk-api/links.ts';
import type { Progress } from '../disk-api/pace.ts';
import { Failure } from '../errors.ts';
import { type BlockRange, blockBytes, blockLength, endOfBlocks } from './blocks.ts';

interface PendingBlock {
  readonly run: FetchedRun;
  readonly arrived: Promise<Uint8Array>;
  readonly resolve: (block: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/** Blocks [first, end) on their way in one request. Aborted when nobody waits for any of them and nobody asked for it ahead. */
export interface Run extends BlockRange {
  /** True once nothing more comes of it; `ended` resolves then, whatever the outcome. */
  readonly settled: boolean;
  readonly ended: Promise<void>;
}

interface FetchedRun extends Run {
  readonly controller: AbortController;
  /** The connections that bring it: one, or two for a while when the first is slow. */
  readonly lanes: Set<Lane>;
  waiting: number;
  ahead: boolean;
  /** Raised when somebody waits for its blocks. */
  readonly urgency: Urgency;
  settled: boolean;
  readonly settle: () => void;
  /** Blocks that have not come yet. */
  owed: number;
  /** Since when somebody waits for it. */
  waitingSinceMs: number;
  /** From the first wait on: looks from time to time whether it is slow while somebody waits. Set once, so is what it does. */
  watch: NodeJS.Timeout | undefined;
}

interface Lane {
  readonly controller: AbortController;
  readonly progress: Progress;
}

const watchIntervalMs = 250;
/** One look may fall into a moment in which all is slow. */
const slowLooksToHedge = 3;

/**
 * Fetches blocks of one version: each at most once at a time, whoever waits for it.
 *
 * A run that somebody waits for and that is far slower than others is asked for once more, from its first missing block on, over
 * another connection. Both go on; the one that falls behind is ended.
 *
 * INVARIANT: a block is in `#pending` from the start of its run until it arrived or the run failed.
 */
export class BlockFetcher {
  readonly #downloads: Downloads;
  readonly #content: RemoteContent;
  /** Told about each block once; of one run in order. Throws to refuse it (the run fails with that). */
  readonly #onBlock: (index: number, block: Uint8Array) => void;
  readonly #pending = new Map<number, PendingBlock>();
  /** Runs that still owe blocks; only these can be aborted. */
  readonly #runs = new Set<FetchedRun>();

  constructor(
    downloads: Downloads,
    content: RemoteContent,
    onBlock: (index: number, block: Uint8Array) => void,
  ) {
    this.#downloads = downloads;
    this.#content = content;
    this.#onBlock = onBlock;
  }

  /** Whether the block is on its way, on a run that has not been given up. */
  isPending(index: number): boolean {
    return this.#pendingOf(index) !== undefined;
  }

  /** Starts one request for these blocks; none of them may be on its way already. */
  start(range: BlockRange, ahead: boolean, urgency = new Urgency(ahead ? 'ahead' : 'user')): Run {
    const { promise: ended, resolve: settle } = withResolvers<void>();
    const run: FetchedRun = {
      ...range,
      controller: new AbortController(),
      lanes: new Set(),
      waiting: 0,
      ahead,
      urgency,
      settled: false,
      settle,
      ended,
      owed: range.end - range.first,
      waitingSinceMs: 0,
      watch: undefined,
    };
    for (let index = range.first; index < range.end; index++) this.#pending.set(index, pendingBlock(run));
    this.#runs.add(run);
    run.controller.signal.addEventListener('abort', () => {
      for (const lane of run.lanes) lane.controller.abort(run.controller.signal.reason);
    });
    ended.then(() => clearInterval(run.watch));
    this.#open(run, range.first);
    return run;
  }

  /** Waits for a block that is on its way; undefined when it is not. `patiently`: what others wait for may still go first. */
  arrival(index: number, signal: AbortSignal, patiently = false): Promise<Uint8Array> | undefined {
    const pending = this.#pendingOf(index);
    if (!pending) return undefined;
    const { run } = pending;
    if (!patiently) run.urgency.raise('user');
    run.waiting++;
    if (run.waiting === 1) run.waitingSinceMs = performance.now();
    if (!run.watch) this.#watch(run);
    return untilAborted(pending.arrived, signal).finally(() => {
      run.waiting--;
      this.#abortIfUnwanted(run);
    });
  }

  /** The run was asked for ahead and is not wanted any more. */
  disown(run: Run): void {
    for (const own of this.#runs) {
      if (own !== run) continue;
      own.ahead = false;
      this.#abortIfUnwanted(own);
    }
  }

  /** Ends all runs. */
  close(): void {
    for (const run of this.#runs) run.controller.abort();
  }

  #pendingOf(index: number): PendingBlock | undefined {
    const pending = this.#pending.get(index);
    return pending?.run.controller.signal.aborted ? undefined : pending;
  }

  #abortIfUnwanted(run: FetchedRun): void {
    if (run.waiting === 0 && !run.ahead && this.#runs.has(run)) run.controller.abort();
  }

  #watch(run: FetchedRun): void {
    let lookedAtMs = performance.now();
    let slowLooks = 0;
    run.watch = setInterval(() => {
      const nowMs = performance.now();
      const late = nowMs - lookedAtMs > 1.3 * watchIntervalMs;
      lookedAtMs = nowMs;
      // This whole process stood still: what came meanwhile is yet to be seen.
      if (late) run.waitingSinceMs = nowMs;
      if (late || run.waiting === 0 || !this.#isSlow(run, nowMs) || ++slowLooks < slowLooksToHedge) return;
      const missing = run.end - run.owed;
      if (!this.#downloads.pace.spend(this.#missingBytes(run))) return;
      clearInterval(run.watch);
      this.#open(run, missing);
    }, watchIntervalMs);
    run.watch.unref();
  }

  #isSlow(run: FetchedRun, nowMs: number): boolean {
    const { pace, limited } = this.#downloads;
    const [lane] = run.lanes;
    // A limit of our own is no slowness of a connection, and more requests do not help against it.
    if (!lane || limited) return false;
    return pace.isSlow(lane.progress, this.#missingBytes(run), run.waitingSinceMs, nowMs);
  }

  #missingBytes(run: FetchedRun): number {
    return endOfBlocks(run.end, this.#content.sizeBytes) - (run.end - run.owed) * blockBytes;
  }

  /** Begins to fetch blocks from `from` on over one more connection; the last connection of a run decides its outcome. */
  #open(run: FetchedRun, from: number): void {
    const nowMs = performance.now();
    const lane: Lane = {
      controller: new AbortController(),
      progress: { startedAtMs: nowMs, firstByteAtMs: undefined, lastByteAtMs: nowMs, bytes: 0 },
    };
    run.lanes.add(lane);
    this.#fill(run, lane, from)
      .catch((error: unknown) => {
        run.lanes.delete(lane);
        if (run.lanes.size > 0 || run.owed === 0) return;
        this.#runs.delete(run);
        this.#fail(run, error);
      })
      .finally(() => {
        run.lanes.delete(lane);
        if (run.lanes.size > 0) return;
        run.settled = true;
        run.settle();
      });
  }

  async #fill(run: FetchedRun, lane: Lane, from: number): Promise<void> {
    const { sizeBytes } = this.#content;
    const { progress } = lane;
    const end = endOfBlocks(run.end, sizeBytes);
    let index = from;
    let block = Buffer.allocUnsafeSlow(blockLength(index, sizeBytes));
    let filled = 0;
    for await (const chunk of this.#downloads.read(
      this.#content,
      from * blockBytes,
      end,
      lane.controller.signal,
      run.urgency,
    )) {
      progress.lastByteAtMs = performance.now();
      progress.firstByteAtMs ??= progress.lastByteAtMs;
      progress.bytes += chunk.length;
      let taken = 0;
      while (taken < chunk.length) {
        const part = chunk.subarray(taken, taken + block.length - filled);
        block.set(part, filled);
        taken += part.length;
        filled += part.length;
        if (filled < block.length) break;
        // The other connection was faster, and is ahead from here on; unless it has failed, and what it still owed is ours.
        const isHere = this.#pending.get(index)?.run !== run;
        if (isHere && run.lanes.size > 1) return;
        if (!isHere) this.#arrive(run, lane, index, block);
        index++;
        filled = 0;
        if (index < run.end) block = Buffer.allocUnsafeSlow(blockLength(index, sizeBytes));
      }
    }
    this.#downloads.pace.ended(progress);
    if (index < run.end)
      throw new Failure('damaged', 'Fewer bytes came than were asked for', { path: this.#content.path });
  }

  #arrive(run: FetchedRun, lane: Lane, index: number, block: Uint8Array): void {
    this.#onBlock(index, block);
    run.owed--;
    // All that was asked for is here: the rest is the end of the reply, which leaves its connection fit for use.
    if (run.owed === 0) {
      this.#runs.delete(run);
      for (const other of run.lanes) if (other !== lane) other.controller.abort();
    }
    const pending = this.#pending.get(index);
    this.#pending.delete(index);
    pending?.resolve(block);
  }

  #fail(run: FetchedRun, error: unknown): void {
    for (let index = run.first; index < run.end; index++) {
      const pending = this.#pending.get(index);
      if (pending?.run !== run) continue;
      this.#pending.delete(index);
      pending.reject(error);
    }
  }
}

function pendingBlock(run: FetchedRun): PendingBlock {
  const { promise, resolve, reject } = withResolvers<Uint8Array>();
  // A block that nobody waits for may fail unheard; who asks for it later starts a new run.
  promise.catch(() => {});
  return { run, arrived: promise, resolve, reject };
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
