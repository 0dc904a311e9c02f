import type { Failure } from '../errors.ts';
import { type FolderAbove, FoldersAbove } from './folders-above.ts';
import type { LocalChange } from './local-change.ts';
import type { Base, LocalNode } from './local-node.ts';
import type { LocalStore } from './local-store.ts';
import type { FolderNode } from './node.ts';
import { lagMs, PastEntries, unseenMs } from './past-entries.ts';
import { placeKey } from './places.ts';

interface LocalTreeOptions {
  readonly store: LocalStore;
  /** Told of each row that could not be read, by its number; it stays until it is removed. The draft that it named is still there. */
  readonly onDamage: (failure: Failure, id: number) => void;
}

interface KnownBeside {
  /** Undefined for one that is not known, or that the Disk does not have yet. */
  readonly folder: (id: number) => FolderNode | undefined;
  /**
   * Keeps what is known, also over a loss of power. What no longer differs is forgotten since a listing has shown it so: without that listing
   * the next process would know neither.
   */
  readonly sync: () => void;
}

const none: ReadonlyMap<string, LocalNode> = new Map();
/** Rows of this many milliseconds are synced together. */
const syncDelayMs = 10;

/**
 * What differs here from the server: all of it in memory, and in a store that each change has reached before `apply` returns.
 *
 * INVARIANT: in a folder one shown node has a name. Indexes follow the nodes by `apply` and `touch` alone.
 */
export class LocalTree {
  readonly #store: LocalStore;
  readonly #nodes = new Map<number, LocalNode>();
  readonly #shown = new Map<number, Map<string, LocalNode>>();
  readonly #hidden = new Map<string, number>();
  /** Nodes by where the server has them. */
  readonly #bases = new Map<string, number>();
  /** … and by where a step is about to put them there. */
  readonly #intents = new Map<string, number>();
  /** Nodes by where what they replace stands on the server. */
  readonly #replacing = new Map<string, number>();
  readonly #past: PastEntries;
  readonly #foldersAbove: FoldersAbove;
  readonly #listeners = new Set<(change: LocalChange) => void>();
  #knownTree: KnownBeside | undefined;
  #syncing: Promise<void> | undefined;

