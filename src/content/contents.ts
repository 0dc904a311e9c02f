import type { Downloads } from '../disk-api/downloads.ts';
import type { RemoteContent } from '../disk-api/links.ts';
import type { BlockCache } from './block-cache.ts';
import { Content } from './content.ts';
import { contentKeyOf } from './content-key.ts';
import { ReadAheadBudget } from './read-ahead-budget.ts';
import { Reader } from './reader.ts';

interface OpenContent {
  readonly content: Content;
  readers: number;
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
    const key = `${contentKeyOf(remote)}@${remote.path}`;
    const open = this.#open.get(key) ?? {
      content: new Content(remote, this.#cache, this.#downloads),
      readers: 0,
    };
    this.#open.set(key, open);
    open.readers++;
    return new Reader(open.content, {
      budget: this.#budget,
      onClose: () => {
        open.readers--;
        if (open.readers > 0) return;
        this.#open.delete(key);
        open.content.close();
      },
    });
  }
}
