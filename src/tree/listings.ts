import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { type Leave, RateLimiter } from '../async/rate-limiter.ts';
import { SerialTasks } from '../async/serial-tasks.ts';
import { SharedTasks } from '../async/shared-tasks.ts';
import { type Priority, Urgency } from '../async/urgency.ts';
import type { Api } from '../disk-api/api.ts';
import { type FolderListing, listFolder, readResource } from '../disk-api/folder-listing.ts';
import { childPath, type DiskPath } from '../disk-api/paths.ts';
import type { ResourceReply } from '../disk-api/replies.ts';
import { Failure, failedWith } from '../errors.ts';
import { distrusted, type Freshness, type Stamp } from './freshness.ts';
import type { HeldNodes } from './held-nodes.ts';
import type { KnownTree } from './known-tree.ts';
import { type Change, Merge } from './merge.ts';
import { contentOf, type FolderNode, type Node, nodeOf, rootId } from './node.ts';

export interface ListingsOptions {
  /** Where the server has a folder by now, which may be elsewhere than it was shown last: we have moved it, or one above it. */
  readonly pathOf?: (folder: FolderNode) => DiskPath;
  /** Told of each download link that comes with a listing; nodes do not keep it. */
  readonly onLink: (content: NonNullable<Node['remote']['content']>) => void;
  /** Told when a folder turned out to be different from what was shown: names that went, came or changed. */
  readonly onChanged: (change: FolderChange) => void;
}

/** What changed in a folder elsewhere, as far as somebody may have seen the old state. */
export interface FolderChange {
  readonly folder: FolderNode;
  readonly names: readonly string[];
  /** Names of folders that are the ones that they were, with other attributes. */
  readonly sameFolders: readonly string[];
}

/** Entries that are merged without a pause for others. */
const mergedAtOnce = 1_000;
/** Folders that were made and are not shown yet. Of more, the oldest are listed like all others when somebody looks into them. */
const mostMade = 10_000;
/** Folders whose last listing has shown something of before an effect of ours. */
const mostBehind = 10_000;
/** Of listings of more than one page so many are held in memory at once: some 6 MB for each 10,000 entries until they are merged. */
const longListings = 3;
/** Listings of folders under way, and how what they bring gets into what is known: one listing of a folder at a time, one merge at a time. */
export class Listings {
  readonly #api: Api;
  readonly #known: KnownTree;
  readonly #held: HeldNodes;
  readonly #freshness: Freshness;
  readonly #options: ListingsOptions;
  /** By folder and store: what was begun for an earlier store is of no use for this one. */
  readonly #underWay = new SharedTasks<string, void>();
  readonly #urgencies = new Map<string, Urgency>();
  /** INVARIANT: one merge at a time, since a merge of one folder may take nodes out of another. */
  readonly #merges = new SerialTasks();
  /** Folders that we have made and no listing has shown yet: they were empty. */
  readonly #made = new LRUCache<number, true>({ max: mostMade });
  readonly #past = new LRUCache<number, ReadonlySet<string>>({ max: mostBehind });
  readonly #longListings = new RateLimiter({ perSecond: 0, concurrency: longListings });

  constructor(api: Api, known: KnownTree, held: HeldNodes, freshness: Freshness, options: ListingsOptions) {
    this.#api = api;
    this.#known = known;
    this.#held = held;
    this.#freshness = freshness;
    this.#options = options;
  }

