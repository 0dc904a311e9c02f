import { LRUCache } from 'lru-cache';
import { steadyDateMs } from '../async/steady-date.ts';
import type { DiskPath } from '../disk-api/paths.ts';
import { Failure } from '../errors.ts';
import { Claims } from './claims.ts';
import { asNode } from './folders-above.ts';
import { distrusted, type Stamp } from './freshness.ts';
import { leftBehind } from './leaving.ts';
import { type MergedListing, writeListing } from './listing-writer.ts';
import type { LocalTree } from './local-tree.ts';
import { MendableStore, type MendableStoreOptions } from './mendable-store.ts';
import type { Change, Elsewhere } from './merge.ts';
import { type Children, type FolderNode, type Node, rootId } from './node.ts';
import type { FileHashes, TreeStore } from './tree-store.ts';

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

interface KnownTreeOptions extends MendableStoreOptions {
  /** The folder of the Disk that is shown as root. */
  readonly root: DiskPath;
  /** What differs here: its numbers are not given to others, and what it has on the server gets them back. */
  readonly local: Pick<
    LocalTree,
    'all' | 'node' | 'basedAt' | 'intendedAt' | 'replacedAt' | 'isPast' | 'foldersAbove' | 'isFolderAbove'
  >;
}

/** Nodes in memory: some 900 bytes each with their strings. A folder that is larger is read from the store each time. */
const keptNodes = 105_000;
const keptFolderNodes = 20_000;
/** A single name of a larger folder is looked up in the store; the whole of a smaller one is fetched into memory for it. */
const fetchedWholeEntries = 2_000;
/** Of files of one size, or with the same bytes, so many are looked at. */
const mostAlike = 100;

/**
 * What is known of the tree without asking anybody: lru-cache over the store.
 *
 * INVARIANT: what memory holds of a folder is in the store, or could not be written there. After a damaged store only the root is known.
 */
