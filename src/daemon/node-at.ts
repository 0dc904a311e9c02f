import { abortFailure, Failure, failedWith } from '../errors.ts';
import type { FolderNode } from '../tree/node.ts';
import type { ShownNode } from '../tree/shown-node.ts';
import type { ShownTree } from '../tree/shown-tree.ts';

interface Trees {
  readonly shown: Pick<ShownTree, 'root' | 'child' | 'known' | 'serverPath'>;
  /** Lists a folder again although it is good. @throws Failure as a listing */
  readonly tree: { relist(folder: FolderNode, priority: 'user', signal: AbortSignal): Promise<void> };
}

/**
 * What a mount shows at a place, without a leading slash. A person who names something to a command may have just put it there from elsewhere:
 * before it is said to be missing, its folder is listed once more. Whoever named it is told by its path on the Disk what is not there.
 * @throws Failure 'not-found', 'not-a-folder', as a listing
 */
export async function nodeAt({ shown, tree }: Trees, place: string, signal: AbortSignal): Promise<ShownNode> {
  let node = shown.root;
  for (const name of place.split('/').filter((part) => part !== '')) {
    if (node.kind !== 'folder')
      throw new Failure('not-a-folder', `Not a folder: ${node.name}`, { path: shown.serverPath(node) });
    const folder = node;
    const child = await childOf(folder, name);
    if (child instanceof Failure) {
      const path = shown.serverPath({ parentId: folder.id, name });
      throw new Failure('not-found', child.message, { path, cause: child });
    }
    node = child;
  }
  return node;

  async function childOf(folder: ShownNode, name: string): Promise<ShownNode | Failure> {
    const missing = await orMissing(shown.child(folder, name, signal));
    const known = shown.known(folder);
    if (!(missing instanceof Failure) || !known) return missing;
    try {
      await tree.relist(known, 'user', signal);
    } catch {
      // Off line, or gone with its folder: what is known counts.
      if (signal.aborted) throw abortFailure(signal);
      return missing;
    }
    return orMissing(shown.child(folder, name, signal));
  }
}

/** The node, or that there is none. @throws Failure as `ShownTree.child`, but 'not-found' */
function orMissing(looking: Promise<ShownNode>): Promise<ShownNode | Failure> {
  return looking.catch((error: unknown) => {
    if (failedWith(error, 'not-found')) return error;
    throw error;
  });
}
