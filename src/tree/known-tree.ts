import { LRUCache } from 'lru-cache';
import { setAside } from '../database/set-aside.ts';
import type { DiskPath } from '../disk-api/paths.ts';
import { Failure, failedWith } from '../errors.ts';
import type { FolderAbove } from './folders-above.ts';
import { distrusted, type Stamp } from './freshness.ts';
import { type MergedListing, subtract, sumOf, writeListing } from './listing-writer.ts';
import type { LocalTree } from './local-tree.ts';
import type { Change, Elsewhere } from './merge.ts';
import { shownName } from './names.ts';
import { type Children, type FolderNode, type Node, type RemoteSide, rootId } from './node.ts';
import { isExplained } from './sameness.ts';
import { epoch } from './times.ts';
import { addChecksums, type FileHashes, TreeStore } from './tree-store.ts';

/** A folder whose entries are all known, as one listing showed them. */
interface KnownFolder {
  readonly stamp: Stamp;
  /** Undefined while they are in the store only. */
  readonly children: Children | undefined;
  readonly entries: number;
  /** The sum over all entries that the store has; undefined when it could not be written. */
  readonly checksum: number | undefined;
}

/** What was known of a folder when a merge began. */
interface Before {
  readonly known: KnownFolder | undefined;
  readonly children: Children;
  /** How often the store had taken something back by then. */
  readonly rollbacks: number;
}

interface KnownTreeOptions {
  readonly storeFile: string;
  /** The folder of the Disk that is shown as root. */
  readonly root: DiskPath;
  /** What differs here: its numbers are not given to others, and what it has on the server gets them back. */
  readonly local: Pick<
    LocalTree,
    'all' | 'node' | 'basedAt' | 'intendedAt' | 'replacedAt' | 'isPast' | 'foldersAbove' | 'isFolderAbove'
  >;
  /** Told when the store turned out to be damaged, and under which name it was set aside; undefined where it had to stay. */
  readonly onDamage: (failure: Failure, aside: string | undefined) => void;
  /** Told now and then while something cannot be written into the store; the tree goes on in memory. */
  readonly onUnwritten: (failure: Failure) => void;
}

/** Nodes in memory: some 900 bytes each with their strings. A folder that is larger is read from the store each time. */
const keptNodes = 105_000;
const keptFolderNodes = 20_000;
/** A single name of a larger folder is looked up in the store; the whole of a smaller one is fetched into memory for it. */
const fetchedWholeEntries = 2_000;
/** Of files of one size, or with the same bytes, so many are looked at. */
const mostAlike = 100;
/** A full disk refuses each listing of a walk: that is said no more often than this. */
const tellAgainMs = 60_000;

/**
 * What is known of the tree without asking anybody: lru-cache over the store.
 *
 * INVARIANT: what memory holds of a folder is in the store, or could not be written there. A store that is damaged is set aside,
 * never deleted, and a new one begun; then only the root is known.
 */