  constructor({ store, onDamage }: LocalTreeOptions) {
    this.#store = store;
    for (const node of store.load(onDamage)) this.#index(node);
    this.#past = new PastEntries(store.loadPast());
    this.#foldersAbove = new FoldersAbove(store.loadFolders());
    store.forgetFolders(this.#foldersAbove.prune(this.#nodes.values()));
  }

  get size(): number {
    return this.#nodes.size;
  }

  all(): IterableIterator<LocalNode> {
    return this.#nodes.values();
  }

  /** Undefined where nothing differs. */
  node(id: number): LocalNode | undefined {
    return this.#nodes.get(id);
  }

  /** What this folder shows of ours, by name. */
  shownIn(folderId: number): ReadonlyMap<string, LocalNode> {
    return this.#shown.get(folderId) ?? none;
  }

  /** An open file that libfuse gave this name. */
  hiddenAt(folderId: number, name: string): LocalNode | undefined {
    const id = this.#hidden.get(placeKey(folderId, name));
    return id === undefined ? undefined : this.#nodes.get(id);
  }

  /** The local node whose base is there: by the folder's number and the Disk's own name. */
  basedAt(folderId: number, diskName: string): LocalNode | undefined {
    const id = this.#bases.get(placeKey(folderId, diskName));
    return id === undefined ? undefined : this.#nodes.get(id);
  }

  /** What stands there until something of ours has gone up in its place. */
  replacedAt(folderId: number, diskName: string): LocalNode['replaces'] {
    const id = this.#replacing.get(placeKey(folderId, diskName));
    return id === undefined ? undefined : this.#nodes.get(id)?.replaces;
  }

  /** The local node that an intent is about to put there, or has. */
  intendedAt(folderId: number, diskName: string): LocalNode | undefined {
    const id = this.#intents.get(placeKey(folderId, diskName));
    return id === undefined ? undefined : this.#nodes.get(id);
  }

  /**
   * Whether what a listing shows there is what was there before an effect of ours a short time ago: it lags. Where nothing of ours came in its place, or
   * that was seen there since, others have brought it back after a while.
   */
  isPast(folderId: number, diskName: string, shown: Pick<Base, 'resourceId' | 'content'>): boolean {
    const ours = this.basedAt(folderId, diskName)?.base ?? this.replacedAt(folderId, diskName)?.base;
    const isUnseen = ours !== undefined && ours.resourceId === undefined;
    return this.#past.has(folderId, diskName, shown, isUnseen ? lagMs : unseenMs);
  }

  /** Somebody who knows says that what was there before an effect of ours may be there again: a listing that shows it does not lag. */
  expectAgain(folderId: number, diskName: string): void {
    const present = this.#past.at(folderId, diskName);
    if (present.length > 0) this.apply({ present });
  }

  /** Takes a change over; it survives the end of this process. @throws Failure 'no-space', 'local': then nothing has changed */
  apply(change: LocalChange): void {
    const forgotten = (change.remove ?? []).flatMap((id) => this.#nodes.get(id) ?? []);
    if (forgotten.some(({ base, state }) => base || state === 'deleted')) this.#knownTree?.sync();
    const past = this.#past.after(change.past ?? [], change.present ?? []);
    const folders = this.#foldersAbove.missing(
      change,
      (id) => this.#nodes.get(id),
      (id) => this.#knownTree?.folder(id),
    );
    this.#store.write(change, past, folders);
    this.#past.take(past);
    this.#foldersAbove.take(folders);
    this.#take(change);
  }

  /** The same, and it survives a loss of power when the promise resolves. Those of a moment share one sync. */
  async applySynced(change: LocalChange): Promise<void> {
    this.apply(change);
    await this.sync();
  }

  /** All that was applied so far survives a loss of power. */
  sync(): Promise<void> {
    this.#syncing ??= new Promise((resolve, reject) => {
      setTimeout(() => {
        this.#syncing = undefined;
        try {
          this.#store.sync();
          resolve();
        } catch (error) {
          reject(error);
        }
      }, syncDelayMs);
    });
    return this.#syncing;
  }

  /** Takes over what need not survive: size and date of a file that is being written. */
  touch(node: LocalNode): void {
    this.#take({ put: [node] });
  }

  /** The folders above what is unsent, as they were known: whoever knows them no more is told. */
  foldersAbove(): IterableIterator<FolderAbove> {
    return this.#foldersAbove.all();
  }

  /** Whether something unsent stands, or stood a short time ago, in this folder, at whatever depth. Of a folder that differs itself its own node tells. */
  isFolderAbove(id: number): boolean {
    return this.#foldersAbove.has(id);
  }

  /** A word about the whole, which survives a loss of power. @throws Failure 'no-space', 'local' */
  note(name: string, value: string): void {
    this.#store.note(name, value);
  }

  noted(name: string): string | undefined {
    return this.#store.noted(name);
  }

  /** What is known of the Disk is kept beside this from now on. */
  standBeside(knownTree: KnownBeside): void {
    this.#knownTree = knownTree;
  }

  /** Told after each change. @returns how to stop listening */
  onChange(listener: (change: LocalChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#store.close();
  }

  #take(change: LocalChange): void {
    for (const id of change.remove ?? []) this.#unindex(id);
    for (const node of change.put ?? []) this.#unindex(node.id);
    for (const node of change.put ?? []) this.#index(node);
    for (const listener of this.#listeners) listener(change);
  }

  #index(node: LocalNode): void {
    this.#nodes.set(node.id, node);
    if (node.state === 'shown') {
      const folder = this.#shown.get(node.parentId) ?? new Map<string, LocalNode>();
      this.#shown.set(node.parentId, folder.set(node.name, node));
    }
    if (node.hidden) this.#hidden.set(placeKey(node.parentId, node.hidden.name), node.id);
    if (node.base) this.#bases.set(placeKey(node.base.parentId, node.base.name), node.id);
    const intendedKey = intendedKeyOf(node);
    if (intendedKey !== undefined) this.#intents.set(intendedKey, node.id);
    const replacedKey = replacedKeyOf(node);
    if (replacedKey !== undefined) this.#replacing.set(replacedKey, node.id);
  }

  #unindex(id: number): void {
    const node = this.#nodes.get(id);
    if (!node) return;
    this.#nodes.delete(id);
    const folder = this.#shown.get(node.parentId);
    if (folder?.get(node.name)?.id === id) folder.delete(node.name);
    if (folder?.size === 0) this.#shown.delete(node.parentId);
    if (node.hidden) this.#hidden.delete(placeKey(node.parentId, node.hidden.name));
    const intendedKey = intendedKeyOf(node);
    if (intendedKey !== undefined && this.#intents.get(intendedKey) === id) this.#intents.delete(intendedKey);
    const replacedKey = replacedKeyOf(node);
    if (replacedKey !== undefined && this.#replacing.get(replacedKey) === id)
      this.#replacing.delete(replacedKey);
    const baseKey = node.base && placeKey(node.base.parentId, node.base.name);
    if (baseKey !== undefined && this.#bases.get(baseKey) === id) this.#bases.delete(baseKey);
  }
}

function intendedKeyOf({ intent }: LocalNode): string | undefined {
  return intent && intent.kind !== 'delete' ? placeKey(intent.place.parentId, intent.place.name) : undefined;
}

function replacedKeyOf({ replaces }: LocalNode): string | undefined {
  return replaces && placeKey(replaces.base.parentId, replaces.base.name);
}
