import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Content } from '../content/content.ts';
import type { Random } from '../random.ts';
import type { Settings } from '../settings.ts';
import { heldChildren, type Totals } from './children.ts';
import { Contents } from './contents.ts';
import { declaredChildren, declaredCount, declaredTotals } from './declared.ts';
import type { DeclaredContent } from './declared-content.ts';
import { DeclaredRanges, declaredFileContent } from './declared-ranges.ts';
import { History } from './history.ts';
import { nameKey } from './names.ts';
import { newFileNode, newFolderNode } from './new-nodes.ts';
import { type FileNode, type FolderNode, type Node, nodeNames, shareOf } from './nodes.ts';
import type { DiskPath } from './path.ts';
import { RevisionCounter } from './revision.ts';
import { Timeline } from './timeline.ts';

function topOf(node: Node): Node {
  let top = node;
  while (top.parent) top = top.parent;
  return top;
}

/**
 * The tree of one person's Disk and its trash: names, identities, room. It does what it is told at once and
 * asks no questions; what a client may do, and how long it takes, is decided by those who call it.
 */
export class Disk {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly root: FolderNode;
  readonly trash: FolderNode;
  readonly timeline = new Timeline();
  readonly contents = new Contents();
  readonly history = new History();
  /** Everything that was ever made public; what is so now is told by the nodes. */
  readonly published = new Set<Node>();
  readonly revisions: RevisionCounter;
  /** When the account was made. */
  readonly registeredMs: number;
  /** Room taken by everything, the trash included. */
  usedBytes = 0;
  trashBytes = 0;
  readonly #idSeed: string;
  readonly #nodes = new Map<number, Node>();
  readonly #declared = new DeclaredRanges();
  #nextSerial = 1;

  constructor(settings: Settings, clock: Clock, random: Random) {
    this.settings = settings;
    this.clock = clock;
    this.random = random;
    this.#idSeed = random.hex(16);
    this.registeredMs = clock.now() - 5 * 365 * 24 * 3600_000;
    this.revisions = new RevisionCounter(settings, clock, random);
    this.root = this.newFolder('disk', this.registeredMs);
    this.trash = this.newFolder('trash', this.registeredMs);
  }

  /** Lets everything happen that is due by now. Every look at the Disk begins with it. */
  settle(): void {
    this.timeline.settle(this.clock.now());
  }

  /** A folder that is nowhere yet. */
  newFolder(name: string, createdMs: number, serial = this.newSerial()): FolderNode {
    const folder = newFolderNode(serial, name, createdMs, this.revisions.next());
    this.#nodes.set(folder.serial, folder);
    return folder;
  }

  /** A file that is nowhere yet. */
  newFile(name: string, content: Content, contentId: number, createdMs: number): FileNode {
    const file = newFileNode(this.newSerial(), name, createdMs, 0, content, contentId);
    this.#nodes.set(file.serial, file);
    return file;
  }

  newSerial(): number {
    const serial = this.#nextSerial;
    this.#nextSerial += 1;
    return serial;
  }

  /** Gives the resource another `resource_id`. */
  renewIdentity(node: Node): void {
    node.identity = this.newSerial();
  }

  /** Fills a new, empty folder by a rule. */
  declare(folder: FolderNode, declared: DeclaredContent): void {
    this.#fill(folder, declared);
    this.#account(folder, 1);
  }

  /** The node with this identity, wherever it is; undefined when it was deleted for good. */
  bySerial(serial: number): Node | undefined {
    return this.#nodes.get(serial) ?? this.#declared.node(serial);
  }

  /** What a declared file held at first. */
  declaredContent(serial: number): Content | undefined {
    return this.#declared.content(serial);
  }

  /** `<uid>:<64 hex>`. */
  resourceId(node: Node): string {
    const hash = createHash('sha256').update(`${this.#idSeed}:${node.identity}`).digest('hex');
    return `${this.settings.uid}:${hash}`;
  }

  /** Whether the node is on the Disk: not in the trash, nor deleted. */
  onDisk(node: Node): boolean {
    return topOf(node) === this.root;
  }

  inTrash(node: Node): boolean {
    return topOf(node) === this.trash;
  }

  pathOf(node: Node): DiskPath {
    return { area: this.inTrash(node) ? 'trash' : 'disk', names: nodeNames(node) };
  }

  /** What is really there. */
  find(path: DiskPath): Node | undefined {
    return this.#walk(path, (folder, key) => folder.children.get(key));
  }

  /** As `find`, for a node that is going to be changed. */
  take(path: DiskPath): Node | undefined {
    const node = this.#walk(path, (folder, key) => folder.children.keep(key));
    if (node) this.#nodes.set(node.serial, node);
    return node;
  }

  /** The key of a name in its folder. */
  keyOf(name: string): string {
    return nameKey(name, this.settings);
  }

  child(folder: FolderNode, name: string): Node | undefined {
    return folder.children.get(this.keyOf(name));
  }

  /** To be called after the way in which names are compared has changed. Of two that are now the same, one is lost. */
  rekey(): void {
    for (const top of [this.root, this.trash]) this.#rekey(top);
  }

  /** Puts a loose node into a folder, in place of whatever had the name. */
  attach(folder: FolderNode, node: Node): void {
    this.remember(folder);
    node.parent = folder;
    folder.children.set(this.keyOf(node.trashed?.key ?? node.name), node);
    folder.version += 1;
    this.#account(node, 1);
  }

