import { Failure } from '../errors.ts';
import { longestNameBytes } from '../tree/names.ts';
import type { FolderNode, Node } from '../tree/node.ts';
import type { Tree } from '../tree/tree.ts';
import type { WalkAhead } from '../tree/walk-ahead.ts';
import { typeBits } from './attributes.ts';

/** What readdir(3) tells of an entry. */
interface DirectoryEntry {
  readonly name: string;
  /** Type bits of st_mode. */
  readonly mode: number;
  readonly ino: number;
}

/** Folders as POSIX sees them. */
export class Directories {
  readonly #tree: Tree;
  readonly #walks: WalkAhead;

  constructor(tree: Tree, walks: WalkAhead) {
    this.#tree = tree;
    this.#walks = walks;
  }

  get root(): FolderNode {
    return this.#tree.root;
  }

  /** @throws Failure 'not-found', 'not-a-folder', 'name-too-long', or what listing the folder throws. */
  async lookup(folder: Node, name: string, signal: AbortSignal): Promise<Node> {
    if (Buffer.byteLength(name) > longestNameBytes)
      throw new Failure('name-too-long', `No name is that long: ${name}`);
    return this.#tree.child(asFolder(folder), name, signal);
  }

  /** All entries, complete, without "." and "..". @throws Failure 'not-a-folder', or what listing the folder throws. */
  async read(node: Node, signal: AbortSignal): Promise<DirectoryEntry[]> {
    const folder = asFolder(node);
    const children = await this.#tree.list(folder, signal);
    this.#walks.noteRead(folder);
    return Array.from(children, ([name, node]) => ({ name, mode: typeBits(node), ino: node.id }));
  }
}

function asFolder(node: Node): FolderNode {
  if (node.kind !== 'folder') throw new Failure('not-a-folder', `Not a folder: ${node.remote.path}`);
  return node;
}
