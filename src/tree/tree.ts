import { withPatience } from '../async/patience.ts';
import { untilAborted } from '../async/shared-tasks.ts';
import type { Priority } from '../async/urgency.ts';
import type { Api } from '../disk-api/api.ts';
import type { DiskPath } from '../disk-api/paths.ts';
import { Failure, failedWith } from '../errors.ts';
import { FoldersInUse } from './folders-in-use.ts';
import type { Freshness } from './freshness.ts';
import { HeldNodes } from './held-nodes.ts';
import type { KnownTree } from './known-tree.ts';
import { Listings, type ListingsOptions } from './listings.ts';
import { type Children, type FolderNode, type Node, rootId } from './node.ts';
import type { FileHashes } from './tree-store.ts';

interface TreeOptions extends ListingsOptions {
  /** The folder of the Disk that is shown as root. */
  readonly root: DiskPath;
}

/** A server that takes longer than this to list a known folder again is not waited for; the old listing is shown once more. */
const patienceMs = 2_000;
/** When the server cannot be reached, or not soon, a known listing is shown, and the server is asked again only after this long. */
const offlinePauseMs = 5_000;
/** A listing that is good by the revision is checked no more often than this, whatever is looked at. */
const checkPauseMs = 5_000;
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
  readonly #known: KnownTree;
  readonly #freshness: Freshness;
  readonly #options: TreeOptions;
  readonly #held: HeldNodes;
  readonly #listings: Listings;
  #unreachableUntilMs = 0;
  #nextCheckMs = 0;

  constructor(api: Api, known: KnownTree, freshness: Freshness, options: TreeOptions) {
    this.#known = known;
    this.#freshness = freshness;
    this.#options = options;
    this.#held = new HeldNodes((id) => known.isDeletedHere(id));
    this.#listings = new Listings(api, known, this.#held, freshness, options);
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
    try {
      await this.#listings.putRoot(root, signal);
    } catch (cause) {
      if (!failedWith(cause, 'not-found', 'not-a-folder')) throw cause;
      const message =
        cause.code === 'not-found' ? `There is no such folder on the Disk: ${root}` : cause.message;
      throw new Failure(cause.code, message, {
        path: root,
        hint: '--root names a folder, as the Disk has it.',
        cause,
      });
    }
    // Killed in the next moment, it must be able to start off line.
    this.#known.commit();
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
    this.#held.letGo(id);
    await this.#listings.betweenMerges(() => unlessLost(() => this.#known.letGo(id)));
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
    this.#listings.noteMade(folderId);
  }

  /** Whether the last listing of a folder has shown there what was there before an effect of ours: nothing is known to be there. */
  showsPast(folderId: number, diskName: string): boolean {
    return this.#listings.showsPast(folderId, diskName);
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

  async #listed(folder: FolderNode, priority: Priority, signal?: AbortSignal): Promise<void> {
    await this.#listings.list(folder, priority, signal);
    this.#unreachableUntilMs = 0;
  }
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
