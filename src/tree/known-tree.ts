import { LRUCache } from 'lru-cache';
import { setAside } from '../database/set-aside.ts';
import type { DiskPath } from '../disk-api/paths.ts';
import { Failure, failedWith } from '../errors.ts';
import { distrusted, type Stamp } from './freshness.ts';
import type { Change, Elsewhere } from './merge.ts';
import { type Children, type FolderNode, type Node, rootId } from './node.ts';
import { checksumIn, recordOf } from './node-record.ts';
import { addChecksums, rowsAtOnce, TreeStore } from './tree-store.ts';

/** A folder whose entries are all known, as one listing showed them. */
interface KnownFolder {
  readonly stamp: Stamp;
  /** Undefined while they are in the store only. */
  readonly children: Children | undefined;
  readonly entries: number;
  /** The sum over all entries that the store has; undefined when it could not be written. */
  readonly checksum: number | undefined;
}

/** What a merge has come to. */
interface MergedListing {
  readonly children: Children;
  readonly changes: readonly Change[];
  readonly gone: readonly Node[];
}

interface KnownTreeOptions {
  readonly storeFile: string;
  /** The folder of the Disk that is shown as root. */
  readonly root: DiskPath;
  /** Told when the store turned out to be damaged, and under which name it was set aside. */
  readonly onDamage: (failure: Failure, aside: string) => void;
  /** Told when something could not be written into the store; the tree goes on in memory. */
  readonly onUnwritten: (failure: Failure) => void;
}

