import { LRUCache } from 'lru-cache';
import { withPatience } from '../async/patience.ts';
import { SharedTasks, untilAborted } from '../async/shared-tasks.ts';
import type { Api } from '../disk-api/api.ts';
import { type FolderListing, listFolder, readResource } from '../disk-api/folder-listing.ts';
import type { DiskPath } from '../disk-api/paths.ts';
import { Failure, failedWith } from '../errors.ts';
import { type Children, mergeListing } from './merge.ts';
import { type FolderNode, type Node, nodeOf } from './node.ts';

interface TreeOptions {
  /** The folder of the Disk that is shown as root. */
  readonly root: DiskPath;
  /** A listing is shown for this long before the server is asked again. */
  readonly freshMs: number;
  /** Entries kept in memory, over all folders. */
  readonly keptEntries: number;
  /** Told when a folder turned out to be different from what was shown: names that went, came or changed. */
  readonly onChanged: (change: FolderChange) => void;
}

/** What changed in a folder elsewhere, as far as somebody may have seen the old state. */
interface FolderChange {
  readonly folder: FolderNode;
  readonly names: readonly string[];
}

interface KnownFolder {
  children: Children;
  /** Where the folder was when it was listed: after a move its entries have other paths. */
  path: DiskPath;
  /** When the request for the listing was sent (monotonic): what happened later may be missing in it. */
  listedAtMs: number;
}

/** A server that takes longer than this to list a known folder again is not waited for; the old listing is shown once more. */
const patienceMs = 2_000;
/** When the server cannot be reached, or not soon, a known listing is shown, and the server is asked again only after this long. */
const offlinePauseMs = 5_000;

/**
 * The names of the Disk: nodes, and which folder holds which. Filled by listing a folder when somebody looks into it.
 *
 * A folder that was listed and cannot be listed now, or not soon, is shown as it was; one that never was fails. It is never shown empty or
 * partial.
 */
export class Tree {
  readonly #api: Api;
  readonly #options: TreeOptions;
  readonly #folders: LRUCache<number, KnownFolder>;
  readonly #listings = new SharedTasks<number, Children>();
  #unreachableUntilMs = 0;
  #root: FolderNode | undefined;

  constructor(api: Api, options: TreeOptions) {
    this.#api = api;
    this.#options = options;
    this.#folders = new LRUCache({
      maxSize: options.keptEntries,
      sizeCalculation: (folder) => 1 + folder.children.size,
    });
  }

  /** The folder shown as root. INVARIANT: `open` succeeded before anything else is asked. */
  get root(): FolderNode {
    if (!this.#root) throw new Failure('local', 'The tree is not open');
    return this.#root;
  }

  /** Looks at the root on the server. @throws Failure 'not-found' or 'not-a-folder' when it cannot be a root. */
  async open(signal: AbortSignal): Promise<void> {
    const { root } = this.#options;
    const askedAtMs = performance.now();
    const reply = await readResource(this.#api, root, { signal });
    const node = nodeOf(reply, undefined, root, askedAtMs);
    if (node.kind !== 'folder')
      throw new Failure('not-a-folder', `Not a folder on the Disk: ${root}`, { path: root });
    this.#root = node;
  }

  /** All entries of a folder by shown name. @throws Failure when it was never listed and cannot be now. */
  async list(folder: FolderNode, signal: AbortSignal): Promise<Children> {
    const known = this.#folders.get(folder.id);
    const now = performance.now();
    const inPlace = known?.path === folder.remote.path;
    if (
      known &&
      inPlace &&
      (now - known.listedAtMs < this.#options.freshMs || now < this.#unreachableUntilMs)
    )
      return known.children;
    const relist = (shared: AbortSignal) => this.#relist(folder, shared);
    if (!known || !inPlace) return this.#listings.run(folder.id, relist, signal);
    // Nobody's signal ends this one: it goes on behind the back of those who took the old listing.
    const relisted = this.#listings.run(folder.id, relist);
    const soon = withPatience(relisted, patienceMs, () => {
      this.#unreachableUntilMs = performance.now() + offlinePauseMs;
      return known.children;
    });
    return untilAborted(soon, signal);
  }

  /** The entry of that name. @throws Failure 'not-found'. */
  async child(folder: FolderNode, name: string, signal: AbortSignal): Promise<Node> {
    const child = (await this.list(folder, signal)).get(name);
    if (!child) throw new Failure('not-found', `No such name in ${folder.remote.path}: ${name}`);
    return child;
  }

  /** What is known of this folder is not believed any more; whoever looks next asks the server. */
  distrust(folder: FolderNode): void {
    const known = this.#folders.peek(folder.id);
    if (known) known.listedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** How many folders are known. */
  get knownFolders(): number {
    return this.#folders.size;
  }

  async #relist(folder: FolderNode, signal: AbortSignal): Promise<Children> {
    const listedAtMs = performance.now();
    let listing: FolderListing;
    try {
      listing = await listFolder(this.#api, folder.remote.path, { signal });
    } catch (error) {
      const known = this.#folders.get(folder.id);
      if (known && failedWith(error, 'offline', 'server', 'busy', 'login-needed', 'unsettled')) {
        if (error.code === 'offline') this.#unreachableUntilMs = performance.now() + offlinePauseMs;
        return known.children;
      }
      if (failedWith(error, 'not-found', 'not-a-folder')) this.#folders.delete(folder.id);
      throw error;
    }
    const before = this.#folders.get(folder.id)?.children;
    const { children, changed } = mergeListing(folder, before, listing.entries, listedAtMs);
    this.#folders.set(folder.id, { children, path: folder.remote.path, listedAtMs });
    if (before && changed.length > 0) this.#options.onChanged({ folder, names: changed });
    return children;
  }
}
