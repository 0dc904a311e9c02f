import { LRUCache } from 'lru-cache';
import type { Priority } from '../async/urgency.ts';
import { type Children, type FolderNode, rootId } from './node.ts';

/** What a walk needs of the tree. */
interface WalkedTree {
  folder(id: number): FolderNode | undefined;
  /** Entries of a listed folder, as far as they are in memory: to look ahead must cost less than it saves. */
  childrenAtHand(folder: FolderNode): Children | undefined;
  isGood(folder: FolderNode): boolean;
  relist(folder: FolderNode, priority: Priority, signal: AbortSignal): Promise<void>;
}

/** Nobody walks who has not read a folder for so long. */
const walkPauseMs = 3_000;
/** So many folders read one after the other, each in one that was read before, are a walk. */
const stepsToStart = 2;
/** Listings asked for ahead: the window doubles with each step of the walk. */
const firstAhead = 16;
const mostAhead = 64;
const mostUnderWay = 32;
/** Folders that are looked at to find those that need a listing, as a multiple of the window. */
const examinedPerListing = 2;
const rememberedFolders = 10_000;
const rememberedMs = 10 * 60_000;
/** What could not be listed ahead is not tried again for so long. */
const failedMs = 30_000;

/**
 * Recognises somebody who walks through the tree (`find`, `tar`, `du`, a search) and lists the folders that come next ahead of
 * him, in the order in which he will come to them: what is beneath the folder that he has read, then what follows it in the folders
 * above, as far up as he has read.
 *
 *   nobody ──(folders read one inside the other)──▶ walking: the window doubles with each folder read
 *      ▲                                              │
 *      └──(a folder elsewhere: what is ahead is let go; or a pause)
 */
export class WalkAhead {
  readonly #tree: WalkedTree;
  readonly #now: () => number;
  readonly #read = new LRUCache<number, true>({ max: rememberedFolders, ttl: rememberedMs });
  readonly #failed = new LRUCache<number, true>({ max: rememberedFolders, ttl: failedMs });
  readonly #underWay = new Map<number, AbortController>();
  /** Of a folder's entries those that are folders; kept for as long as the entries are. */
  readonly #subfolders = new WeakMap<Children, readonly FolderNode[]>();
  #position: FolderNode | undefined;
  #steps = 0;
  #lastReadMs = Number.NEGATIVE_INFINITY;

  constructor(tree: WalkedTree, now: () => number = () => performance.now()) {
    this.#tree = tree;
    this.#now = now;
  }

  /** Somebody has read the entries of this folder. */
  noteRead(folder: FolderNode): void {
    const now = this.#now();
    if (now - this.#lastReadMs > walkPauseMs) this.#steps = 0;
    if (this.#read.has(folder.parentId)) this.#steps++;
    else this.#letGo();
    this.#lastReadMs = now;
    this.#read.set(folder.id, true);
    this.#position = folder;
    this.#fill();
  }

  /** Whoever walked has gone elsewhere. */
  #letGo(): void {
    this.#steps = 0;
    for (const controller of this.#underWay.values()) controller.abort();
  }

  #fill(): void {
    const position = this.#position;
    if (!position || this.#steps < stepsToStart || this.#now() - this.#lastReadMs > walkPauseMs) return;
    const window = Math.min(firstAhead * 2 ** (this.#steps - stepsToStart), mostAhead);
    let examined = 0;
    let ahead = 0;
    for (const folder of this.following(position)) {
      if (++examined > window * examinedPerListing || ahead >= window) return;
      if (this.#underWay.has(folder.id)) {
        ahead++;
        continue;
      }
      if (this.#failed.has(folder.id) || this.#tree.isGood(folder)) continue;
      if (this.#underWay.size >= Math.min(window, mostUnderWay)) return;
      ahead++;
      this.#list(folder);
    }
  }

  #list(folder: FolderNode): void {
    const controller = new AbortController();
    this.#underWay.set(folder.id, controller);
    this.#tree
      .relist(folder, 'ahead', controller.signal)
      // Whoever comes to the folder is told.
      .catch(() => this.#failed.set(folder.id, true))
      .finally(() => {
        this.#underWay.delete(folder.id);
        this.#fill();
      });
  }

  /** Folders in the order of the walk behind this one, as far up as somebody has read. */
  *following(folder: FolderNode): Generator<FolderNode> {
    yield* this.#beneath(folder);
    let node = folder;
    while (node.id !== rootId && this.#read.has(node.parentId)) {
      const parent = this.#tree.folder(node.parentId);
      if (!parent) return;
      const siblings = this.#subfoldersOf(parent);
      const place = siblings.findIndex(({ id }) => id === node.id);
      // Whoever goes in another order than ours comes to those before it later.
      for (const sibling of [...siblings.slice(place + 1), ...siblings.slice(0, Math.max(0, place))]) {
        yield sibling;
        yield* this.#beneath(sibling);
      }
      node = parent;
    }
  }

  *#beneath(folder: FolderNode): Generator<FolderNode> {
    for (const child of this.#subfoldersOf(folder)) {
      yield child;
      yield* this.#beneath(child);
    }
  }

  #subfoldersOf(folder: FolderNode): readonly FolderNode[] {
    const children = this.#tree.childrenAtHand(folder);
    if (!children) return [];
    let folders = this.#subfolders.get(children);
    if (!folders) {
      folders = [...children.values()].filter((node): node is FolderNode => node.kind === 'folder');
      this.#subfolders.set(children, folders);
    }
    return folders;
  }
}
