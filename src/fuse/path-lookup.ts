import { failedWith } from '../errors.ts';
import type { Directories } from '../fs/directories.ts';

type Node = Awaited<ReturnType<Directories['lookup']>>;

/**
 * The node at a path of the mount: the one place where paths become nodes.
 * @throws Failure as `Directories.lookup`.
 */
export async function nodeAt(directories: Directories, path: string, signal: AbortSignal): Promise<Node> {
  return lookAgain(async () => {
    let node: Node = directories.root;
    for (const name of path.split('/')) {
      if (name !== '') node = await directories.lookup(node, name, signal);
    }
    return node;
  });
}

/** Runs a task that begins at the root once more when a node turned out on the way not to be known any more. */
export async function lookAgain<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!failedWith(error, 'stale')) throw error;
    return task();
  }
}
