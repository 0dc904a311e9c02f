import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { SharedTasks } from '../async/shared-tasks.ts';
import type { Downloads } from '../disk-api/downloads.ts';
import type { RemoteContent } from '../disk-api/links.ts';
import { abortFailure, Failure } from '../errors.ts';
import type { BlockCache } from './block-cache.ts';
import { BlockFetcher, type Run } from './block-fetcher.ts';
import { type BlockRange, blockCount } from './blocks.ts';
import { contentKeyOf } from './content-key.ts';
import { BlockDigest } from './digest.ts';

/** A file up to this size is fetched whole and checked against its hash before its first byte is given out: one round trip. */
const wholeBytes = 1 << 20;
/** After a failed hash a file up to this size is fetched once more at once; of a larger one only the blocks are dropped. */
const refetchedBytes = 64 << 20;
const wholeAttempts = 3;
/** 4 MiB: a few milliseconds of hashing. */
const hashedAtOnce = 32;

/**
 * The bytes of one version of a file, block by block: from the cache, from a request that is under way, or from a new one.
 *
 * How wrong bytes are kept from readers:
 * - a small file is checked whole before its first byte;
 * - of a large file that is read through, the last block is given out only when the hash over all blocks matched;
 * - a block that is fetched again must be the block that was hashed;
 * - when a hash fails everything is dropped. If what was given out before turns out to be wrong, this opening fails from then
 *   on (`damaged`); the next one starts afresh.
 */
export class Content {
  readonly remote: RemoteContent;
  readonly key: string;
  readonly count: number;
  readonly #cache: BlockCache;
  readonly #downloads: Downloads;
  readonly #fetcher: BlockFetcher;
  readonly #small: boolean;
  readonly #shared = new SharedTasks<'whole' | 'last', void>();
  #digest: BlockDigest;
  #spoiled: Failure | undefined;

  constructor(remote: RemoteContent, cache: BlockCache, downloads: Downloads) {
    this.remote = remote;
    this.key = contentKeyOf(remote);
    this.count = blockCount(remote.sizeBytes);
    this.#cache = cache;
    this.#downloads = downloads;
    this.#small = remote.sizeBytes <= wholeBytes;
    this.#digest = new BlockDigest(remote);
    this.#fetcher = new BlockFetcher(downloads, remote, (index, block) => this.#take(index, block));
  }

  /** Whether reading ahead makes sense: a small file comes whole anyway. */
  get streams(): boolean {
    return !this.#small;
  }

  /** True when the block is here or on its way. */
  has(index: number): boolean {
    return this.#cache.has(this.key, index) || this.#fetcher.isPending(index);
  }

