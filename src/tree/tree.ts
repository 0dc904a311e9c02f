import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { withPatience } from '../async/patience.ts';
import { type Leave, RateLimiter } from '../async/rate-limiter.ts';
import { SerialTasks } from '../async/serial-tasks.ts';
import { SharedTasks, untilAborted } from '../async/shared-tasks.ts';
import { type Priority, Urgency } from '../async/urgency.ts';
import type { Api } from '../disk-api/api.ts';
import { type FolderListing, listFolder, readResource } from '../disk-api/folder-listing.ts';
import { childPath, type DiskPath } from '../disk-api/paths.ts';
import type { ResourceReply } from '../disk-api/replies.ts';
import { Failure, failedWith } from '../errors.ts';
import { FoldersInUse } from './folders-in-use.ts';
import { distrusted, type Freshness, type Stamp } from './freshness.ts';
import { HeldNodes } from './held-nodes.ts';
import type { KnownTree } from './known-tree.ts';
import { type Change, Merge } from './merge.ts';
import { type Children, contentOf, type FolderNode, type Node, nodeOf, rootId } from './node.ts';
import type { FileHashes } from './tree-store.ts';

interface TreeOptions {
  /** The folder of the Disk that is shown as root. */
  readonly root: DiskPath;
  /** Where the server has a folder by now, which may be elsewhere than it was shown last: we have moved it, or one above it. */
  readonly pathOf?: (folder: FolderNode) => DiskPath;
  /** Told of each download link that comes with a listing; nodes do not keep it. */
  readonly onLink: (content: NonNullable<Node['remote']['content']>) => void;
  /** Told when a folder turned out to be different from what was shown: names that went, came or changed. */
  readonly onChanged: (change: FolderChange) => void;
}

/** What changed in a folder elsewhere, as far as somebody may have seen the old state. */
interface FolderChange {
  readonly folder: FolderNode;
  readonly names: readonly string[];
  /** Names of folders that are the ones that they were, with other attributes. */
  readonly sameFolders: readonly string[];
}

/** A server that takes longer than this to list a known folder again is not waited for; the old listing is shown once more. */
const patienceMs = 2_000;
/** When the server cannot be reached, or not soon, a known listing is shown, and the server is asked again only after this long. */
const offlinePauseMs = 5_000;
/** A listing that is good by the revision is checked no more often than this, whatever is looked at. */
const checkPauseMs = 5_000;
/** Entries that are merged without a pause for others. */
const mergedAtOnce = 1_000;
/** Of listings of more than one page so many are held in memory at once: some 6 MB for each 10,000 entries until they are merged. */
const longListings = 3;
/** Where the store takes nothing, a folder may be forgotten as soon as it was listed, for others that many people look into. */
const knownTries = 3;

/** Failures of a listing after which what was known is shown. */
const passing = ['offline', 'server', 'busy', 'login-needed', 'unsettled', 'nonsense'] as const;

/**
 * The names of the Disk: nodes, and which folder holds which. A folder is listed when somebody looks into it for the first time, and again
 * when what is known is not good any more (`Freshness`).
 *
 * A folder that was listed and cannot be listed now, or not soon, is shown as it was; one that never was fails. It is never shown empty or
 * partial.
 */
export class Tree {
  readonly inUse = new FoldersInUse();
  readonly #api: Api;
  readonly #known: KnownTree;
  readonly #freshness: Freshness;
  readonly #options: TreeOptions;
  readonly #held = new HeldNodes();
  /** By folder and store: what was begun for an earlier store is of no use for this one. */
  readonly #listings = new SharedTasks<string, void>();
  /** Of the listings under way. */
  readonly #urgencies = new Map<string, Urgency>();
  /** INVARIANT: one merge at a time, since a merge of one folder may take nodes out of another. */
  readonly #merges = new SerialTasks();
  readonly #longListings = new RateLimiter({ perSecond: 0, concurrency: longListings });
  #unreachableUntilMs = 0;
  #nextCheckMs = 0;

  constructor(api: Api, known: KnownTree, freshness: Freshness, options: TreeOptions) {
    this.#api = api;
    this.#known = known;
    this.#freshness = freshness;
    this.#options = options;
  }

  /** The folder shown as root. INVARIANT: `open` succeeded before anything else is asked. */
  get root(): FolderNode {
    const { root } = this.#known;
    if (!root) throw new Failure('local', 'The tree is not open');
    return root;
  }

