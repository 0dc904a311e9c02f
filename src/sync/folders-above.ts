import { deepest } from '../tree/folders-above.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import { rootId } from '../tree/node.ts';

/** Both trees, as far as they know folders. */
export interface KnownFolders {
  readonly local: Pick<LocalTree, 'node'>;
  readonly hooks: {
    readonly folder: (id: number) => { readonly parentId: number; readonly name: string } | undefined;
  };
}

/** The folders above something as they are here, from the nearest on, without the root. */
export function* foldersAboveHere(
  { local, hooks }: KnownFolders,
  parentId: number,
): Generator<{ readonly id: number; readonly name: string }> {
  let id = parentId;
  for (let depth = 1; id > rootId && depth < deepest; depth++) {
    const folder = local.node(id) ?? hooks.folder(id);
    if (!folder) return;
    yield { id, name: folder.name };
    id = folder.parentId;
  }
}

/** Numbers of the folders above something as the server has them, from the nearest on, without the root. */
export function* foldersAboveThere(
  { local, hooks }: KnownFolders,
  parentId: number | undefined,
): Generator<number> {
  let id = parentId;
  for (let depth = 0; id !== undefined && id > rootId && depth < deepest; depth++) {
    yield id;
    const node = local.node(id);
    id = node ? node.base?.parentId : hooks.folder(id)?.parentId;
  }
}
