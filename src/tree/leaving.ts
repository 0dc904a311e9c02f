import { subtract, sumOf } from './listing-writer.ts';
import type { Change } from './merge.ts';
import type { Children, FolderNode, Node } from './node.ts';
import { addChecksums } from './tree-store.ts';

interface Surroundings {
  readonly folder: (id: number) => FolderNode | undefined;
  /** Undefined for a folder that was never listed. */
  readonly known: (folder: FolderNode) => { readonly checksum: number | undefined } | undefined;
  readonly children: (folder: FolderNode) => Children;
}

/** What a folder has left after something moved out of it. */
interface Left {
  readonly children: Children;
  /** The sum over all entries; undefined where the store does not have them all. */
  readonly checksum: number | undefined;
}

/**
 * The folders, by number, that something has left for this one: what moved here is not where it was any more. All of that is to be read before any of
 * it is written: in between, the store's sums would be those of another moment.
 */
export function leftBehind(
  into: FolderNode,
  changes: readonly Change[],
  surroundings: Surroundings,
): ReadonlyMap<number, Left> {
  const left = new Map<number, { children: Map<string, Node>; checksum: number | undefined }>();
  for (const change of changes) {
    if (change.kind === 'new') continue;
    const { node, before } = change;
    if (before.parentId === into.id) continue;
    const otherFolder = surroundings.folder(before.parentId);
    if (!otherFolder) continue;
    const known = surroundings.known(otherFolder);
    // One copy for all that leave the same folder.
    const other = left.get(otherFolder.id) ?? {
      children: new Map(surroundings.children(otherFolder)),
      checksum: known?.checksum,
    };
    const shown = other.children.get(before.name);
    if (!known || shown?.id !== before.id) continue;
    left.set(otherFolder.id, other);
    const stays = node.parentId === before.parentId;
    if (stays) other.children.set(node.name, node);
    else other.children.delete(before.name);
    if (other.checksum !== undefined)
      other.checksum = addChecksums(subtract(other.checksum, shown), stays ? sumOf([node]) : 0);
  }
  return left;
}