  /** Takes a node out of its folder. */
  detach(node: Node): void {
    const folder = node.parent;
    if (!folder) return;
    this.remember(folder);
    this.#account(node, -1);
    folder.children.delete(this.keyOf(node.trashed?.key ?? node.name));
    folder.version += 1;
    node.parent = null;
  }

  /** Forgets a loose node and all beneath it. */
  forget(node: Node): void {
    if (node.kind === 'file') {
      this.contents.release(node.contentId, this.clock.now(), this.settings.downloadLinkLifeMs);
    } else if (node.children.rule() === null) {
      for (const child of node.children.all()) this.forget(child);
    }
    this.published.delete(node);
    this.#nodes.delete(node.serial);
  }

  /** To be called before something in a folder changes, so that lagging listings have what was. */
  remember(folder: FolderNode | null): void {
    if (!folder) return;
    const { listingLagMs, totalLagMs } = this.settings;
    if (listingLagMs > 0 || totalLagMs > 0) {
      this.history.remember(folder, this.clock.now(), listingLagMs, totalLagMs);
    }
  }

  /** Gives a file other bytes, and keeps the account of room right. */
  setContent(file: FileNode, content: Content): void {
    this.#account(file, -1);
    this.contents.release(file.contentId, this.clock.now(), this.settings.downloadLinkLifeMs);
    file.content = content;
    file.contentId = this.contents.add(content);
    this.#account(file, 1);
  }

  /** Resources at and beneath a node, and their bytes. */
  totals(node: Node): Totals {
    if (node.kind === 'file') return { items: 1, sizeBytes: node.content.sizeBytes };
    const rule = node.children.rule();
    if (rule) {
      const inner = declaredTotals(rule);
      return { items: inner.items + 1, sizeBytes: inner.sizeBytes };
    }
    let items = 1;
    let sizeBytes = 0;
    for (const child of node.children.all()) {
      const inner = this.totals(child);
      items += inner.items;
      sizeBytes += inner.sizeBytes;
    }
    return { items, sizeBytes };
  }

  /** Counts the room taken anew; for after a share was given or taken away. */
  recount(): void {
    this.trashBytes = ownedBytes(this.trash);
    this.usedBytes = ownedBytes(this.root) + this.trashBytes;
  }

  freeBytes(): number {
    return this.settings.totalSpaceBytes - this.usedBytes;
  }

  /** Everything beneath a folder, folders before what is in them. */
  *walk(folder: FolderNode): Generator<Node> {
    for (const child of folder.children.all()) {
      yield child;
      if (child.kind === 'dir') yield* this.walk(child);
    }
  }

  #fill(folder: FolderNode, declared: DeclaredContent): void {
    const first = this.#nextSerial;
    const count = declaredCount(declared);
    this.#nextSerial += count;
    this.#declared.add({ first, count, folder, declared });
    folder.children = declaredChildren(declared, ({ index, kind, name }) => {
      const { createdMs, revision } = folder;
      if (kind === 'file') {
        const content = declaredFileContent(declared, name);
        const file = newFileNode(first + index, name, createdMs, revision, content, 0);
        return Object.assign(file, { parent: folder });
      }
      const inner = Object.assign(this.newFolder(name, createdMs, first + index), {
        parent: folder,
        revision,
      });
      if (declared.inside) this.#fill(inner, { seed: `${declared.seed ?? ''}/${name}`, ...declared.inside });
      return inner;
    });
  }

  #rekey(folder: FolderNode): void {
    if (folder.children.rule()) return;
    const nodes = [...folder.children.all()];
    const children = heldChildren<Node>();
    for (const node of nodes) {
      children.set(this.keyOf(node.trashed?.key ?? node.name), node);
      if (node.kind === 'dir') this.#rekey(node);
    }
    folder.children = children;
    folder.version += 1;
  }

  #walk(path: DiskPath, step: (folder: FolderNode, key: string) => Node | undefined): Node | undefined {
    let node: Node = path.area === 'disk' ? this.root : this.trash;
    for (const name of path.names) {
      if (node.kind !== 'dir') return undefined;
      const next = step(node, this.keyOf(name));
      if (!next) return undefined;
      node = next;
    }
    return node;
  }

  #isAttached(node: Node): boolean {
    const top = topOf(node);
    return top === this.root || top === this.trash;
  }

  /** Adds a subtree to the room taken, or takes it away. */
  #account(node: Node, sign: 1 | -1): void {
    if (!this.#isAttached(node) || shareOf(node)?.isOwned === false) return;
    const sizeBytes = ownedBytes(node);
    this.usedBytes += sign * sizeBytes;
    if (this.inTrash(node)) this.trashBytes += sign * sizeBytes;
  }
}

/** The bytes of a subtree, without what others share with us: that takes their room. */
function ownedBytes(node: Node): number {
  if (node.share?.isOwned === false) return 0;
  if (node.kind === 'file') return node.content.sizeBytes;
  const rule = node.children.rule();
  if (rule) return declaredTotals(rule).sizeBytes;
  let sizeBytes = 0;
  for (const child of node.children.all()) sizeBytes += ownedBytes(child);
  return sizeBytes;
}
