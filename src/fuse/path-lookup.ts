import { Failure } from '../errors.ts';
import { longestNameBytes } from '../tree/names.ts';
import type { FolderNode, Node } from '../tree/node.ts';
import type { Tree } from '../tree/tree.ts';

/**
 * The node at a path of the mount: the one place where paths become nodes.
 * @throws Failure 'not-found', 'not-a-folder', 'name-too-long', or what listing a folder on the way throws.
 */
export async function nodeAt(tree: Tree, path: string, signal: AbortSignal): Promise<Node> {
  let node: Node = tree.root;
  for (const name of path.split('/')) {
    if (name === '') continue;
    if (node.kind !== 'folder') throw new Failure('not-a-folder', `Not a folder: ${node.remote.path}`);
    if (Buffer.byteLength(name) > longestNameBytes)
      throw new Failure('name-too-long', `No name is that long: ${name}`);
    node = await tree.child(node, name, signal);
  }
  return node;
}

/** @throws Failure 'not-a-folder' when it is a file, or as `nodeAt`. */
export async function folderAt(tree: Tree, path: string, signal: AbortSignal): Promise<FolderNode> {
  const node = await nodeAt(tree, path, signal);
  if (node.kind !== 'folder') throw new Failure('not-a-folder', `Not a folder: ${node.remote.path}`);
  return node;
}