export class KnownTree {
  readonly #options: KnownTreeOptions;
  readonly #folders = new LRUCache<number, KnownFolder>({
    maxSize: keptNodes,
    sizeCalculation: ({ children }) => Math.min(keptNodes, 1 + (children?.size ?? 0)),
  });
  readonly #folderNodes = new LRUCache<number, FolderNode>({ max: keptFolderNodes });
  readonly #store: MendableStore;
  readonly #claims: Claims;
  #lastId: number;
  #root: FolderNode | undefined;
  #anyShared = false;

  /** @throws Failure 'too-new' */
  constructor(options: KnownTreeOptions) {
    this.#options = options;
    this.#lastId = this.#lastLocalId();
    this.#store = new MendableStore(options, {
      load: (store) => {
        const lastId = Math.max(store.lastId(), this.#lastId);
        const root = storedRoot(store, options.root);
        this.#anyShared = store.hasShared();
        this.#lastId = lastId;
        this.#root = root;
      },
      onBegun: () => this.#onBegun(),
      onRolledBack: () => this.#onRolledBack(),
    });
    this.#claims = new Claims({
      local: options.local,
      node: (id) => this.node(id),
      byResource: (resourceId) => this.#store.read((store) => store.byResource(resourceId, this.#pathOf)),
      isAtOrAbove: (id, folder) => this.#isAtOrAbove(id, folder),
      newId: () => this.newId(),
    });
    this.#takeFoldersAbove();
  }

  /** Counts stores: ids of an earlier one mean nothing. */
  get era(): number {
    return this.#store.era;
  }

  get root(): FolderNode | undefined {
    return this.#root;
  }

  setRoot(root: FolderNode): void {
    this.#root = root;
    this.#anyShared ||= root.remote.shared;
    this.#store.quietly((store) => store.put([root]));
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
    const node = this.#store.read((store) => store.node(id, this.#pathOf));
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
    const listing = this.#store.read((store) => store.listing(folder.id));
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
    const children = this.#store.read((store) => store.children(folder.id, this.#pathOf));
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
      return this.#store.read((store) => store.child(folder.id, name, this.#pathOf));
    return this.children(folder).get(name);
  }

  /** Where a resource is by what is known, for readers whose file was moved. */
  whereIs(resourceId: string): DiskPath | undefined {
    return this.#store.read((store) => store.byResource(resourceId, this.#pathOf))[0]?.remote.path;
  }

  /** Large files of this size, a bounded number; with hashes, only those that have one of them. */
  filesOf(sizeBytes: number, hashes?: FileHashes): Node[] {
    return this.#store.read((store) => store.ofSize(sizeBytes, hashes, mostAlike, this.#pathOf));
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

  /** Whoever has it open goes on with it; nobody else sees it. */
  isDeletedHere(id: number): boolean {
    return this.#options.local.node(id)?.state === 'deleted';
  }

  /** As `Claims`. */
  isClaimed(id: number): boolean {
    return this.#claims.isClaimed(id);
  }

  /** What a merge into this folder may take from others. */
  elsewhere(into: FolderNode): Elsewhere {
    return this.#claims.elsewhere(into);
  }

  /** What a merge into this folder starts from. */
  before(folder: FolderNode): Before {
    return { known: this.known(folder), children: this.children(folder), rollbacks: this.#store.rollbacks };
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
    const { era } = this.#store;
    this.#moveFolders(changes);
    const left = this.#leaveOldPlaces(folder, changes);
    this.#anyShared ||= changes.some(({ node }) => node.remote.shared);
    // While it is written, the store has but a part of what it had.
    if (!this.#folders.peek(folder.id)?.children) this.#folders.delete(folder.id);
    // What the store took back since is not there any more.
    const sumBefore = before.rollbacks === this.#store.rollbacks ? before.known?.checksum : undefined;
    const written = { folder, revision: stamp.revision, sumBefore, merged, left };
    const checksum = await this.#store.written((store) =>
      writeListing(written, {
        store,
        folderOf: (id) => this.folder(id),
        rollbacks: () => this.#store.rollbacks,
        pause,
      }),
    );
    if (era !== this.#store.era) throw new Failure('stale', 'What was known was lost meanwhile; look again');
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
    const id = this.#store.read((store) => store.unlistedFolder(afterId));
    return id === undefined ? undefined : this.folder(id);
  }

  /** Forgets what was lost so long ago that it will not turn up any more; a bounded number at a time. @returns whether there is more */
  forgetLost(beforeMs: number): boolean {
    return this.#store.read((store) => store.forgetLost(beforeMs));
  }

  /** Forgets a node as if it had never been shown; what is there gets another number with the next listing of its folder. */
  letGo(id: number): void {
    const node = this.node(id);
    if (!node || id === rootId) return;
    this.#store.quietly((store) => store.forget(id, node.parentId));
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
    this.#store.quietly((store) => store.commit());
  }

  sync(): void {
    this.#store.quietly((store) => store.sync());
  }

  /** What is listed after that is not kept. */
  close(): void {
    this.#store.close();
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
    this.#store.quietly((store) => {
      const folders = [...this.#options.local.foldersAbove()];
      store.putLost(folders.filter(({ id }) => !store.parentOf(id)).map(asNode), steadyDateMs());
    });
  }

  readonly #pathOf = (folderId: number): DiskPath => {
    const folder = this.folder(folderId);
    if (!folder) throw new Failure('damaged-store', `A folder is missing in the store: ${folderId}`);
    return folder.remote.path;
  };

  /** Something that was written is not in the store after all: what is in memory is to be written as a whole, at its next listing. */
  #onRolledBack(): void {
    // A copy: what is set anew while they are gone through would come again and again.
    for (const [id, known] of [...this.#folders.entries()].reverse()) {
      // Of what is in the store only, the store says by itself whether it is whole.
      if (known.children) this.#folders.set(id, { ...known, checksum: undefined });
      else this.#folders.delete(id);
    }
  }

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

  /** @returns the folders that something left for this one, by number, as they are from now on */
  #leaveOldPlaces(folder: FolderNode, changes: readonly Change[]): ReadonlyMap<number, KnownFolder> {
    const left = leftBehind(folder, changes, {
      folder: (id) => this.folder(id),
      known: (other) => this.known(other),
      children: (other) => this.children(other),
    });
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

  #onBegun(): void {
    this.#folders.clear();
    this.#folderNodes.clear();
    if (this.#root) this.setRoot(this.#root);
  }
}

function storedRoot(store: TreeStore, path: DiskPath): FolderNode | undefined {
  const node = store.node(rootId, () => '');
  return node?.kind === 'folder' ? { ...node, remote: { ...node.remote, path } } : undefined;
}
