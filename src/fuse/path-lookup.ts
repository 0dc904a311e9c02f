import type { Directories } from '../fs/directories.ts';

type Node = Awaited<ReturnType<Directories['lookup']>>;

/**
 * The node at a path of the mount: the one place where paths become nodes.
 * @throws Failure as `Directories.lookup`.
 */
export async function nodeAt(directories: Directories, path: string, signal: AbortSignal): Promise<Node> {
  let node: Node = directories.root;
  for (const name of path.split('/')) {
    if (name !== '') node = await directories.lookup(node, name, signal);
  }
  return node;
}