export class KnownTree {
  readonly #options: KnownTreeOptions;
  readonly #folders = new LRUCache<number, KnownFolder>({
    maxSize: keptNodes,
    sizeCalculation: ({ children }) => Math.min(keptNodes, 1 + (children?.size ?? 0)),
  });
  readonly #folderNodes = new LRUCache<number, FolderNode>({ max: keptFolderNodes });
  #store: TreeStore;
  #lastId: number;
  #root: FolderNode | undefined;
  #anyShared = false;
  /** Counts stores: ids of an earlier one mean nothing. */
  #era = 0;
  /** Counts what the store took back after it had been written: what was read of it before that may not be there any more. */
  #rollbacks = 0;
  #toldUnwrittenMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  /** @throws Failure 'too-new' */
  constructor(options: KnownTreeOptions) {
    this.#options = options;
    this.#lastId = rootId;
    let store: TreeStore | undefined;
    try {
      store = new TreeStore(options.storeFile, this.#onRolledBack);
      this.#lastId = Math.max(store.lastId(), this.#lastLocalId());
      this.#root = storedRoot(store, options.root);
      this.#anyShared = store.hasShared();
      this.#store = store;
    } catch (error) {
      this.#store = this.#begun(error, store);
      this.#lastId = this.#lastLocalId();
      this.#root = undefined;
    }
    this.#takeFoldersAbove();
  }

  get era(): number {
    return this.#era;
  }

  get root(): FolderNode | undefined {
    return this.#root;
  }

  setRoot(root: FolderNode): void {
    this.#root = root;
    this.#anyShared ||= root.remote.shared;
    this.#quietly(() => this.#store.put([root]));
    this.#takeFoldersAbove();
  }

  /** Undefined where no such folder is known. */
  folder(id: number): FolderNode | undefined {
    const node = this.node(id);
    return node?.kind === 'folder' ? node : undefined;
  }

  /** Lost ones too. */
  node(id: number): Node | undefined {
    if (id === rootId) return this.#root;
    const kept = this.#folderNodes.get(id);
    if (kept) return kept;
    const node = this.#read(() => this.#store.node(id, this.#pathOf));
    if (node?.kind === 'folder') this.#folderNodes.set(id, node);
    return node;
  }

  newId(): number {
    return ++this.#lastId;
  }

  /** A folder that was handed out as it is by now; undefined where it is not known any more. */
  current(folder: FolderNode): FolderNode | undefined {
    const known = this.folder(folder.id);
    if (known) return known;
    // Where the store could not take it, only the folder above still shows it.
    const parent = this.folder(folder.parentId);
    const shown = parent && this.child(parent, folder.name);
    if (shown?.kind !== 'folder' || shown.id !== folder.id) return undefined;
    this.#folderNodes.set(shown.id, shown);
    return shown;
  }

  /** Part of what others share with us: by itself, or by a folder above it. */
  isShared(folder: FolderNode): boolean {
    if (!this.#anyShared) return false;
    let node: FolderNode | undefined = folder;
    while (node) {
      if (node.remote.shared) return true;
      node = node.id === rootId ? undefined : this.folder(node.parentId);
    }
    return false;
  }

  /** Undefined where it was never listed. */
  known(folder: FolderNode): KnownFolder | undefined {
    const kept = this.#folders.get(folder.id);
    if (kept) return kept;
    const listing = this.#read(() => this.#store.listing(folder.id));
    if (!listing) return undefined;
    const stamp = { revision: listing.revision, askedAtMs: Number.NEGATIVE_INFINITY };
    const known = { ...listing, stamp, children: undefined };
    this.#folders.set(folder.id, known);
    return known;
  }

  /** All that is known of a folder's entries, listed or not. */
  children(folder: FolderNode): Children {
    const kept = this.#folders.get(folder.id);
    if (kept?.children) return kept.children;
    const children = this.#read(() => this.#store.children(folder.id, this.#pathOf));
    if (kept && children.size < keptNodes) this.#folders.set(folder.id, { ...kept, children });
    return children;
  }

  /** All entries of a listed folder, if they are in memory. */
  childrenAtHand(folder: FolderNode): Children | undefined {
    return this.#folders.peek(folder.id)?.children;
  }

  child(folder: FolderNode, name: string): Node | undefined {
    const kept = this.#folders.get(folder.id);
    if (kept && !kept.children && kept.entries > fetchedWholeEntries)
      return this.#read(() => this.#store.child(folder.id, name, this.#pathOf));
    return this.children(folder).get(name);
  }

  /** Where a resource is by what is known, for readers whose file was moved. */
  whereIs(resourceId: string): DiskPath | undefined {
    return this.#read(() => this.#store.byResource(resourceId, this.#pathOf))[0]?.remote.path;
  }

  /** Large files of this size, a bounded number; with hashes, only those that have one of them. */
  filesOf(sizeBytes: number, hashes?: FileHashes): Node[] {
    return this.#read(() => this.#store.ofSize(sizeBytes, hashes, mostAlike, this.#pathOf));
  }

  /** What is known of the folder stays, but is not believed any more. */
  distrust(folderId: number): void {
    const kept = this.#folders.get(folderId);
    if (kept) this.#folders.set(folderId, { ...kept, stamp: distrusted });
  }

  /** Another stamp for what is known of a folder. */
  restamp(folderId: number, change: (stamp: Stamp) => Stamp): void {
    const kept = this.#folders.get(folderId);
    if (kept) this.#folders.set(folderId, { ...kept, stamp: change(kept.stamp) });
  }

  /** We have put it somewhere, and nothing but its place there is known of it. */
  isClaimed(id: number): boolean {
    const base = this.#options.local.node(id)?.base;
    return base !== undefined && base.resourceId === undefined;
  }

  /** What a merge into this folder may take from others. */
  elsewhere(into: FolderNode): Elsewhere {
    return {
      // What was above is beneath by now: until the folders above tell so, it would be a ring without an end.
      find: (resourceId) =>
        this.#read(() => this.#store.byResource(resourceId, this.#pathOf)).find(
          ({ id }) => !this.#isAtOrAbove(id, into),
        ),
      claimed: (folderId, diskName, kind, shown) => {
        const ours = this.#oursAt(folderId, diskName, kind, shown);
        if (!ours) return undefined;
        const known = this.node(ours.id);
        if (known && ours.resourceId !== undefined) {
          // What is known by its resource is found by that, wherever it is.
          if (known.remote.resourceId === ours.resourceId) return undefined;
          // It was known as another one, and a look has shown this one since.
          if (shown.resourceId !== ours.resourceId) return undefined;
        }
        // A folder that is above this one by what was known is not beneath it.
        if (known && this.#isAtOrAbove(ours.id, into)) return undefined;
        return { id: ours.id, known };
      },
      isClaimed: (id) => this.isClaimed(id),
      isPast: (folderId, diskName, shown) => this.#options.local.isPast(folderId, diskName, shown),
      isAboveUnsent: (id) => this.#options.local.isFolderAbove(id),
      newId: () => this.newId(),
    };
  }

  /** What we have put there, or may have; what stands there that ours is to replace. */
  #oursAt(
    folderId: number,
    diskName: string,
    kind: Node['kind'],
    shown: Pick<RemoteSide, 'content'>,
  ): { readonly id: number; readonly resourceId: string | undefined } | undefined {
    const { local } = this.#options;
    const intended = local.intendedAt(folderId, diskName);
    if (intended?.kind === kind && isExplained(intended, shown.content))
      return { id: intended.id, resourceId: undefined };
    const based = local.basedAt(folderId, diskName);
    if (based) return based.kind === kind ? { id: based.id, resourceId: based.base?.resourceId } : undefined;
    const replaced = kind === 'file' ? local.replacedAt(folderId, diskName) : undefined;
    return replaced && { id: replaced.id, resourceId: replaced.base.resourceId };
  }

  /** What a merge into this folder starts from. */
  before(folder: FolderNode): Before {
    return { known: this.known(folder), children: this.children(folder), rollbacks: this.#rollbacks };
  }

  /**
   * Takes over what a listing has shown. Pauses between parts of a large one; until the last part is written, the folder counts as
   * not listed in the store.
   * @throws Failure 'stale' when the store was found damaged meanwhile: the new one knows nothing of the folder
   */
  async putListing(
    folder: FolderNode,
    stamp: Stamp,
    before: Before,
    merged: MergedListing,
    pause: () => Promise<void>,
  ): Promise<void> {
    const { children, changes } = merged;
    const era = this.#era;
    this.#moveFolders(changes);
    const left = this.#leaveOldPlaces(folder, changes);
    this.#anyShared ||= changes.some(({ node }) => node.remote.shared);
    // While it is written, the store has but a part of what it had.
    if (!this.#folders.peek(folder.id)?.children) this.#folders.delete(folder.id);
    // What the store took back since is not there any more.
    const sumBefore = before.rollbacks === this.#rollbacks ? before.known?.checksum : undefined;
    const written = { folder, revision: stamp.revision, sumBefore, merged, left };
    const checksum = await this.#written(() =>
      writeListing(written, {
        store: this.#store,
        folderOf: (id) => this.folder(id),
        rollbacks: () => this.#rollbacks,
        pause,
      }),
    );
    if (era !== this.#era) throw new Failure('stale', 'What was known was lost meanwhile; look again');
    // Also where the store cannot take them, what is beneath is to be found.
    for (const { node } of changes) if (node.kind === 'folder') this.#folderNodes.set(node.id, node);
    const kept = { stamp, children, entries: children.size, checksum };
    for (const [id, known] of [[folder.id, kept] as const, ...left]) {
      const isStored = checksum !== undefined && known.checksum !== undefined;
      this.#folders.set(id, {
        ...known,
        // Where they are nowhere else, they stay in memory however many they are.
        children: isStored && known.entries >= keptNodes ? undefined : known.children,
        checksum: isStored ? known.checksum : undefined,
      });
    }
  }

  /** A folder that was never listed, behind this one; undefined when there is none. */
  unlistedFolder(afterId: number): FolderNode | undefined {
    const id = this.#read(() => this.#store.unlistedFolder(afterId));
    return id === undefined ? undefined : this.folder(id);
  }

  /** Forgets what was lost so long ago that it will not turn up any more; a bounded number at a time. @returns whether there is more */
  forgetLost(beforeMs: number): boolean {
    return this.#read(() => this.#store.forgetLost(beforeMs));
  }

  /** Forgets a node as if it had never been shown; what is there gets another number with the next listing of its folder. */
  letGo(id: number): void {
    const node = this.node(id);
    if (!node || id === rootId) return;
    this.#quietly(() => this.#store.forget(id, node.parentId));
    if (node.kind === 'folder') {
      this.#folders.clear();
      this.#folderNodes.clear();
    }
    const known = this.#folders.get(node.parentId);
    if (!known?.children) {
      this.#folders.delete(node.parentId);
      return;
    }
    const children = new Map(known.children);
    if (children.get(node.name)?.id === id) children.delete(node.name);
    this.#folders.set(node.parentId, {
      stamp: distrusted,
      children,
      entries: children.size,
      checksum: undefined,
    });
  }

  commit(): void {
    this.#quietly(() => this.#store.commit());
  }

  sync(): void {
    this.#quietly(() => this.#store.sync());
  }

  /** What is listed after that is not kept. */
  close(): void {
    this.#quietly(() => this.#store.close());
    this.#isClosed = true;
  }

  #lastLocalId(): number {
    let lastId = rootId;
    const { local } = this.#options;
    for (const { id, replaces } of local.all()) lastId = Math.max(lastId, id, replaces?.id ?? 0);
    for (const { id } of local.foldersAbove()) lastId = Math.max(lastId, id);
    return lastId;
  }

  /** Folders above unsent work that the store has lost are lost ones for it, until a listing shows where they are. */
  #takeFoldersAbove(): void {
    if (!this.#root) return;
    this.#quietly(() => {
      const folders = [...this.#options.local.foldersAbove()];
      this.#store.putLost(folders.filter(({ id }) => !this.#store.parentOf(id)).map(barely), Date.now());
    });
  }

  readonly #pathOf = (folderId: number): DiskPath => {
    const folder = this.folder(folderId);
    if (!folder) throw new Failure('damaged-store', `A folder is missing in the store: ${folderId}`);
    return folder.remote.path;
  };

  /** Something that was written is not in the store after all: what is in memory is to be written as a whole, at its next listing. */
  readonly #onRolledBack = (failure: Failure): void => {
    this.#rollbacks++;
    // A copy: what is set anew while they are gone through would come again and again.
    for (const [id, known] of [...this.#folders.entries()].reverse()) {
      // Of what is in the store only, the store says by itself whether it is whole.
      if (known.children) this.#folders.set(id, { ...known, checksum: undefined });
      else this.#folders.delete(id);
    }
    this.#tellUnwritten(failure);
  };

  /** What is beneath a folder that moved has another path. */
  #moveFolders(changes: readonly Change[]): void {
    const isMoved = changes.some(
      (change) =>
        change.kind !== 'new' &&
        change.node.kind === 'folder' &&
        change.node.remote.path !== change.before.remote.path,
    );
    if (isMoved) {
      this.#folders.clear();
      this.#folderNodes.clear();
    }
    for (const { node } of changes) if (node.kind === 'folder') this.#folderNodes.set(node.id, node);
  }

  /**
   * What moved here is not where it was any more. All of that is read before any of it is written: in between, the store's sums would be
   * those of another moment.
   * @returns the folders that it left, by number, as they are from now on
   */
  #leaveOldPlaces(folder: FolderNode, changes: readonly Change[]): ReadonlyMap<number, KnownFolder> {
    const left = new Map<number, { children: Map<string, Node>; checksum: number | undefined }>();
    for (const change of changes) {
      if (change.kind === 'new') continue;
      const { node, before } = change;
      if (before.parentId === folder.id) continue;
      const otherFolder = this.folder(before.parentId);
      if (!otherFolder) continue;
      const known = this.known(otherFolder);
      // One copy for all that leave the same folder.
      const other = left.get(otherFolder.id) ?? {
        children: new Map(this.children(otherFolder)),
        checksum: known?.checksum,
      };
      const shown = other.children.get(before.name);
      if (!known || shown?.id !== before.id) continue;
      left.set(otherFolder.id, other);
      const stays = node.parentId === before.parentId;
      if (stays) other.children.set(node.name, node);
      else other.children.delete(before.name);
      if (other.checksum !== undefined)
        other.checksum = addChecksums(subtract(other.checksum, shown), stays ? sumOf([node]) : 0);
    }
    const asLeft = new Map<number, KnownFolder>();
    for (const [id, { children, checksum }] of left)
      asLeft.set(id, { stamp: distrusted, children, entries: children.size, checksum });
    for (const [id, known] of asLeft) this.#folders.set(id, known);
    return asLeft;
  }

  #isAtOrAbove(id: number, folder: FolderNode): boolean {
    let node: FolderNode | undefined = folder;
    while (node && node.id !== id) node = node.id === rootId ? undefined : this.folder(node.parentId);
    return node !== undefined;
  }

  /** @throws Failure 'damaged-store' after a new store was begun; 'local' */
  #read<T>(task: () => T): T {
    try {
      return task();
    } catch (error) {
      if (failedWith(error, 'damaged-store')) this.#begin(error);
      throw error;
    }
  }

  /** @returns what the task returns; undefined when not all was written */
  async #written<T>(task: () => Promise<T>): Promise<T | undefined> {
    const era = this.#era;
    try {
      return await task();
    } catch (error) {
      if (era === this.#era) this.#notWritten(error);
      return undefined;
    }
  }

  #quietly(task: () => void): void {
    try {
      task();
    } catch (error) {
      this.#notWritten(error);
    }
  }

  #notWritten(error: unknown): void {
    if (this.#isClosed) return;
    if (failedWith(error, 'damaged-store')) this.#begin(error);
    else if (error instanceof Failure) this.#tellUnwritten(error);
    else throw error;
  }

  #tellUnwritten(failure: Failure): void {
    const now = performance.now();
    if (now - this.#toldUnwrittenMs < tellAgainMs) return;
    this.#toldUnwrittenMs = now;
    this.#options.onUnwritten(failure);
  }

  #begin(failure: Failure): void {
    this.#store = this.#begun(failure, this.#store);
    this.#era++;
    this.#folders.clear();
    this.#folderNodes.clear();
    if (this.#root) this.setRoot(this.#root);
  }

  /** A store in place of one that is damaged, or cannot be used. @throws what is no matter of the store, and Failure 'too-new' */
  #begun(error: unknown, unusable?: TreeStore): TreeStore {
    const { storeFile } = this.#options;
    try {
      if (!failedWith(error, 'damaged-store')) {
        unusable?.close();
        throw error;
      }
      this.#setAside(error, unusable);
      return new TreeStore(storeFile, this.#onRolledBack);
    } catch (hindrance) {
      if (!failedWith(hindrance, 'local', 'no-space', 'damaged-store')) throw hindrance;
      this.#tellUnwritten(hindrance);
      // Until the next start it is kept in memory alone.
      return new TreeStore(':memory:', this.#onRolledBack);
    }
  }

  #setAside(failure: Failure, damaged: TreeStore | undefined): void {
    let aside: string | undefined;
    try {
      aside = damaged ? damaged.setAside() : setAside(this.#options.storeFile);
    } finally {
      this.#options.onDamage(failure, aside);
    }
  }
}

/** As a node of which no more is known than that. */
function barely({ id, parentId, name, resourceId }: FolderAbove): FolderNode {
  return {
    id,
    parentId,
    name: shownName(name),
    kind: 'folder',
    remote: {
      name,
      // Told by the folders above it when it is read.
      path: '',
      resourceId,
      revision: undefined,
      modified: epoch,
      mediaType: undefined,
      mimeType: undefined,
      publicUrl: undefined,
      shared: false,
      properties: undefined,
      content: undefined,
    },
  };
}

function storedRoot(store: TreeStore, path: DiskPath): FolderNode | undefined {
  const node = store.node(rootId, () => '');
  return node?.kind === 'folder' ? { ...node, remote: { ...node.remote, path } } : undefined;
}
