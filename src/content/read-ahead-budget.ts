import type { Run } from './block-fetcher.ts';
import { type BlockRange, blockBytes } from './blocks.ts';
import type { Content } from './content.ts';

/**
 * How much may have been fetched ahead of readers at once, in bytes, for the whole process: on its way or here and not read yet.
 *
 * Streams share it evenly; one that had more when others came gets nothing new until it is down to its share.
 *
 * INVARIANT: what is taken never exceeds the limit.
 */
export class ReadAheadBudget {
  readonly #limitBytes: number;
  #takenBytes = 0;
  #streams = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** What one stream may have taken, as many as there are now. */
  get shareBytes(): number {
    return this.#limitBytes / Math.max(1, this.#streams);
  }

  /** A stream begins to read ahead; it must `leave`. */
  join(): void {
    this.#streams++;
  }

  leave(): void {
    this.#streams--;
  }

  /** Asks for blocks ahead and counts them until `drop`; undefined when there is no room for so many. */
  fetch(content: Content, range: BlockRange): Run[] | undefined {
    if (this.#takenBytes + bytesOf(range) > this.#limitBytes) return undefined;
    // What is here already, or asked for by somebody else, is not ours to count.
    const runs = content.fetchAhead(range);
    for (const run of runs) this.#takenBytes += bytesOf(run);
    return runs;
  }

  /** The run was read, or is not wanted any more. */
  drop(content: Content, run: Run): void {
    this.#takenBytes -= bytesOf(run);
    content.forget(run);
  }
}

function bytesOf({ first, end }: BlockRange): number {
  return (end - first) * blockBytes;
}
