import { pause } from '../async/pause.ts';
import type { Api } from '../disk-api/api.ts';
import { readRevision } from '../disk-api/disk.ts';
import { failedWith } from '../errors.ts';
import type { Freshness } from '../tree/freshness.ts';
import type { FolderNode } from '../tree/node.ts';
import type { Tree } from '../tree/tree.ts';

interface PollerOptions {
  readonly intervalMs: number;
  /** How long the kernel may answer for a folder by itself after somebody looked into it. */
  readonly inUseMs: number;
  /** Told about polls that failed, and about how the revision is judged. */
  readonly onNotice: (notice: PollNotice) => void;
}

export type PollNotice =
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'moved'; readonly revision: number }
  | { readonly kind: 'trust'; readonly trust: Freshness['trust'] };

/** Listings of folders in use that are under way at once. */
const listingsAtOnce = 6;
/** With the interval and at 40 requests a second, so many are done by the time that a change must show. */
const foldersAtOnce = 150;

/**
 * Brings in what others change: asks the Disk's revision once an interval, and when it has moved, lists the folders in use again;
 * all others are listed when somebody looks. While nobody looks, the one small request is all.
 */
export class Poller {
  readonly #api: Api;
  readonly #tree: Tree;
  readonly #freshness: Freshness;
  readonly #options: PollerOptions;

  constructor(api: Api, tree: Tree, freshness: Freshness, options: PollerOptions) {
    this.#api = api;
    this.#tree = tree;
    this.#freshness = freshness;
    this.#options = options;
  }

  /** Until the signal fires. The first poll is one interval from now where mounting has just asked. */
  async run(signal: AbortSignal): Promise<void> {
    let hasAsked = this.#freshness.revision !== undefined;
    while (!signal.aborted) {
      try {
        if (hasAsked) await pause(this.#options.intervalMs, signal);
        hasAsked = true;
        // While the Disk is away it is looked for by others; the moment that it is back is the moment to ask.
        await this.#api.contact.untilBack(signal);
        await this.#poll(signal);
        await this.#refresh(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#options.onNotice({ kind: 'failed', error });
      }
    }
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const { trust } = this.#freshness;
    // One small request, by which all others learn whether they are needed.
    const revision = await readRevision(this.#api, { signal, priority: 'urgent' });
    const moved = this.#freshness.noteRevision(revision);
    if (moved && revision !== undefined) this.#options.onNotice({ kind: 'moved', revision });
    if (this.#freshness.trust !== trust)
      this.#options.onNotice({ kind: 'trust', trust: this.#freshness.trust });
  }

  /** Lists again what is in use and not good any more, the folders that were looked into last first. */
  async #refresh(signal: AbortSignal): Promise<void> {
    const stale = this.#tree.inUse
      .since(this.#options.inUseMs)
      .map((id) => this.#tree.folder(id))
      .filter((folder): folder is FolderNode => folder !== undefined && !this.#tree.isGood(folder))
      .slice(0, foldersAtOnce);
    const workers = Array.from({ length: listingsAtOnce }, async () => {
      for (let folder = stale.shift(); folder; folder = stale.shift()) {
        await this.#tree.relist(folder, 'background', signal).catch((error: unknown) => {
          // Whoever looks into it next is told.
          if (!failedWith(error, 'not-found', 'not-a-folder', 'stale', 'refused')) throw error;
        });
      }
    });
    await Promise.all(workers);
  }
}
