import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { SharedTasks, untilAborted } from '../async/shared-tasks.ts';
import { Urgency } from '../async/urgency.ts';
import type { Downloads } from '../disk-api/downloads.ts';
import type { RemoteContent } from '../disk-api/links.ts';
import { abortFailure, Failure, failedWith } from '../errors.ts';
import type { BlockCache } from './block-cache.ts';
import { BlockFetcher, type Run } from './block-fetcher.ts';
import { type BlockRange, blockBytes, blockCount, blocksOf } from './blocks.ts';
import { type ContentName, contentNameOf } from './content-key.ts';
import { BlockDigest } from './digest.ts';
import { indicesOf } from './extents.ts';
import { damageFailure, isSmall, WholeFile } from './whole-file.ts';

/** After a failed hash a file up to this size is fetched once more at once; of a larger one only the blocks are dropped. */
const refetchedBytes = 64 << 20;
/** What lies on the local disk and is not in the hash yet, up to this size, is hashed for the sake of the last block. */
const caughtUpBytes = 256 << 20;
/** Blocks that a reader's hash comes nearer to him by with each block that he reads. */
const caughtUpAtOnce = 4;
/** 4 MiB: a few milliseconds of hashing. */
const hashedAtOnce = 32;

/**
 * The bytes of one version of a file, block by block: from memory, from the local disk, from a request that is under way, or from
 * a new one.
 *
 * How wrong bytes are kept from readers:
 * - a small file is checked whole before its first byte, and before any of it goes to the local disk, where sums keep watch;
 * - of a large file that is read through, the last block is given out only when the hash over all blocks matched; when the last one
 *   was given out before, the one with which all are here;
 * - the sums of blocks whose hash matched are kept with them: they stand for the content when it is opened again;
 * - a block that is fetched again must be the block that was hashed;
 * - when a hash fails everything is dropped, on the local disk too. If what was given out before turns out to be wrong, this opening fails from then
 *   on (`damaged`); the next one starts afresh.
 */
export class Content {
  readonly remote: RemoteContent;
  readonly name: ContentName;
  readonly count: number;
  readonly #cache: BlockCache;
  readonly #downloads: Downloads;
  readonly #fetcher: BlockFetcher;
  /** Undefined for a large file. */
  readonly #whole: WholeFile | undefined;
  readonly #shared = new SharedTasks<'last', void>();
  #digest: BlockDigest;
  #spoiled: Failure | undefined;
  #isCatchingUp = false;
  #wasLastGiven = false;

  constructor(remote: RemoteContent, cache: BlockCache, downloads: Downloads) {
    this.remote = remote;
    this.name = contentNameOf(remote);
    this.count = blockCount(remote.sizeBytes);
    this.#cache = cache;
    this.#downloads = downloads;
    this.#whole = isSmall(remote) ? new WholeFile(remote, cache, downloads) : undefined;
    this.#digest = new BlockDigest(remote, this.#whole ? undefined : cache.proof(this.name));
    this.#fetcher = new BlockFetcher(downloads, remote, (index, block) => this.#take(index, block));
  }

  /** Whether reading ahead makes sense: a small file comes whole anyway. */
  get streams(): boolean {
    return this.#whole === undefined;
  }

  /** True when the block is here or on its way. */
  has(index: number): boolean {
    return this.#cache.has(this.name, index) || this.#fetcher.isPending(index);
  }