  /**
   * Looks at the root on the server, unless it is known.
   * @throws Failure 'not-found' or 'not-a-folder' when it cannot be a root
   */
  async open(signal: AbortSignal): Promise<void> {
    if (this.#known.root) return;
    const { root } = this.#options;
    const stamp = this.#freshness.stamp();
    const listing = await this.#shortListing(root, stamp, signal);
    const reply = listing?.folder ?? (await readResource(this.#api, root, { signal }));
    const node = nodeOf(reply, { id: rootId, parentId: 0 }, root, stamp.askedAtMs);
    if (node.kind !== 'folder')
      throw new Failure('not-a-folder', `Not a folder on the Disk: ${root}`, { path: root });
    this.#known.setRoot(node);
    if (listing) await this.#merges.run(() => this.#merge(node, stamp, listing, false));
    // Killed in the next moment, it must be able to start off line.
    this.#known.commit();
  }

  /** A folder with its entries where one page holds them: the first look into the root then costs nothing more. */
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

  /** All entries of a folder by shown name. @throws Failure when it was never listed and cannot be now. */
  async list(folder: FolderNode, signal: AbortSignal): Promise<Children> {
    return this.#onWholeStore(async () => {
      await this.#makeKnown(folder, signal);
      return this.#held.shownChildren(folder.id, this.#known.children(folder));
    });
  }

  /** The entry of that name. @throws Failure 'not-found'. */
  async child(folder: FolderNode, name: string, signal: AbortSignal): Promise<Node> {
    return this.#onWholeStore(async () => {
      if (!this.#isGood(folder)) await this.#makeKnown(folder, signal);
      const child = this.#held.child(folder.id, name) ?? this.#known.child(folder, name);
      if (child) return child;
      throw new Failure('not-found', `No such name in ${folder.remote.path}: ${name}`);
    });
  }

  /** A file is opened: it stays in its folder as it is now until it was released as often. */
  hold(node: Node): void {
    this.#held.hold(node);
  }

  release(node: Node): void {
    const shown = this.#held.release(node.id);
    const folder = shown && this.#known.folder(shown.parentId);
    if (folder) this.#options.onChanged({ folder, names: [shown.name], sameFolders: [] });
  }

  /** What is known of this folder is not believed any more; whoever looks next asks the server. */
  distrust(folderId: number): void {
    this.#known.distrust(folderId);
  }

