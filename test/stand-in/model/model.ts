import type { Content, Digest } from '../content/content.ts';
import { storedContent } from '../content/stored.ts';
import { syntheticContent } from '../content/synthetic.ts';
import {
  type Arrival,
  type FileTraits,
  makeDeclaredFolder,
  makeFolder,
  makeFolders,
  noteChange,
  putFile,
  settledArrival,
} from './changes.ts';
import type { DeclaredContent } from './declared-content.ts';
import type { Disk } from './disk.ts';
import type { FileNode, FolderNode, Node, Publication, PublicSettings, Share } from './nodes.ts';
import { type DiskPath, formatPath, parsePath, splitLast } from './path.ts';
import { type PropertyChanges, setProperties } from './properties.ts';
import { publish, unpublish } from './publications.ts';
import { Refusal } from './refusal.ts';
import { emptyTrash, moveToTrash, removeForGood, restoreNode, trashedItem } from './removal.ts';
import { copyNode, moveNode, placeForTransfer } from './transfers.ts';

/** Bytes, text, a content made elsewhere, or a rule for bytes that are never stored. */
export type GivenContent = string | Uint8Array | Content | { readonly synthetic: GivenSynthetic };

export interface GivenSynthetic {
  readonly sizeBytes: number;
  readonly seed?: string | undefined;
  /** Its true hashes, if they are known from before: saves hashing a large file. */
  readonly digest?: Digest | undefined;
}

/** Makes content of what a test or a seed file gives. */
export function contentOf(given: GivenContent): Content {
  if (typeof given === 'string' || given instanceof Uint8Array) return storedContent(given);
  if (!('synthetic' in given)) return given;
  const { seed, sizeBytes, digest } = given.synthetic;
  return syntheticContent(seed ?? '', sizeBytes, digest);
}

/** Whose change it is; the owner of a folder shared with us need not move our `revision`. */
export interface ByWhom {
  readonly byOwner?: boolean | undefined;
}

/** What may be said of a file that is put in place, and how it arrives: settled, unless told. */
export interface PutOptions extends FileTraits, ByWhom {
  readonly finalAfterMs?: number | undefined;
  readonly seenLateMs?: number | undefined;
  /** Folders above it are made where missing; true unless told. */
  readonly parents?: boolean | undefined;
}

/** What can be said of a resource after the fact. Times in milliseconds since the epoch. */
export interface Touches extends Omit<FileTraits, 'share'> {
  readonly revision?: number | undefined;
  readonly share?: Share | null | undefined;
}

/**
 * The Disk as another client of the same person changes it: at once, settled, asking no token and minding no
 * lock. Paths are texts such as `disk:/a/b`. All throw `Refusal` where the Disk itself would refuse.
 */
export class Model {
  readonly disk: Disk;

  constructor(disk: Disk) {
    this.disk = disk;
  }

  putFile(path: string, content: GivenContent, options: PutOptions = {}): FileNode {
    const at = this.#path(path);
    if (options.parents !== false) this.#makeParents(at);
    const arrival: Arrival = {
      finalAfterMs: options.finalAfterMs ?? settledArrival.finalAfterMs,
      seenLateMs: options.seenLateMs ?? settledArrival.seenLateMs,
      byOwner: options.byOwner === true,
    };
    return putFile(this.disk, at, contentOf(content), arrival, options);
  }

  mkdir(path: string, options: { readonly parents?: boolean | undefined } & ByWhom = {}): FolderNode {
    const at = this.#path(path);
    return options.parents ? makeFolders(this.disk, at) : makeFolder(this.disk, at, options.byOwner);
  }

  /** A folder whose content is given by a rule, of any size. */
  declare(path: string, declared: DeclaredContent): FolderNode {
    const at = this.#path(path);
    this.#makeParents(at);
    return makeDeclaredFolder(this.disk, at, declared);
  }

