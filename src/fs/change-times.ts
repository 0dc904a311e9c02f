import { LRUCache } from 'lru-cache';
import type { LocalTree } from '../tree/local-tree.ts';

/** Older ones are forgotten: then the date of the bytes has to do. */
const rememberedNodes = 50_000;

/**
 * When nodes were changed here, and when entries came into a folder or went: st_ctime, and st_mtime of folders. The Disk keeps neither, and a request
 * for each would be too much; so they last as long as this process. All in Unix milliseconds.
 */
export class ChangeTimes {
  readonly #changed = new LRUCache<number, number>({ max: rememberedNodes });
  readonly #entered = new LRUCache<number, number>({ max: rememberedNodes });

  constructor(local: Pick<LocalTree, 'onChange'>) {
    local.onChange(({ put = [] }) => {
      // What sending writes down of a node has the date of the change before: what was noted since stays.
      for (const { id, changedAtMs } of put)
        this.#changed.set(id, Math.max(this.#changed.get(id) ?? 0, changedAtMs));
    });
  }

  /** The last change of the node here; undefined where none is remembered. */
  changed(id: number): number | undefined {
    return this.#changed.get(id);
  }

  /** The last change of what is in the folder, unless it was dated since. */
  entered(folderId: number): number | undefined {
    return this.#entered.get(folderId);
  }

  noteChange(id: number): void {
    this.#changed.set(id, Date.now());
  }

  noteEntries(folderId: number): void {
    const nowMs = Date.now();
    this.#entered.set(folderId, nowMs);
    this.#changed.set(folderId, nowMs);
  }

  /** From now on the folder has the date that it was given. */
  noteDated(id: number): void {
    this.#entered.delete(id);
  }
}
