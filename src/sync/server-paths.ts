import { childPath, type DiskPath } from '../disk-api/paths.ts';
import { Failure } from '../errors.ts';
import { deepest } from '../tree/folders-above.ts';
import type { LocalNode, ServerPlace } from '../tree/local-node.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import { rootId } from '../tree/node.ts';
import { diskNameOf } from '../tree/places.ts';

/** A folder as the server last showed it. */
export interface KnownFolderPlace {
  readonly parentId: number;
  readonly name: string;
  readonly remote: { readonly name: string };
}

/** Whoever knows folders by their numbers. */
interface FolderSource {
  readonly folder: (id: number) => KnownFolderPlace | undefined;
}

/** Where things are on the server: what was moved here is there still at its base, until the move was sent. */
export class ServerPaths {
  readonly #root: DiskPath;
  readonly #local: Pick<LocalTree, 'node'>;
  readonly #hooks: FolderSource;

  constructor(root: DiskPath, local: Pick<LocalTree, 'node'>, hooks: FolderSource) {
    this.#root = root;
    this.#local = local;
    this.#hooks = hooks;
  }

  /** @throws Failure 'no-parent' where the server has no such folder, as far as is known */
  folder(id: number): DiskPath {
    const names: string[] = [];
    let folderId = id;
    while (folderId !== rootId) {
      const place = this.#placeOf(folderId);
      if (!place || names.length > deepest)
        throw new Failure('no-parent', 'The folder is not on the Disk, as far as is known');
      names.push(place.name);
      folderId = place.parentId;
    }
    return names.reduceRight(childPath, this.#root);
  }

  /** Where it is or will be, as far as can be told; never fails. */
  expectedFolder(id: number): DiskPath {
    const names: string[] = [];
    let folderId = id;
    while (folderId !== rootId && names.length < deepest) {
      const place = this.#placeOf(folderId) ?? this.#local.node(folderId);
      names.push(place?.name ?? `?${folderId}`);
      folderId = place?.parentId ?? rootId;
    }
    return names.reduceRight(childPath, this.#root);
  }

  /** @throws Failure as `folder` */
  at(place: ServerPlace): DiskPath {
    return childPath(this.folder(place.parentId), place.name);
  }

  #placeOf(id: number): ServerPlace | undefined {
    const node = this.#local.node(id);
    if (node) return node.base;
    const known = this.#hooks.folder(id);
    return known && { parentId: known.parentId, name: known.remote.name };
  }
}

/** Where the node is to be on the server. */
export function wantedPlace(node: LocalNode): ServerPlace {
  return { parentId: node.parentId, name: diskNameOf(node) };
}
