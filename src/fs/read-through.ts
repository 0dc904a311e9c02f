import type { Priority } from '../async/urgency.ts';
import type { Children, FileNode, FolderNode } from '../tree/node.ts';

/** What is needed of the tree, of whoever knows the order of a walk, of the contents and of the links to them. */
interface ReadTree {
  folder(id: number): FolderNode | undefined;
  /** Entries of a listed folder, as far as they are in memory. */
  childrenAtHand(folder: FolderNode): Children | undefined;
  relist(folder: FolderNode, priority: Priority, signal: AbortSignal): Promise<void>;
}
interface WalkOrder {
  /** Folders that come behind this one when somebody walks through the tree. */
  following(folder: FolderNode): Iterable<FolderNode>;
}
type RemoteContent = NonNullable<FileNode['remote']['content']>;
interface Fetching {
  readonly done: Promise<boolean>;
  cancel(): void;
}
interface FetchingContents {
  holds(remote: RemoteContent, endBytes: number): boolean;
  fetchAhead(remote: RemoteContent, endBytes: number): Fetching;
}
interface KnownLinks {
  hasLink(content: RemoteContent): boolean;
}

/** Nobody is reading through a folder who has not begun a file for so long. */
const readPauseMs = 5_000;
/** So many files read in the order of the folder are a reading through. */
const filesToStart = 2;
/** A file so many places on is still the next one: some are skipped, by their name or because they are in a cache. */
const farthestNext = 8;
const mostAhead = 96;
const mostUnderWay = 24;
/** What is fetched and not read yet must fit into memory beside all else. */
const mostAheadBytes = 16 << 20;
/** Of a file that is larger than this only the beginning is fetched: whoever reads on is read ahead for as any other reader. */
const headBytes = 128 << 10;
const wholeBytes = 1 << 20;
/** Files that are looked at to find those that are not here, as a multiple of the window. */
const examinedPerFile = 4;

type Order = 'listed' | 'numbered';

/** The files of a folder in an order, and where each stands in it. */
interface OrderedFiles {
  readonly files: readonly FileNode[];
  readonly places: ReadonlyMap<number, number>;
}

interface Ahead {
  readonly fetching: Fetching;
  readonly sizeBytes: number;
  underWay: boolean;
}

/**
 * Recognises somebody who reads the files of a folder one after the other (`tar`, `cp -r`, `grep -r`, a thumbnailer), in the order of the
 * listing or in that of the inode numbers, and fetches those that come next ahead of him: small files whole, of large ones the
 * beginning. Goes on in the folders that come next, if he walks through the tree.
 *
 *   nobody ──(filesToStart files in a row)──▶ reading through: the window doubles with each file read
 *      ▲                                        │
 *      └──(a file elsewhere, or none for a while: what is under way is cancelled)
 */
export class ReadThrough {
  readonly #tree: ReadTree;
  readonly #walk: WalkOrder;
  readonly #contents: FetchingContents;
  readonly #knownLinks: KnownLinks;
  /** Fetched or under way, and not read yet; by node. */
  readonly #ahead = new Map<number, Ahead>();
  /** Those that were here when they were looked for. */
  readonly #here = new Set<number>();
  readonly #files = new WeakMap<Children, Readonly<Record<Order, OrderedFiles>>>();
  /** Folders whose links were asked for, and whether the answer has come. */
  readonly #links = new Map<number, 'asked' | 'answered'>();
  #last: FileNode | undefined;
  #order: Order = 'listed';
  #streak = 0;
  #aheadBytes = 0;
  #underWay = 0;
  #pause: NodeJS.Timeout | undefined;
  #linksWanted = new AbortController();

  constructor(tree: ReadTree, walk: WalkOrder, contents: FetchingContents, links: KnownLinks) {
    this.#tree = tree;
    this.#walk = walk;
    this.#contents = contents;
    this.#knownLinks = links;
  }