  move(from: string, to: string, options: { readonly overwrite?: boolean | undefined } & ByWhom = {}): Node {
    const node = this.#take(from);
    const overwrite = options.overwrite === true;
    const place = placeForTransfer(this.disk, { kind: 'move', node, to: this.#path(to), overwrite });
    moveNode(this.disk, node, place, options.byOwner);
    return node;
  }

  copy(from: string, to: string, options: { readonly overwrite?: boolean | undefined } = {}): Node {
    const node = this.#take(from);
    const overwrite = options.overwrite === true;
    const request = { kind: 'copy', node, to: this.#path(to), overwrite, forceAsync: true } as const;
    return copyNode(this.disk, node, placeForTransfer(this.disk, request));
  }

  /** Into the trash, or for good. */
  remove(path: string, options: { readonly permanently?: boolean | undefined } & ByWhom = {}): void {
    const node = this.#take(path);
    if (options.permanently || this.disk.inTrash(node)) removeForGood(this.disk, node, options.byOwner);
    else moveToTrash(this.disk, node, options.byOwner);
  }

  /** Brings `trash:/…` back, under another name or path if one is given. */
  restore(
    path: string,
    options: { readonly name?: string | undefined; readonly overwrite?: boolean | undefined } = {},
  ): Node {
    const node = trashedItem(this.disk, this.#path(path));
    restoreNode(this.disk, node, options.name ?? null, options.overwrite === true);
    return node;
  }

  emptyTrash(): void {
    this.disk.settle();
    emptyTrash(this.disk);
  }

  /** Sets properties as a PATCH does. */
  patch(path: string, changes: PropertyChanges): Node {
    const node = this.#take(path);
    setProperties(this.disk, node, changes);
    return node;
  }

  publish(
    path: string,
    options: {
      readonly settings?: PublicSettings | undefined;
      readonly publicKey?: string | undefined;
      readonly publicUrl?: string | undefined;
      readonly publishedMs?: number | undefined;
    } = {},
  ): Publication {
    const node = this.#take(path);
    const publication = publish(this.disk, node, options.settings ?? {});
    node.publication = {
      ...publication,
      publicKey: options.publicKey ?? publication.publicKey,
      publicUrl: options.publicUrl ?? publication.publicUrl,
      publishedMs: options.publishedMs ?? publication.publishedMs,
    };
    return node.publication;
  }

  unpublish(path: string): void {
    unpublish(this.disk, this.#take(path));
  }

  /** Changes what is said of a resource, not its bytes; moves its `revision` unless one is given. */
  touch(path: string, touches: Touches): Node {
    const node = this.#take(path);
    this.disk.remember(node.parent);
    noteChange(this.disk, node, node.parent);
    if (touches.createdMs !== undefined) node.createdMs = touches.createdMs;
    if (touches.modifiedMs !== undefined) node.modifiedMs = touches.modifiedMs;
    if (touches.properties !== undefined) node.properties = touches.properties;
    if (touches.share !== undefined) {
      node.share = touches.share ?? undefined;
      this.disk.recount();
    }
    if (node.kind === 'file') {
      if (touches.antivirus !== undefined) node.antivirus = touches.antivirus;
      if (touches.mimeType !== undefined) node.mimeType = touches.mimeType;
      if (touches.mediaType !== undefined) node.mediaType = touches.mediaType;
      if (touches.previews !== undefined) node.previews = touches.previews;
      if (touches.exif !== undefined) node.exif = touches.exif;
      if (touches.photosliceMs !== undefined) node.photosliceMs = touches.photosliceMs;
    }
    if (touches.revision !== undefined) {
      node.revision = touches.revision;
      this.disk.revisions.atLeast(touches.revision);
    }
    return node;
  }

  /** What is really there, seen or not. */
  find(path: string): Node | undefined {
    return this.disk.find(this.#path(path));
  }

  /** The bytes of a file as they really are. @throws Refusal 404. */
  read(path: string): Buffer {
    const node = this.find(path);
    if (node?.kind !== 'file') throw new Refusal('DiskNotFoundError', path);
    return node.content.read(0, node.content.sizeBytes);
  }

  /** Removes everything, the trash included. */
  clear(): void {
    this.disk.settle();
    for (const folder of [this.disk.root, this.disk.trash]) {
      for (const node of [...folder.children.all()]) {
        this.disk.detach(node);
        this.disk.forget(node);
      }
      noteChange(this.disk, null, folder);
    }
  }

  #path(text: string): DiskPath {
    this.disk.settle();
    return parsePath(text, this.disk.settings.appFolder);
  }

  #take(text: string): Node {
    const path = this.#path(text);
    const node = this.disk.take(path);
    if (!node) throw new Refusal('DiskNotFoundError', formatPath(path));
    return node;
  }

  #makeParents(path: DiskPath): void {
    const parts = splitLast(path);
    if (parts) makeFolders(this.disk, parts.folder);
  }
}