  /**
   * Looks for the first time at the folder that is shown as root. Where one page holds its entries they come along: the first look into it
   * costs nothing more.
   * @throws Failure 'not-found' or 'not-a-folder' when it cannot be a root
   */
  async putRoot(root: DiskPath, signal: AbortSignal): Promise<void> {
    const stamp = this.#freshness.stamp();
    const listing = await this.#shortListing(root, stamp, signal);
    const reply = listing?.folder ?? (await readResource(this.#api, root, { signal }));
    const node = nodeOf(reply, { id: rootId, parentId: 0 }, root, stamp.askedAtMs);
    if (node.kind !== 'folder')
      throw new Failure('not-a-folder', `Not a folder on the Disk: ${root}`, { path: root });
    this.#known.setRoot(node);
    if (listing) await this.#merges.run(() => this.#merge(node, stamp, listing, false));
  }

  /** We have made this folder a moment ago, and it was empty. A listing may have shown it before we heard that it is made. */
  noteMade(folderId: number): void {
    this.#made.set(folderId, true);
    // If this fails, the folder is looked into as any other.
    this.#merges
      .run(async () => {
        const folder = this.#known.folder(folderId);
        if (folder) await this.#putMade(folder);
      })
      .catch(() => {});
  }

  /** Whether the last listing of a folder has shown there what was there before an effect of ours, which is left out of what is known. */
  showsPast(folderId: number, diskName: string): boolean {
    return this.#past.get(folderId)?.has(diskName) === true;
  }

  /** Does something with what is known while no merge is under way. */
  betweenMerges<T>(task: () => Promise<T> | T): Promise<T> {
    return this.#merges.run(task);
  }

  /**
   * Asks for all entries of a folder and puts them into what is known. Joins a listing of it that is under way, for this signal's while.
   * @throws Failure as `listFolder`; 'stale' when the folder is not known any more, or another one is at its path
   */
  list(folder: FolderNode, priority: Priority, signal?: AbortSignal): Promise<void> {
    const key = `${this.#known.era}/${folder.id}`;
    this.#urgencies.get(key)?.raise(priority);
    return this.#underWay.run(
      key,
      async (shared) => {
        const urgency = new Urgency(priority);
        this.#urgencies.set(key, urgency);
        try {
          await this.#relist(folder, urgency, shared);
        } finally {
          if (this.#urgencies.get(key) === urgency) this.#urgencies.delete(key);
        }
      },
      signal,
    );
  }

  async #shortListing(path: DiskPath, stamp: Stamp, signal: AbortSignal): Promise<FolderListing | undefined> {
    const tooLong = new Failure('too-large', 'More than one page');
    try {
      return await listFolder(this.#api, path, {
        signal,
        keep: (entry) => this.#withoutLink(entry, path, stamp),
        beforeMore: () => Promise.reject(tooLong),
      });
    } catch (error) {
      if (error === tooLong) return undefined;
      throw error;
    }
  }