  /** Somebody begins to read this file. */
  noteRead(file: FileNode): void {
    if (this.#isNext(file)) this.#streak++;
    else if (file.id !== this.#last?.id) this.letGo();
    const ahead = this.#ahead.get(file.id);
    if (ahead) this.#forget(file.id, ahead);
    this.#last = file;
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.letGo(), readPauseMs).unref();
    this.#fill();
  }

  /** Cancels what is under way: nobody comes for it. */
  letGo(): void {
    this.#streak = 0;
    this.#last = undefined;
    clearTimeout(this.#pause);
    this.#linksWanted.abort();
    this.#linksWanted = new AbortController();
    this.#links.clear();
    this.#here.clear();
    for (const [id, ahead] of [...this.#ahead]) {
      if (ahead.underWay) ahead.fetching.cancel();
      this.#forget(id, ahead);
    }
  }

  #isNext(file: FileNode): boolean {
    const last = this.#last;
    if (this.#ahead.has(file.id)) return true;
    if (!last || last.id === file.id) return false;
    if (last.parentId !== file.parentId) return this.#isInNextFolder(file, last);
    const orders: readonly Order[] =
      this.#order === 'listed' ? ['listed', 'numbered'] : ['numbered', 'listed'];
    const order = orders.find((each) => {
      const { places } = this.#filesOf(file.parentId, each);
      const step = (places.get(file.id) ?? 0) - (places.get(last.id) ?? 0);
      return step >= 1 && step <= farthestNext;
    });
    this.#order = order ?? this.#order;
    return order !== undefined;
  }

  #isInNextFolder(file: FileNode, last: FileNode): boolean {
    const folder = this.#tree.folder(last.parentId);
    if (!folder) return false;
    let examined = 0;
    for (const { id } of this.#walk.following(folder)) {
      if (id === file.parentId)
        return (this.#filesOf(id, this.#order).places.get(file.id) ?? farthestNext) < farthestNext;
      if (++examined >= farthestNext) return false;
    }
    return false;
  }

  #fill(): void {
    if (this.#streak < filesToStart || !this.#last) return;
    const window = Math.min(2 ** this.#streak, mostAhead);
    let examined = 0;
    for (const file of this.#following(this.#last)) {
      if (++examined > window * examinedPerFile || this.#ahead.size >= window) return;
      const { content } = file.remote;
      if (this.#ahead.has(file.id) || this.#here.has(file.id) || !content || content.sizeBytes === 0)
        continue;
      const endBytes = content.sizeBytes <= wholeBytes ? content.sizeBytes : headBytes;
      if (this.#contents.holds(content, endBytes)) {
        this.#here.add(file.id);
        continue;
      }
      if (this.#underWay >= mostUnderWay || this.#aheadBytes + endBytes > mostAheadBytes) return;
      if (!this.#knownLinks.hasLink(content) && this.#askForLinks(file.parentId)) return;
      this.#fetch(file.id, content, endBytes);
    }
  }

  #fetch(id: number, content: RemoteContent, sizeBytes: number): void {
    const fetching = this.#contents.fetchAhead(content, sizeBytes);
    const ahead: Ahead = { fetching, sizeBytes, underWay: true };
    this.#ahead.set(id, ahead);
    this.#aheadBytes += sizeBytes;
    this.#underWay++;
    fetching.done.then(() => {
      ahead.underWay = false;
      this.#underWay--;
      this.#fill();
    });
  }

  #forget(id: number, ahead: Ahead): void {
    this.#ahead.delete(id);
    this.#aheadBytes -= ahead.sizeBytes;
  }

  /**
   * Links come with a listing, one request for all files of the folder; by itself each file would cost one.
   * @returns whether to wait for them
   */
  #askForLinks(folderId: number): boolean {
    const state = this.#links.get(folderId);
    if (state) return state === 'asked';
    const folder = this.#tree.folder(folderId);
    if (!folder) return false;
    this.#links.set(folderId, 'asked');
    const { signal } = this.#linksWanted;
    this.#tree
      .relist(folder, 'ahead', signal)
      // Without them each file asks for its own.
      .catch(() => {})
      .then(() => {
        if (signal.aborted) return;
        this.#links.set(folderId, 'answered');
        this.#fill();
      });
    return true;
  }

  /** Files in the order of the reading behind this one: first those of its folder, then those of the folders that come next. */
  *#following(file: FileNode): Generator<FileNode> {
    const { files, places } = this.#filesOf(file.parentId, this.#order);
    for (let place = (places.get(file.id) ?? -1) + 1; place < files.length; place++) {
      const next = files[place];
      if (next) yield next;
    }
    const folder = this.#tree.folder(file.parentId);
    if (!folder) return;
    for (const next of this.#walk.following(folder)) yield* this.#filesOf(next.id, this.#order).files;
  }

  #filesOf(folderId: number, order: Order): OrderedFiles {
    const folder = this.#tree.folder(folderId);
    const children = folder && this.#tree.childrenAtHand(folder);
    if (!children) return noFiles;
    let files = this.#files.get(children);
    if (!files) {
      const listed = [...children.values()].filter((node): node is FileNode => node.kind === 'file');
      files = {
        listed: ordered(listed),
        numbered: ordered(listed.toSorted((one, other) => one.id - other.id)),
      };
      this.#files.set(children, files);
    }
    return files[order];
  }
}

const noFiles: OrderedFiles = ordered([]);

function ordered(files: readonly FileNode[]): OrderedFiles {
  return { files, places: new Map(files.map(({ id }, place) => [id, place])) };
}
