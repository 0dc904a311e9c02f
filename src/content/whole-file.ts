import { SharedTasks, untilAborted } from '../async/shared-tasks.ts';
import { Urgency } from '../async/urgency.ts';
import type { Downloads } from '../disk-api/downloads.ts';
import type { RemoteContent } from '../disk-api/links.ts';
import { Failure } from '../errors.ts';
import type { BlockCache } from './block-cache.ts';
import { BlockFetcher } from './block-fetcher.ts';
import { type BlockRange, blockCount } from './blocks.ts';
import { type ContentName, contentNameOf } from './content-key.ts';
import { BlockDigest } from './digest.ts';
import { indicesOf } from './extents.ts';

/** A file up to this size is fetched whole and checked against its hash before its first byte is given out: one round trip. */
const wholeBytes = 1 << 20;
/** What this floor vouches for in blocks that it puts into the cache, for those who find them there later. */
export const blockShape = `files up to ${wholeBytes} whole`;
const wholeAttempts = 3;

export function isSmall(remote: RemoteContent): boolean {
  return remote.sizeBytes <= wholeBytes;
}

/** A small file. Its blocks come into the cache together, when their hash was right, so that each of them can be trusted there. */
export class WholeFile {
  readonly #remote: RemoteContent;
  readonly #name: ContentName;
  readonly #count: number;
  readonly #cache: BlockCache;
  readonly #downloads: Downloads;
  readonly #fetches = new SharedTasks<'whole', void>();
  /** Of the fetch that is under way. */
  #urgency = new Urgency('ahead');

  constructor(remote: RemoteContent, cache: BlockCache, downloads: Downloads) {
    this.#remote = remote;
    this.#name = contentNameOf(remote);
    this.#count = blockCount(remote.sizeBytes);
    this.#cache = cache;
    this.#downloads = downloads;
  }

  /** Blocks [first, end), in order. @throws Failure as `Content.blocks` */
  async blocks(range: BlockRange, signal: AbortSignal): Promise<Uint8Array[]> {
    for (let attempt = 1; ; attempt++) {
      this.#cache.loadAhead(this.#name, range);
      if (attempt === 1) this.#cache.count(this.#name, range);
      const loads = indicesOf(range).map((index) => this.#cache.load(this.#name, index));
      const blocks = await untilAborted(Promise.all(loads), signal);
      if (blocks.every((block) => block !== undefined)) return blocks;
      if (attempt > wholeAttempts)
        throw new Failure('damaged', 'The file cannot be kept in memory', { path: this.#remote.path });
      const fetched = this.bring(signal);
      this.#urgency.raise('user');
      await fetched;
    }
  }

  /** Fetches it; nobody waits for it unless `blocks` was asked. One request for all who ask meanwhile. */
  bring(signal: AbortSignal): Promise<void> {
    const start = (shared: AbortSignal) => {
      this.#urgency = new Urgency('ahead');
      return this.#fetch(shared, this.#urgency);
    };
    return this.#fetches.run('whole', start, signal);
  }

  async #fetch(signal: AbortSignal, urgency: Urgency): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const digest = new BlockDigest(this.#remote);
      const blocks: Uint8Array[] = [];
      const fetcher = new BlockFetcher(this.#downloads, this.#remote, (_, block) => {
        blocks.push(block);
        digest.add(block);
      });
      try {
        fetcher.start({ first: 0, end: this.#count }, false, urgency);
        await fetcher.arrival(this.#count - 1, signal, true);
      } finally {
        fetcher.close();
      }
      if (!digest.possible || digest.finish()) {
        blocks.forEach((block, index) => {
          this.#cache.put(this.#name, index, block);
        });
        return;
      }
      this.#downloads.distrust(this.#remote);
      if (attempt >= wholeAttempts) throw damageFailure(this.#remote, `its hash was wrong ${attempt} times`);
    }
  }
}

export function damageFailure(remote: RemoteContent, what: string): Failure {
  return new Failure('damaged', `The file came damaged from the Disk: ${what}`, { path: remote.path });
}