/** Nodes in memory: some 900 bytes each with their strings. A folder that is larger is read from the store each time. */
const keptNodes = 105_000;
const keptFolderNodes = 20_000;
/** A single name of a larger folder is looked up in the store; the whole of a smaller one is fetched into memory for it. */
const fetchedWholeEntries = 2_000;

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
  #isClosed = false;

  /** @throws Failure 'too-new', 'local', 'no-space' */
  constructor(options: KnownTreeOptions) {
    this.#options = options;
    try {
      this.#store = new TreeStore(options.storeFile, this.#onRolledBack);
      this.#lastId = this.#store.lastId();
      this.#root = this.#storedRoot();
      this.#anyShared = this.#store.hasShared();
    } catch (error) {
      if (!failedWith(error, 'damaged-store')) throw error;
      this.#store = this.#begun(error);
      this.#lastId = rootId;
    }
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
  }

  /** Undefined where no such folder is known. */
  folder(id: number): FolderNode | undefined {
    if (id === rootId) return this.#root;
    const kept = this.#folderNodes.get(id);
    if (kept) return kept;
    const node = this.#read(() => this.#store.node(id, this.#pathOf));
    if (node?.kind !== 'folder') return undefined;
    this.#folderNodes.set(id, node);
    return node;
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

  /** What is known of the folder stays, but is not believed any more. */
  distrust(folderId: number): void {
    const kept = this.#folders.get(folderId);
    if (kept) this.#folders.set(folderId, { ...kept, stamp: distrusted });
  }

  /** For a merge into this folder. */
  elsewhere(into: FolderNode): Elsewhere {
    return {
      // What was above is beneath by now: until the folders above tell so, it would be a ring without an end.
      find: (resourceId) =>
        this.#read(() => this.#store.byResource(resourceId, this.#pathOf)).find(
          ({ id }) => !this.#isAtOrAbove(id, into),
        ),
      newId: () => ++this.#lastId,
    };
  }

  /**
   * Takes over what a listing has shown. Pauses between parts of a large one; until the last part is written, the folder counts as
   * not listed in the store.
   * @throws Failure 'stale' when the store was found damaged meanwhile: the new one knows nothing of the folder
   */
  async putListing(
    folder: FolderNode,
    stamp: Stamp,
    before: Children,
    merged: MergedListing,
    pause: () => Promise<void>,
  ): Promise<void> {
    const { children, changes, gone } = merged;
    const era = this.#era;
    const known = this.known(folder);
    const left = new Map<number, Map<string, Node>>();
    for (const change of changes) this.#leaveOldPlace(folder, change, left);
    this.#anyShared ||= changes.some(({ node }) => node.remote.shared);
    // What could not be written the last time is written now, with all else of the folder.
    const isWhole = known !== undefined && known.checksum === undefined;
    let checksum = isWhole ? 0 : (known?.checksum ?? sumOf(before.values()));
    const put = isWhole ? [...children.values()] : changes.map(({ node }) => node);
    const isWritten = await this.#written(async () => {
      if (put.length > 0 || gone.length > 0) this.#store.unlist(folder.id);
      if (isWhole) this.#store.loseChildren(folder.id, Date.now());
      for (const node of isWhole ? [] : gone) checksum = subtract(checksum, node);
      for (const change of isWhole ? [] : changes) {
        if (change.kind === 'changed' && change.node.parentId === folder.id)
          checksum = subtract(checksum, change.before);
      }
      this.#store.lose(idsOf(gone), Date.now());
      this.#store.lose(
        idsOf(changes.flatMap((change) => (isRenamed(change) ? [change.node] : []))),
        Date.now(),
      );
      for (let start = 0; start < put.length; start += rowsAtOnce) {
        if (start > 0) await pause();
        const nodes = put.slice(start, start + rowsAtOnce);
        this.#store.put(nodes);
        checksum = addChecksums(checksum, sumOf(nodes.filter(({ parentId }) => parentId === folder.id)));
      }
      const { revision } = stamp;
      this.#store.putListing(folder.id, { revision, entries: children.size, checksum });
    });
    if (era !== this.#era) throw new Failure('stale', 'What was known was lost meanwhile; look again');
    // Also where the store cannot take them, what is beneath is to be found.
    for (const { node } of changes) if (node.kind === 'folder') this.#folderNodes.set(node.id, node);
    const isGiant = children.size >= keptNodes;
    this.#folders.set(folder.id, {
      stamp,
      // Where they are nowhere else, they stay in memory however many they are.
      children: isGiant && isWritten ? undefined : children,
      entries: children.size,
      checksum: isWritten ? checksum : undefined,
    });
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

  commit(): void {
    this.#quietly(() => this.#store.commit());
  }

  /** What is listed after that is not kept. */
  close(): void {
    this.#quietly(() => this.#store.close());
    this.#isClosed = true;
  }

  #storedRoot(): FolderNode | undefined {
    const node = this.#store.node(rootId, () => '');
    if (node?.kind !== 'folder') return undefined;
    return { ...node, remote: { ...node.remote, path: this.#options.root } };
  }

  readonly #pathOf = (folderId: number): DiskPath => {
    const folder = this.folder(folderId);
    if (!folder) throw new Failure('damaged-store', `A folder is missing in the store: ${folderId}`);
    return folder.remote.path;
  };

  /** Something that was written is not in the store after all: what is in memory is to be written as a whole, at its next listing. */
  readonly #onRolledBack = (failure: Failure): void => {
    // A copy, the least used first: what is set becomes the last used one, so that a walk over the cache itself has no end.
    for (const [id, known] of [...this.#folders.entries()].reverse())
      this.#folders.set(id, { ...known, checksum: undefined });
    this.#options.onUnwritten(failure);
  };

  /** What moved here is not where it was any more; what is beneath a folder that moved has another path. */
  #leaveOldPlace(folder: FolderNode, change: Change, left: Map<number, Map<string, Node>>): void {
    if (change.kind === 'new') return;
    const { node, before } = change;
    if (node.kind === 'folder') {
      this.#folderNodes.set(node.id, node);
      if (node.remote.path !== before.remote.path) this.#forgetPaths();
    }
    if (node.parentId === folder.id && before.parentId === folder.id) return;
    const otherFolder = this.folder(before.parentId);
    if (!otherFolder || this.child(otherFolder, before.name)?.id !== before.id) return;
    const known = this.known(otherFolder);
    // One copy for all that leave the same folder: nobody looks in between.
    const children = left.get(otherFolder.id) ?? new Map(this.children(otherFolder));
    left.set(otherFolder.id, children);
    const stays = node.parentId === before.parentId;
    if (stays) children.set(node.name, node);
    else children.delete(before.name);
    const change32 = addChecksums(stays ? sumOf([node]) : 0, -sumOf([before]));
    const checksum = known?.checksum === undefined ? undefined : addChecksums(known.checksum, change32);
    this.#quietly(() => this.#store.adjustListing(otherFolder.id, stays ? 0 : -1, change32));
    if (known)
      this.#folders.set(otherFolder.id, { stamp: distrusted, children, entries: children.size, checksum });
  }

  #forgetPaths(): void {
    this.#folders.clear();
    this.#folderNodes.clear();
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

  /** @returns whether all was written */
  async #written(task: () => Promise<void>): Promise<boolean> {
    const era = this.#era;
    try {
      await task();
      return true;
    } catch (error) {
      if (era !== this.#era) return false;
      this.#notWritten(error);
      return false;
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
    else if (error instanceof Failure) this.#options.onUnwritten(error);
    else throw error;
  }

  #begin(failure: Failure): void {
    this.#store = this.#begun(failure, this.#store);
    this.#era++;
    this.#folders.clear();
    this.#folderNodes.clear();
    if (this.#root) this.setRoot(this.#root);
  }

  #begun(failure: Failure, damaged?: TreeStore): TreeStore {
    const { storeFile, onDamage, onUnwritten } = this.#options;
    const aside = damaged ? damaged.setAside() : setAside(storeFile);
    onDamage(failure, aside);
    try {
      return new TreeStore(storeFile, this.#onRolledBack);
    } catch (error) {
      if (!failedWith(error, 'local', 'no-space', 'damaged-store')) throw error;
      onUnwritten(error);
      // Until the next start it is kept in memory alone.
      return new TreeStore(':memory:', this.#onRolledBack);
    }
  }
}

function isRenamed(change: Change): boolean {
  return change.kind !== 'new' && (change.kind === 'moved-here' || change.node.name !== change.before.name);
}

function idsOf(nodes: readonly Node[]): number[] {
  return nodes.map(({ id }) => id);
}

function sumOf(nodes: Iterable<Node>): number {
  let sum = 0;
  for (const node of nodes) sum = addChecksums(sum, checksumIn(recordOf(node)));
  return sum;
}

function subtract(sum: number, node: Node): number {
  return addChecksums(sum, -checksumIn(recordOf(node)));
}
