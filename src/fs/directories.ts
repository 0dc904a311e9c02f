import { Failure } from '../errors.ts';
import { longestNameBytes } from '../tree/names.ts';
import { type FolderNode, rootId } from '../tree/node.ts';
import type { ShownNode } from '../tree/shown-node.ts';
import type { ShownTree } from '../tree/shown-tree.ts';
import { typeBits } from './attributes.ts';

/** What readdir(3) tells of an entry. */
interface DirectoryEntry {
  readonly name: string;
  /** Type bits of st_mode. */
  readonly mode: number;
  readonly ino: number;
}

interface Directory {
  /** All, without "." and "..". */
  readonly entries: readonly DirectoryEntry[];
  /** st_ino of the folder. */
  readonly ino: number;
  /** … and of the one above; the root has none above. */
  readonly parentIno: number;
}

/** Told of the folders that somebody reads. */
interface Walks {
  noteRead(folder: FolderNode): void;
}

/** Folders as POSIX sees them. */
export class Directories {
  readonly #tree: ShownTree;
  readonly #walks: Walks;

  constructor(tree: ShownTree, walks: Walks) {
    this.#tree = tree;
    this.#walks = walks;
  }

  get root(): ShownNode {
    return this.#tree.root;
  }

  /** @throws Failure 'not-found', 'not-a-folder', 'name-too-long', or what listing the folder throws. */
  async lookup(folder: ShownNode, name: string, signal: AbortSignal): Promise<ShownNode> {
    if (Buffer.byteLength(name) > longestNameBytes)
      throw new Failure('name-too-long', `No name is that long: ${name}`);
    return this.#tree.child(folder, name, signal);
  }

  /** Complete. @throws Failure 'not-a-folder', or what listing the folder throws. */
  async read(node: ShownNode, signal: AbortSignal): Promise<Directory> {
    const children = await this.#tree.list(node, signal);
    const known = this.#tree.known(node);
    if (known) this.#walks.noteRead(known);
    return {
      entries: Array.from(children, ([name, child]) => ({ name, mode: typeBits(child), ino: child.id })),
      ino: node.id,
      parentIno: node.id === rootId ? node.id : node.parentId,
    };
  }
}
