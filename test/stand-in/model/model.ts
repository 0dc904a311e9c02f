import type { Content } from '../content/content.ts';
import { storedContent } from '../content/stored.ts';
import { syntheticContent } from '../content/synthetic.ts';
import {
  type Arrival,
  type FileTraits,
  makeDeclaredFolder,
  makeFolder,
  makeFolders,
  putFile,
  settledArrival,
} from './changes.ts';
import type { DeclaredContent } from './declared.ts';
import type { Disk } from './disk.ts';
import type { FileNode, FolderNode, Node } from './nodes.ts';
import { type DiskPath, parsePath, splitLast } from './path.ts';

/** Bytes, text, a content made elsewhere, or a rule for bytes that are never stored. */
export type GivenContent =
  | string
  | Uint8Array
  | Content
  | { readonly synthetic: { readonly sizeBytes: number; readonly seed?: string } };

/** What may be said of a file that is put in place, and how it arrives. */
export interface PutOptions extends FileTraits, Partial<Arrival> {
  /** Folders above it are made where missing; true unless told. */
  readonly parents?: boolean;
}

/** Makes content of what a test or a seed file gives. */
export function contentOf(given: GivenContent): Content {
  if (typeof given === 'string' || given instanceof Uint8Array) return storedContent(given);
  if ('synthetic' in given) return syntheticContent(given.synthetic.seed ?? '', given.synthetic.sizeBytes);
  return given;
}

/**
 * The Disk as another client of the same person changes it: at once, settled, asking nobody. Paths are texts
 * such as `disk:/a/b`. All throw `Refusal` where the Disk itself would refuse.
 */
export class Model {
  readonly disk: Disk;

  constructor(disk: Disk) {
    this.disk = disk;
  }

  putFile(path: string, content: GivenContent, options: PutOptions = {}): FileNode {
    this.disk.settle();
    const at = this.#path(path);
    if (options.parents !== false) this.#makeParents(at);
    return putFile(
      this.disk,
      at,
      contentOf(content),
      { ...settledArrival, ...definedArrival(options) },
      options,
    );
  }

  mkdir(path: string, options: { readonly parents?: boolean } = {}): FolderNode {
    this.disk.settle();
    const at = this.#path(path);
    return options.parents ? makeFolders(this.disk, at) : makeFolder(this.disk, at);
  }

  /** A folder whose content is given by a rule, of any size. */
  declare(path: string, declared: DeclaredContent): FolderNode {
    this.disk.settle();
    const at = this.#path(path);
    this.#makeParents(at);
    return makeDeclaredFolder(this.disk, at, declared);
  }

  /** What is really there, seen or not. */
  find(path: string): Node | undefined {
    this.disk.settle();
    return this.disk.find(this.#path(path));
  }

  #path(text: string): DiskPath {
    return parsePath(text, this.disk.settings.appFolder);
  }

  #makeParents(path: DiskPath): void {
    const parts = splitLast(path);
    if (parts) makeFolders(this.disk, parts.folder);
  }
}

function definedArrival({ finalAfterMs, seenLateMs, byOwner }: PutOptions): Partial<Arrival> {
  return {
    ...(finalAfterMs !== undefined && { finalAfterMs }),
    ...(seenLateMs !== undefined && { seenLateMs }),
    ...(byOwner !== undefined && { byOwner }),
  };
}