  /**
   * Blocks [first, end), in order.
   * @throws Failure 'stale' when the version is gone, 'damaged' when its bytes cannot be had unharmed, 'offline', 'server'.
   */
  async blocks(range: BlockRange, signal: AbortSignal): Promise<Uint8Array[]> {
    if (this.#spoiled) throw this.#spoiled;
    if (this.#whole) return this.#whole.blocks(range, signal);
    this.#cache.loadAhead(this.name, range);
    this.#cache.count(this.name, range);
    this.#startMissing(range, false);
    const last = this.count - 1;
    const isLastWanted = range.first <= last && range.end > last;
    const blocks = await Promise.all(indicesOf(range).map((index) => this.#block(index, signal)));
    this.#advance();
    if (isLastWanted || this.#isComplete()) {
      await this.#shared.run('last', (shared) => this.#checkLast(shared), signal);
      // The check may have found the first one wrong and fetched another.
      if (isLastWanted) blocks.splice(-1, 1, await this.#block(last, signal));
    }
    if (this.#spoiled) throw this.#spoiled;
    this.#wasLastGiven ||= isLastWanted;
    void this.#catchUp(range.first);
    return blocks;
  }

  /**
   * Copies one block of a large file that was checked as a whole straight from the local disk into `target`, which has its
   * length; false when it must be had as `blocks` has it. Nothing is read ahead then: the local file system does that.
   * The target is written to until this resolves.
   */
  async copyStored(index: number, target: Uint8Array): Promise<boolean> {
    if (this.#whole || this.#spoiled || !this.#digest.verified) return false;
    return this.#cache.copyStored(this.name, index, target);
  }

  /** Asks for blocks before anybody waits for them; returns what was started, to be handed to `forget` when no longer wanted. */
  fetchAhead(range: BlockRange): Run[] {
    if (this.#spoiled) return [];
    this.#cache.loadAhead(this.name, range);
    return this.#startMissing(range, true);
  }

  /**
   * Brings what `headOf` names into the cache, in the hope that somebody will ask. Until somebody does, what others wait for goes
   * first. @throws Failure as `blocks`
   */
  bring(endBytes: number, signal: AbortSignal): Promise<void> {
    return this.bringRange(headOf(this.remote, endBytes), signal);
  }

  /** As `bring`; of a small file always all. */
  async bringRange(range: BlockRange, signal: AbortSignal): Promise<void> {
    if (indicesOf(range).every((index) => this.#cache.has(this.name, index))) return;
    if (this.#whole) {
      await this.#whole.bring(signal);
      return;
    }
    const runs = this.#startMissing(range, true, new Urgency('ahead'));
    try {
      await Promise.all(indicesOf(range).map((index) => this.#fetcher.arrival(index, signal, true)));
    } finally {
      for (const run of runs) this.forget(run);
    }
  }

  forget(run: Run): void {
    this.#fetcher.disown(run);
  }

  close(): void {
    this.#fetcher.close();
  }

  /** One request for each gap in the range. */
  #startMissing(range: BlockRange, ahead: boolean, urgency?: Urgency): Run[] {
    const runs: Run[] = [];
    let index = range.first;
    while (index < range.end) {
      if (this.has(index)) {
        index++;
        continue;
      }
      let end = index + 1;
      while (end < range.end && !this.has(end)) end++;
      runs.push(this.#fetcher.start({ first: index, end }, ahead, urgency));
      index = end;
    }
    return runs;
  }

  async #block(index: number, signal: AbortSignal): Promise<Uint8Array> {
    for (;;) {
      if (signal.aborted) throw abortFailure(signal);
      const cached = this.#cache.get(this.name, index) ?? (await this.#load(index, signal));
      if (cached) return cached;
      if (!this.#fetcher.isPending(index)) this.#fetcher.start({ first: index, end: index + 1 }, false);
      const arrival = this.#fetcher.arrival(index, signal);
      if (arrival) return arrival;
    }
  }

  /** From the local disk, or by now from memory. */
  async #load(index: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const loaded = await untilAborted(this.#cache.load(this.name, index), signal);
    if (!loaded) return this.#cache.get(this.name, index);
    // Somebody else may have stored it. (Where there is a proof, the disk keeps to it.)
    if (this.#digest.verified || this.#digest.agrees(index, loaded)) return loaded;
    this.#cache.drop(this.name);
    return undefined;
  }

  /** Each block that arrives passes here before anybody sees it. */
  #take(index: number, block: Uint8Array): void {
    if (!this.#digest.agrees(index, block)) {
      throw new Failure('damaged', 'A part came twice and was not the same', { path: this.remote.path });
    }
    this.#cache.put(this.name, index, block);
    this.#advance();
  }

  /**
   * Takes into the hash what follows it without a gap, a few blocks at a time: the loop must not stand still.
   * The last block waits for `#checkLast`.
   */
  #advance(): void {
    if (this.#whole || this.#digest.verified || !this.#digest.possible) return;
    const end = Math.min(this.count - 1, this.#digest.hashed + hashedAtOnce);
    while (this.#digest.hashed < end) {
      const next = this.#cache.get(this.name, this.#digest.hashed);
      if (!next) return;
      this.#digest.add(next);
    }
  }

  /**
   * Whether all blocks that are not in the hash yet are here, the last one too: who looked at the end first (an archive, a film) may
   * never ask for it again, since the kernel has it.
   */
  #isComplete(): boolean {
    if (this.#digest.verified || !this.#digest.possible) return false;
    // From both ends: one who goes forwards misses the last one, one who goes backwards the first.
    if (!this.#cache.has(this.name, this.count - 1)) return false;
    for (let index = this.#digest.hashed; index < this.count - 1; index++)
      if (!this.#cache.has(this.name, index)) return false;
    return true;
  }

  /**
   * Brings the hash on over a gap that lies on the local disk, a little with each read: whoever has read a part long ago and the
   * rest now has read it through.
   */
  async #catchUp(readTo: number): Promise<void> {
    const { verified, possible, hashed } = this.#digest;
    if (this.#whole || this.#isCatchingUp || verified || !possible || hashed >= readTo) return;
    this.#isCatchingUp = true;
    try {
      const end = Math.min(hashed + caughtUpAtOnce, this.count - 1);
      this.#cache.loadAhead(this.name, { first: hashed, end });
      for (let index = hashed; index < end; index++) {
        if (!(await this.#cache.load(this.name, index))) return;
        this.#advance();
      }
    } finally {
      this.#isCatchingUp = false;
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
    if (this.#digest.finish()) {
      this.#cache.prove(this.name, this.#digest.sums);
      return;
    }
    await this.#recover(signal).catch((error: unknown) => {
      // Whatever hindered us, what was given out is wrong: nobody may keep it, the kernel neither.
      const isTold = failedWith(error, 'stale', 'damaged');
      throw this.#spoil(
        isTold ? error : this.#damage('its hash was wrong, and it could not be fetched again'),
      );
    });
  }

  /** Waits for blocks before the last one that are on their way or on the disk, as far as they close the gap in the hash. */
  async #awaitGaps(signal: AbortSignal): Promise<void> {
    while (this.#digest.hashed < this.count - 1) {
      const { hashed } = this.#digest;
      await this.#fetcher.arrival(hashed, signal, true);
      if ((this.count - hashed) * blockBytes <= caughtUpBytes) {
        this.#cache.loadAhead(this.name, { first: hashed, end: Math.min(hashed + hashedAtOnce, this.count) });
        await this.#load(hashed, signal);
      }
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
      const isNewToAll = index === this.count - 1 && !this.#wasLastGiven;
      same &&= isNewToAll || suspect.agrees(index, block);
      fresh.add(block);
      this.#cache.put(this.name, index, block);
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
    this.#cache.prove(this.name, fresh.sums);
    if (!same) throw this.#damage('a part that was read already was wrong; open it again');
  }

  #dropAll(): void {
    this.#cache.drop(this.name);
    this.#downloads.distrust(this.remote);
    this.#digest = new BlockDigest(this.remote);
  }

  #damage(what: string): Failure {
    return damageFailure(this.remote, what);
  }

  #spoil(failure: Failure): Failure {
    this.#spoiled = failure;
    return failure;
  }
}

/** The blocks that must be here for the first `endBytes` to be given out: of a small file, all. */
export function headOf(remote: RemoteContent, endBytes: number): BlockRange {
  return blocksOf(0, isSmall(remote) ? remote.sizeBytes : Math.min(endBytes, remote.sizeBytes));
}
