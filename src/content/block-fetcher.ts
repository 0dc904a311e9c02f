import { untilAborted } from '../async/shared-tasks.ts';
import { Urgency } from '../async/urgency.ts';
import type { Downloads } from '../disk-api/downloads.ts';
import type { RemoteContent } from '../disk-api/links.ts';
import { Failure } from '../errors.ts';
import { type BlockRange, blockBytes, blockLength, endOfBlocks } from './blocks.ts';

interface PendingBlock {
  readonly run: Run;
  readonly arrived: Promise<Uint8Array>;
  readonly resolve: (block: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/** Blocks [first, end) on their way in one request. Aborted when nobody waits for any of them and nobody asked for it ahead. */
export interface Run extends BlockRange {
  readonly controller: AbortController;
  waiting: number;
  ahead: boolean;
  /** Raised when somebody waits for its blocks. */
  readonly urgency: Urgency;
}

/**
 * Fetches blocks of one version: each at most once at a time, whoever waits for it.
 *
 * INVARIANT: a block is in `#pending` from the start of its run until it arrived or the run failed.
 */
export class BlockFetcher {
  readonly #downloads: Downloads;
  readonly #content: RemoteContent;
  /** Told about each block in order of its run; throws to refuse it (the run fails with that). */
  readonly #onBlock: (index: number, block: Uint8Array) => void;
  readonly #pending = new Map<number, PendingBlock>();
  /** Runs that still owe blocks; only these can be aborted. */
  readonly #runs = new Set<Run>();

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
  start(range: BlockRange, ahead: boolean, urgency = new Urgency('user')): Run {
    const run: Run = { ...range, controller: new AbortController(), waiting: 0, ahead, urgency };
    for (let index = range.first; index < range.end; index++) this.#pending.set(index, pendingBlock(run));
    this.#runs.add(run);
    this.#fill(run).catch((error: unknown) => {
      this.#runs.delete(run);
      this.#fail(run, error);
    });
    return run;
  }

  /** Waits for a block that is on its way; undefined when it is not. `patiently`: what others wait for may still go first. */
  arrival(index: number, signal: AbortSignal, patiently = false): Promise<Uint8Array> | undefined {
    const pending = this.#pendingOf(index);
    if (!pending) return undefined;
    if (!patiently) pending.run.urgency.raise('user');
    pending.run.waiting++;
    return untilAborted(pending.arrived, signal).finally(() => {
      pending.run.waiting--;
      this.#abortIfUnwanted(pending.run);
    });
  }

  /** The run was asked for ahead and is not wanted any more. */
  disown(run: Run): void {
    run.ahead = false;
    this.#abortIfUnwanted(run);
  }

  /** Ends all runs. */
  close(): void {
    for (const run of this.#runs) run.controller.abort();
  }

  #pendingOf(index: number): PendingBlock | undefined {
    const pending = this.#pending.get(index);
    return pending?.run.controller.signal.aborted ? undefined : pending;
  }

  #abortIfUnwanted(run: Run): void {
    if (run.waiting === 0 && !run.ahead && this.#runs.has(run)) run.controller.abort();
  }

  async #fill(run: Run): Promise<void> {
    const { sizeBytes } = this.#content;
    const end = endOfBlocks(run.end, sizeBytes);
    let index = run.first;
    let block = Buffer.allocUnsafeSlow(blockLength(index, sizeBytes));
    let filled = 0;
    for await (const chunk of this.#downloads.read(
      this.#content,
      run.first * blockBytes,
      end,
      run.controller.signal,
      run.urgency,
    )) {
      let taken = 0;
      while (taken < chunk.length) {
        const part = chunk.subarray(taken, taken + block.length - filled);
        block.set(part, filled);
        taken += part.length;
        filled += part.length;
        if (filled < block.length) break;
        // All that was asked for is here: the rest is the end of the reply, which leaves its connection fit for use.
        if (index === run.end - 1) this.#runs.delete(run);
        this.#arrive(index, block);
        index++;
        filled = 0;
        if (index < run.end) block = Buffer.allocUnsafeSlow(blockLength(index, sizeBytes));
      }
    }
    if (index < run.end)
      throw new Failure('damaged', 'Fewer bytes came than were asked for', { path: this.#content.path });
  }

  #arrive(index: number, block: Uint8Array): void {
    this.#onBlock(index, block);
    const pending = this.#pending.get(index);
    this.#pending.delete(index);
    pending?.resolve(block);
  }

  #fail(run: Run, error: unknown): void {
    for (let index = run.first; index < run.end; index++) {
      const pending = this.#pending.get(index);
      if (pending?.run !== run) continue;
      this.#pending.delete(index);
      pending.reject(error);
    }
  }
}

function pendingBlock(run: Run): PendingBlock {
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
