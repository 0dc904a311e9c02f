import type { Downloads } from '../disk-api/downloads.ts';
import type { RemoteContent } from '../disk-api/links.ts';
import { adopt } from './adopt.ts';
import type { BlockCache } from './block-cache.ts';
import { Content, headOf } from './content.ts';
import { contentNameOf } from './content-key.ts';
import { indicesOf } from './extents.ts';
import { keepAll } from './keep.ts';
import { ReadAheadBudget } from './read-ahead-budget.ts';
import { Reader } from './reader.ts';
import type { Shelf } from './shelf.ts';

interface OpenContent {
  readonly content: Content;
  users: number;
}

/** Something that is fetched before anybody asks. */
interface FetchAhead {
  /** True when all of it is here; false when it was cancelled or cannot be had. Does not reject. */
  readonly done: Promise<boolean>;
  /** Lets go of it. What somebody reads meanwhile goes on. */
  cancel(): void;
}

/**
 * All contents that somebody reads at this moment. Readers of the same version at the same path share one `Content`, and with it
 * requests under way and the running hash; blocks are shared further, by all that have the same bytes.
 */
export class Contents {
  readonly #cache: BlockCache;
  readonly #downloads: Downloads;
  readonly #open = new Map<string, OpenContent>();
  readonly #budget: ReadAheadBudget;

  constructor(cache: BlockCache, downloads: Downloads, options: { readonly readAheadBytes: number }) {
    this.#cache = cache;
    this.#downloads = downloads;
    this.#budget = new ReadAheadBudget(options.readAheadBytes);
  }

  /** A reader of one version; its `close` must be called. */
  openReader(remote: RemoteContent): Reader {
    const { content, leave } = this.#enter(remote);
    return new Reader(content, {
      budget: this.#budget,
      onClose: () => {
        leave();
      },
    });
  }

  /**
   * Brings the first bytes of a version, a small file whole and checked, into the cache without a reader. Until one comes, what
   * others wait for goes first; one that comes shares the request.
   */
  fetchAhead(remote: RemoteContent, endBytes: number): FetchAhead {
    const { content, leave } = this.#enter(remote);
    const cancelled = new AbortController();
    const done = content.bring(endBytes, cancelled.signal).then(
      () => true,
      () => false,
    );
    return { done: done.finally(leave), cancel: () => cancelled.abort() };
  }

  /**
   * Brings all of a version onto the shelf, checked as for a reader; what is there already is not fetched again. Whoever waits for bytes goes first.
   * @throws Failure 'no-space' of this machine, 'unsupported' where nothing tells its bytes from others over a restart, and as a reader's
   */
  async keep(
    remote: RemoteContent,
    shelf: Pick<Shelf, 'shelve' | 'spareBytes'>,
    signal: AbortSignal,
  ): Promise<void> {
    const { content, leave } = this.#enter(remote);
    try {
      await keepAll(content, shelf, signal);
    } finally {
      leave();
    }
  }

  /** Whether somebody reads this version. */
  isOpen(key: string): boolean {
    for (const { content } of this.#open.values()) if (content.name.key === key) return true;
    return false;
  }

  /** Whether a reader of the first bytes would need no request, as far as is known without reading the local disk. */
  holds(remote: RemoteContent, endBytes: number): boolean {
    const name = contentNameOf(remote);
    return indicesOf(headOf(remote, endBytes)).every((index) => this.#cache.has(name, index));
  }

  /** Takes the bytes of this machine for those of a version: it was made of them. */
  adopt(remote: RemoteContent, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    return adopt(this.#cache, remote, bytes);
  }

  #enter(remote: RemoteContent): { readonly content: Content; readonly leave: () => void } {
    const key = `${contentNameOf(remote).key}@${remote.path}`;
    const open = this.#open.get(key) ?? {
      content: new Content(remote, this.#cache, this.#downloads),
      users: 0,
    };
    this.#open.set(key, open);
    open.users++;
    const leave = () => {
      open.users--;
      if (open.users > 0) return;
      this.#open.delete(key);
      open.content.close();
    };
    return { content: open.content, leave };
  }
}
