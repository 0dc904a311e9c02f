import { Failure, failedWith } from '../errors.ts';
import type { ShownNode } from '../tree/shown-node.ts';
import type { ShownTree } from '../tree/shown-tree.ts';

/**
 * What a mount shows at a place, without a leading slash. Whoever named it is told by its path on the Disk what is not there.
 * @throws Failure 'not-found', 'not-a-folder', as a listing
 */
export async function nodeAt(
  shown: Pick<ShownTree, 'root' | 'child' | 'serverPath'>,
  place: string,
  signal: AbortSignal,
): Promise<ShownNode> {
  let node = shown.root;
  for (const name of place.split('/').filter((part) => part !== '')) {
    if (node.kind !== 'folder')
      throw new Failure('not-a-folder', `Not a folder: ${node.name}`, { path: shown.serverPath(node) });
    const parentId = node.id;
    node = await shown.child(node, name, signal).catch((cause: unknown) => {
      if (!failedWith(cause, 'not-found')) throw cause;
      throw new Failure('not-found', cause.message, { path: shown.serverPath({ parentId, name }), cause });
    });
  }
  return node;
}