  /**
   * Blocks [first, end), in order.
   * @throws Failure 'stale' when the version is gone, 'damaged' when its bytes cannot be had unharmed, 'offline', 'server'.
   */
  async blocks(range: BlockRange, signal: AbortSignal): Promise<Uint8Array[]> {
    if (this.#spoiled) throw this.#spoiled;
    if (this.#small) return this.#wholeBlocks(range, signal);
    this.#startMissing(range, false);
    const last = this.count - 1;
    const isLastWanted = range.first <= last && range.end > last;
    const blocks = await Promise.all(indices(range).map((index) => this.#block(index, signal)));
    this.#advance();
    if (isLastWanted) {
      await this.#shared.run('last', (shared) => this.#checkLast(shared), signal);
      // The check may have found the first one wrong and fetched another.
      blocks.splice(-1, 1, await this.#block(last, signal));
    }
    if (this.#spoiled) throw this.#spoiled;
    return blocks;
  }

  /** Asks for blocks before anybody waits for them; returns what was started, to be handed to `forget` when no longer wanted. */
  fetchAhead(range: BlockRange): Run[] {
    return this.#spoiled ? [] : this.#startMissing(range, true);
  }

  forget(run: Run): void {
    this.#fetcher.disown(run);
  }

  close(): void {
    this.#fetcher.close();
  }

  /** One request for each gap in the range. */
  #startMissing(range: BlockRange, ahead: boolean): Run[] {
    const runs: Run[] = [];
    let index = range.first;
    while (index < range.end) {
      if (this.has(index)) {
        index++;
        continue;
      }
      let end = index + 1;
      while (end < range.end && !this.has(end)) end++;
      runs.push(this.#fetcher.start({ first: index, end }, ahead));
      index = end;
    }
    return runs;
  }

  async #block(index: number, signal: AbortSignal): Promise<Uint8Array> {
    for (;;) {
      if (signal.aborted) throw abortFailure(signal);
      const cached = this.#cache.get(this.key, index);
      if (cached) return cached;
      if (!this.#fetcher.isPending(index)) this.#fetcher.start({ first: index, end: index + 1 }, false);
      const arrival = this.#fetcher.arrival(index, signal);
      if (arrival) return arrival;
    }
  }

  /** Each block that arrives passes here before anybody sees it. */
  #take(index: number, block: Uint8Array): void {
    if (!this.#digest.agrees(index, block)) {
      throw new Failure('damaged', 'A part came twice and was not the same', { path: this.remote.path });
    }
    this.#cache.put(this.key, index, block);
    this.#advance();
  }

  /**
   * Takes into the hash what follows it without a gap, a few blocks at a time: the loop must not stand still.
   * The last block waits for `#checkLast`.
   */
  #advance(): void {
    if (this.#small || this.#digest.verified || !this.#digest.possible) return;
    const end = Math.min(this.count - 1, this.#digest.hashed + hashedAtOnce);
    while (this.#digest.hashed < end) {
      const next = this.#cache.get(this.key, this.#digest.hashed);
      if (!next) return;
      this.#digest.add(next);
    }
  }

  async #wholeBlocks(range: BlockRange, signal: AbortSignal): Promise<Uint8Array[]> {
    for (let attempt = 1; ; attempt++) {
      const blocks = indices(range).map((index) => this.#cache.get(this.key, index));
      if (blocks.every((block) => block !== undefined)) return blocks;
      if (attempt > wholeAttempts)
        throw new Failure('damaged', 'The file cannot be kept in memory', { path: this.remote.path });
      await this.#shared.run('whole', (shared) => this.#fetchWhole(shared), signal);
    }
  }

  /** Fetches all blocks and puts them into the cache only when the hash matched. */
  async #fetchWhole(signal: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const digest = new BlockDigest(this.remote);
      const blocks: Uint8Array[] = [];
      const fetcher = new BlockFetcher(this.#downloads, this.remote, (_, block) => {
        blocks.push(block);
        digest.add(block);
      });
      try {
        fetcher.start({ first: 0, end: this.count }, false);
        await fetcher.arrival(this.count - 1, signal);
      } finally {
        fetcher.close();
      }
      if (!digest.possible || digest.finish()) {
        blocks.forEach((block, index) => {
          this.#cache.put(this.key, index, block);
        });
        return;
      }
      this.#downloads.distrust(this.remote);
      if (attempt >= wholeAttempts) throw this.#damage(`its hash was wrong ${attempt} times`);
    }
  }

  /**
   * Before the last block of a file that was read through: is the whole what the server says it is?
   * Nothing to say when the file was not read through, or no hash is known.
   */
  async #checkLast(signal: AbortSignal): Promise<void> {
    if (this.#digest.verified || !this.#digest.possible) return;
    await this.#awaitGaps(signal);
    const last = this.count - 1;
    if (this.#digest.hashed < last) return;
    this.#digest.add(await this.#block(last, signal));
    if (this.#digest.finish()) return;
    await this.#recover(signal).catch((error: unknown) => {
      throw this.#spoil(error instanceof Failure ? error : this.#damage('its hash was wrong'));
    });
  }

  /** Waits for blocks before the last one that are on their way, as far as they close the gap in the hash. */
  async #awaitGaps(signal: AbortSignal): Promise<void> {
    while (this.#digest.hashed < this.count - 1) {
      const hashed = this.#digest.hashed;
      await this.#fetcher.arrival(hashed, signal);
      this.#advance();
      if (this.#digest.hashed === hashed) return;
      await yieldToOthers();
    }
  }

  /** The hash failed. Is the version still there; and if so, was what we gave out right after all? */
  async #recover(signal: AbortSignal): Promise<void> {
    const suspect = this.#digest;
    this.#dropAll();
    await this.#downloads.revalidate(this.remote, signal);
    if (this.remote.sizeBytes > refetchedBytes) throw this.#damage('its hash was wrong');
    const fresh = new BlockDigest(this.remote);
    let same = true;
    const fetcher = new BlockFetcher(this.#downloads, this.remote, (index, block) => {
      same &&= index === this.count - 1 || suspect.agrees(index, block);
      fresh.add(block);
      this.#cache.put(this.key, index, block);
    });
    try {
      fetcher.start({ first: 0, end: this.count }, false);
      await fetcher.arrival(this.count - 1, signal);
    } finally {
      fetcher.close();
    }
    if (!fresh.finish()) {
      this.#dropAll();
      throw this.#damage('its hash was wrong twice');
    }
    this.#digest = fresh;
    if (!same) throw this.#damage('a part that was read already was wrong; open it again');
  }

  #dropAll(): void {
    for (let index = 0; index < this.count; index++) this.#cache.drop(this.key, index);
    this.#downloads.distrust(this.remote);
    this.#digest = new BlockDigest(this.remote);
  }

  #damage(what: string): Failure {
    return new Failure('damaged', `The file came damaged from the Disk: ${what}`, { path: this.remote.path });
  }

  #spoil(failure: Failure): Failure {
    this.#spoiled = failure;
    return failure;
  }
}

function indices(range: BlockRange): number[] {
  return Array.from({ length: Math.max(0, range.end - range.first) }, (_, offset) => range.first + offset);
}