  /** What is known without asking anybody; undefined for a folder that was never listed. */
  knownChildren(folder: FolderNode): Children | undefined {
    return unlessLost(() => (this.#known.known(folder) ? this.#known.children(folder) : undefined));
  }

  /** The same without a look into the store, which costs for a large folder. */
  childrenAtHand(folder: FolderNode): Children | undefined {
    return this.#known.childrenAtHand(folder);
  }

  folder(id: number): FolderNode | undefined {
    return unlessLost(() => this.#known.folder(id));
  }

  /** What is known of a node of that number; also of one that is lost. */
  node(id: number): Node | undefined {
    return unlessLost(() => this.#known.node(id));
  }

  /** What was opened is known as it was then, whatever has become of it on the server. */
  heldNode(id: number): Node | undefined {
    return this.#held.node(id);
  }

  /** Where the last listing of its folder has shown a node, by the Disk's own name; undefined where none does. */
  shownAt(id: number): { readonly parentId: number; readonly name: string } | undefined {
    return unlessLost(() => {
      const node = this.#known.node(id);
      const folder = node && this.#known.folder(node.parentId);
      if (!folder || this.#known.child(folder, node.name)?.id !== id) return undefined;
      return { parentId: folder.id, name: node.remote.name };
    });
  }

  /** What is shown under this number gets another: it stands for something that is here alone. */
  async letGo(id: number): Promise<void> {
    await this.#merges.run(() => unlessLost(() => this.#known.letGo(id)));
  }

  /** Large files of this size, a bounded number; with hashes, only those that have one of them. @throws Failure 'damaged-store', 'local' */
  filesOf(sizeBytes: number, hashes?: FileHashes): Node[] {
    return this.#known.filesOf(sizeBytes, hashes);
  }

  /** Part of what others share with us. */
  isShared(folderId: number): boolean {
    const folder = this.folder(folderId);
    return folder !== undefined && this.#known.isShared(folder);
  }

  /** A number that no node ever had. */
  newId(): number {
    return this.#known.newId();
  }

  /** Names from the root of the mount down to this folder. */
  place(folder: FolderNode): string[] {
    const names: string[] = [];
    let node: FolderNode | undefined = folder;
    while (node && node.id !== rootId) {
      names.unshift(node.name);
      node = this.folder(node.parentId);
    }
    return names;
  }

  /** Whether it is known, and as the Disk is now as far as can be told. */
  isGood(folder: FolderNode): boolean {
    const isGood = unlessLost(() => {
      const known = this.#known.known(folder);
      return known !== undefined && this.#freshness.isGood(known.stamp, this.#known.isShared(folder));
    });
    return isGood === true;
  }

  /** Everything beneath a folder, where all of it is known, and as the Disk is now as far as can be told; else undefined. */
  goodBeneath(folder: FolderNode): readonly Node[] | undefined {
    return unlessLost(() => {
      const all: Node[] = [];
      const folders = [folder];
      for (let next = folders.pop(); next; next = folders.pop()) {
        if (!this.isGood(next)) return undefined;
        for (const child of this.#known.children(next).values()) {
          all.push(child);
          if (child.kind === 'folder') folders.push(child);
        }
      }
      return all;
    });
  }

  /** What the last listing of a folder has shown is what we had made there. */
  noteConfirmed(folderId: number): void {
    this.#known.restamp(folderId, (stamp) => this.#freshness.confirmed(stamp));
  }

  /** We have just made this folder, and nothing was in it: off line it is that until it can be listed. */
  noteMade(folderId: number): void {
    this.#known.noteMade(folderId);
  }

  /**
   * Lists a folder that nobody waits for, or again although it is good. Joins a listing under way.
   * @throws Failure as `listFolder`, also where the folder is known
   */
  async relist(folder: FolderNode, priority: Priority, signal?: AbortSignal): Promise<void> {
    await this.#listed(folder, priority, signal);
  }

  /** Also by what was lost for a while: forgets it when that while is over. @returns whether there is more to forget */
  forgetLost(beforeMs: number): boolean {
    return unlessLost(() => this.#known.forgetLost(beforeMs)) === true;
  }

  /** A folder that was never listed, behind the one of that number. */
  unlistedFolder(afterId: number): FolderNode | undefined {
    return unlessLost(() => this.#known.unlistedFolder(afterId));
  }

  /** @throws Failure 'stale' when the store was found damaged on the way: nodes that were known have other numbers from then on */
  async #onWholeStore<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      if (!failedWith(error, 'damaged-store')) throw error;
      throw new Failure('stale', 'What was known of the Disk was lost; look again', { cause: error });
    }
  }

  #isGood(folder: FolderNode): boolean {
    this.inUse.touch(folder.id);
    if (!this.isGood(folder)) return false;
    this.#checkNowAndThen(folder);
    return true;
  }

  /**
   * Sees to it that all entries of a folder are known, and good if that can be had soon: what is known of one that was never listed is a part
   * of it, and never shown for the whole.
   */
  async #makeKnown(folder: FolderNode, signal: AbortSignal): Promise<void> {
    for (let tries = 0; tries < knownTries; tries++) {
      await this.#makeGood(folder, signal);
      if (this.#known.known(folder)) return;
    }
    throw new Failure('stale', `Listed, and lost again: ${folder.remote.path}`);
  }

  /** Sees to it that a folder is good, if that can be had soon. */
  async #makeGood(folder: FolderNode, signal: AbortSignal): Promise<void> {
    if (this.#isGood(folder)) return;
    // A later store than the one that the folder is from knows nothing of it.
    if (this.#known.current(folder) === undefined)
      throw new Failure('stale', 'The folder is not known any more');
    if (!this.#known.known(folder)) return this.#listed(folder, 'user', signal);
    if (performance.now() < this.#unreachableUntilMs) return;
    // Nobody's signal ends this one: it goes on behind the back of those who took the old listing.
    const relisted = this.#listed(folder, 'user').catch((error: unknown) => {
      if (!failedWith(error, ...passing)) throw error;
      if (error.code === 'offline') this.#unreachableUntilMs = performance.now() + offlinePauseMs;
    });
    const soon = withPatience(relisted, patienceMs, () => {
      this.#unreachableUntilMs = performance.now() + offlinePauseMs;
    });
    return untilAborted(soon, signal);
  }

  /** Nobody knows for sure that the revision tells of every change: one of the folders that are looked at is listed again. */
  #checkNowAndThen(folder: FolderNode): void {
    const now = performance.now();
    if (now < this.#nextCheckMs) return;
    const known = this.#known.known(folder);
    if (!known || !this.#freshness.isWorthChecking(known.stamp)) return;
    this.#nextCheckMs = now + checkPauseMs;
    // What it fails with, whoever needs the folder will be told.
    this.#listed(folder, 'background').catch(() => {});
  }

  #listed(folder: FolderNode, priority: Priority, signal?: AbortSignal): Promise<void> {
    const key = `${this.#known.era}/${folder.id}`;
    this.#urgencies.get(key)?.raise(priority);
    return this.#listings.run(
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
      this.#unreachableUntilMs = 0;
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
    const isOld = isAnother || merge.isBehind;
    await this.#known.putListing(folder, isOld ? distrusted : stamp, before, merged, yieldToOthers);
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

/** A look at what is known, by somebody who can go without: undefined when the store turns out to be damaged, or cannot be read. */
function unlessLost<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (failedWith(error, 'damaged-store', 'local')) return undefined;
    throw error;
  }
}