  async #relist(folder: FolderNode, urgency: Urgency, signal: AbortSignal): Promise<void> {
    const stamp = this.#freshness.stamp();
    const { era } = this.#known;
    const path = this.#pathOf(folder);
    let leave: Leave | undefined;
    try {
      const listing = await listFolder(this.#api, path, {
        signal,
        priority: urgency,
        keep: (entry) => this.#withoutLink(entry, path, stamp),
        beforeMore: async () => {
          leave ??= await this.#longListings.enter(urgency, signal);
        },
      });
      await this.#merges.run(async () => {
        if (era !== this.#known.era) throw new Failure('stale', 'What was known was lost; look again');
        // It may have moved since it was asked for.
        const current = this.#known.current(folder);
        if (!current) throw new Failure('stale', 'The folder is not known any more');
        const isAnother = isAnotherFolder(current, listing) && !this.#known.isClaimed(current.id);
        // Whoever asked for it by that path knows what is there; it is asked for again when the folder above tells which one it is.
        if (isAnother) this.#known.distrust(current.parentId);
        if (isAnother && this.#pathOf(current) !== path)
          throw new Failure('stale', 'Another folder is at that path now');
        await this.#merge({ ...current, remote: { ...current.remote, path } }, stamp, listing, isAnother);
      });
    } catch (error) {
      // The folder above says that it is there: that is not true any more.
      if (failedWith(error, 'not-found', 'not-a-folder')) this.#known.distrust(folder.parentId);
      throw error;
    } finally {
      leave?.();
    }
  }

  #pathOf(folder: FolderNode): DiskPath {
    return this.#options.pathOf?.(folder) ?? folder.remote.path;
  }

  /** Links are most of a listing, and remembered elsewhere. */
  #withoutLink(entry: ResourceReply, folder: DiskPath, stamp: Stamp): ResourceReply {
    const content =
      entry.file === undefined ? undefined : contentOf(entry, childPath(folder, entry.name), stamp.askedAtMs);
    if (content) this.#options.onLink(content);
    return { ...entry, file: undefined };
  }

  async #merge(folder: FolderNode, stamp: Stamp, listing: FolderListing, isAnother: boolean): Promise<void> {
    const before = this.#known.before(folder);
    const { known, children } = before;
    const { entries } = listing;
    const options = { obtainedAtMs: stamp.askedAtMs, isAnother };
    const merge = new Merge(folder, children, entries, this.#known.elsewhere(folder), options);
    for (const [index, entry] of entries.entries()) {
      if (index > 0 && index % mergedAtOnce === 0) await yieldToOthers();
      merge.add(entry);
    }
    const merged = { ...merge.finish(), changes: merge.changes };
    const isOld = isAnother || merge.past.size > 0;
    await this.#known.putListing(folder, isOld ? distrusted : stamp, before, merged, yieldToOthers);
    if (merge.past.size > 0) this.#past.set(folder.id, merge.past);
    else this.#past.delete(folder.id);
    for (const { node } of merged.changes) if (node.kind === 'folder') await this.#putMade(node);
    // What is known to be in it was in another one.
    for (const change of merged.changes)
      if (change.kind === 'changed' && change.node.kind === 'folder' && !isSameResource(change))
        this.#known.distrust(change.node.id);
    for (const node of merged.gone) this.#held.noteGone(node);
    for (const { node } of merged.changes) this.#held.noteChange(node);
    const changed = merged.changes.length > 0 || merged.gone.length > 0;
    // What others share with us need not move our revision: it says nothing about whether that can be believed.
    if (known && !this.#known.isShared(folder)) this.#freshness.noteListing(known.stamp, changed);
    if (known && changed) this.#tell(folder, merged);
  }

  /** What we have made is known from the first listing that shows it: empty, and not to be believed where somebody can be asked. */
  async #putMade(folder: FolderNode): Promise<void> {
    if (!this.#made.delete(folder.id) || this.#known.known(folder)) return;
    const merged = { children: new Map<string, Node>(), changes: [], gone: [] };
    await this.#known.putListing(folder, distrusted, this.#known.before(folder), merged, yieldToOthers);
  }

  /** Tells of all names that may have been seen otherwise. */
  #tell(folder: FolderNode, merged: { readonly changes: readonly Change[]; readonly gone: readonly Node[] }) {
    const names = new Set(merged.gone.map(({ name }) => name));
    const sameFolders: string[] = [];
    for (const change of merged.changes) {
      const { node } = change;
      // What programs are in is theirs still: its name means what it meant.
      if (node.kind === 'folder' && isSameHere(change)) sameFolders.push(node.name);
      else names.add(node.name);
      if (change.kind === 'changed' && change.before.name !== node.name) names.add(change.before.name);
      if (change.kind === 'moved-here' && change.before.parentId !== folder.id) {
        const other = this.#known.folder(change.before.parentId);
        if (other) this.#options.onChanged({ folder: other, names: [change.before.name], sameFolders: [] });
      }
    }
    this.#options.onChanged({ folder, names: [...names], sameFolders });
  }
}

/** Who has looked here before has seen the same thing under the same name. */
function isSameHere(change: Change): boolean {
  if (change.kind === 'changed') return change.before.name === change.node.name;
  return change.isOurs;
}

function isSameResource({ node, before }: { readonly node: Node; readonly before: Node }): boolean {
  return node.remote.resourceId === before.remote.resourceId;
}

/** What was listed at the folder's path is not the folder that we know there. */
function isAnotherFolder(known: FolderNode, { folder: shown }: FolderListing): boolean {
  const { resourceId } = known.remote;
  return (
    known.id !== rootId &&
    resourceId !== undefined &&
    shown.resource_id !== undefined &&
    shown.resource_id !== resourceId
  );
}
