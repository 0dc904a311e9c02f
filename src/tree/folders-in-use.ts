import { LRUCache } from 'lru-cache';

/** More folders than that are not refreshed ahead of a look; 40 requests a second could not keep up with them anyway. */
const mostFolders = 1_024;

/** Folders that somebody looked into a moment ago: the kernel may answer for them by itself, so they must be kept true. */
export class FoldersInUse {
  readonly #lookedAtMs = new LRUCache<number, number>({ max: mostFolders });
  readonly #now: () => number;
  #lastLookMs = Number.NEGATIVE_INFINITY;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  touch(folderId: number): void {
    this.#lastLookMs = this.#now();
    this.#lookedAtMs.set(folderId, this.#lastLookMs);
  }

  /** How long nobody has looked anywhere. */
  get idleMs(): number {
    return this.#now() - this.#lastLookMs;
  }

  /** Those that were looked into within this time, the last one first. */
  since(periodMs: number): number[] {
    const from = this.#now() - periodMs;
    const ids: number[] = [];
    for (const [id, atMs] of this.#lookedAtMs.entries()) {
      if (atMs < from) break;
      ids.push(id);
    }
    return ids;
  }
}
