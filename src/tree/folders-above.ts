import type { LocalChange } from './local-change.ts';
import type { LocalNode } from './local-node.ts';
import { shownName } from './names.ts';
import { type FolderNode, rootId } from './node.ts';
import { epoch } from './times.ts';

/** A folder above something unsent, as it was known when that was written down. */
export interface FolderAbove {
  readonly id: number;
  readonly parentId: number;
  /** The Disk's own name. */
  readonly name: string;
  readonly resourceId: string | undefined;
}

/** Deeper than this no folder is; a ring would go on for ever. */
export const deepest = 5_000;

/**
 * The folders above what is unsent, beside it: what is known of the Disk may be lost, and a number alone finds no folder.
 *
 * INVARIANT: a node that differs stands in the root, in a folder that differs, or in one of these.
 */
export class FoldersAbove {
  readonly #folders = new Map<number, FolderAbove>();

  constructor(stored: Iterable<FolderAbove>) {
    this.take(stored);
  }

  all(): IterableIterator<FolderAbove> {
    return this.#folders.values();
  }

  has(id: number): boolean {
    return this.#folders.has(id);
  }

  take(folders: Iterable<FolderAbove>): void {
    for (const folder of folders) this.#folders.set(folder.id, folder);
  }

  /**
   * What is to be noted with a change.
   * @param node what differs so far
   * @param known of the folders that do not
   */
  missing(
    { put = [], remove = [] }: LocalChange,
    node: (id: number) => LocalNode | undefined,
    known: (id: number) => FolderNode | undefined,
  ): FolderAbove[] {
    const missing = new Map<number, FolderAbove>();
    const ours = new Map(put.map((each) => [each.id, each]));
    const note = (folderId: number) => {
      let id = folderId;
      for (let depth = 0; id > rootId && depth < deepest && !missing.has(id); depth++) {
        // It names the folders above it itself, as long as it differs.
        if (ours.has(id) || (node(id) && !remove.includes(id))) return;
        const folder = known(id);
        if (!folder) return;
        const { parentId, remote } = folder;
        const above = { id, parentId, name: remote.name, resourceId: remote.resourceId };
        if (!isSame(above, this.#folders.get(id))) missing.set(id, above);
        id = parentId;
      }
    };
    for (const each of put) for (const id of foldersOf(each)) note(id);
    for (const id of remove) if (node(id)?.kind === 'folder') note(id);
    return [...missing.values()];
  }

  /** Lets go of those with nothing unsent beneath them. @returns their numbers */
  prune(nodes: Iterable<LocalNode>): number[] {
    const needed = new Set<number>();
    for (const node of nodes)
      for (let id of foldersOf(node))
        while (!needed.has(id)) {
          needed.add(id);
          id = this.#folders.get(id)?.parentId ?? id;
        }
    const surplus = [...this.#folders.keys()].filter((id) => !needed.has(id));
    for (const id of surplus) this.#folders.delete(id);
    return surplus;
  }
}

/** As a node of which no more is known than that. */
export function asNode({ id, parentId, name, resourceId }: FolderAbove): FolderNode {
  return {
    id,
    parentId,
    name: shownName(name),
    kind: 'folder',
    remote: {
      name,
      // Told by the folders above it when it is read.
      path: '',
      resourceId,
      revision: undefined,
      modified: epoch,
      mediaType: undefined,
      mimeType: undefined,
      publicUrl: undefined,
      shared: false,
      properties: undefined,
      content: undefined,
    },
  };
}

/** All folders that a node names. */
function foldersOf({ parentId, base, replaces, intent }: LocalNode): number[] {
  const ids = [parentId, base?.parentId, replaces?.base.parentId];
  if (intent && intent.kind !== 'delete') ids.push(intent.place.parentId);
  return [...new Set(ids.flatMap((id) => id ?? []))];
}

function isSame(one: FolderAbove, other: FolderAbove | undefined): boolean {
  return (
    other !== undefined &&
    one.parentId === other.parentId &&
    one.name === other.name &&
    one.resourceId === other.resourceId
  );
}
