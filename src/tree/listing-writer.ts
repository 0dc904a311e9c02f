import { steadyDateMs } from '../async/steady-date.ts';
import { Failure } from '../errors.ts';
import type { Change } from './merge.ts';
import { type Children, type FolderNode, type Node, rootId } from './node.ts';
import { checksumIn, recordOf } from './node-record.ts';
import { addChecksums, rowsAtOnce, type TreeStore } from './tree-store.ts';

/** What a merge has come to. */
export interface MergedListing {
  readonly children: Children;
  readonly changes: readonly Change[];
  readonly gone: readonly Node[];
}

/** A listing on its way into the store. */
interface WrittenListing {
  readonly folder: FolderNode;
  readonly revision: number | undefined;
  /** The sum over all entries that the store has of the folder; undefined where it lacks some of them. */
  readonly sumBefore: number | undefined;
  readonly merged: MergedListing;
  /** Folders that something left for this one, as they are from now on. */
  readonly left: ReadonlyMap<number, { readonly entries: number; readonly checksum: number | undefined }>;
}

interface Surroundings {
  readonly store: TreeStore;
  readonly folderOf: (id: number) => FolderNode | undefined;
  /** How often the store has taken something back. */
  readonly rollbacks: () => number;
  /** Lets others run between parts of a large listing. */
  readonly pause: () => Promise<void>;
}

/**
 * Writes what a listing has shown, in parts; until the last one the folder, and those that something left for it, count as not listed.
 * @returns the sum over all entries that the store has from then on
 * @throws Failure 'no-space' when the store took back a part meanwhile, and as `TreeStore`
 */
export async function writeListing(
  { folder, revision, sumBefore, merged, left }: WrittenListing,
  { store, folderOf, rollbacks, pause }: Surroundings,
): Promise<number> {
  const { children, changes, gone } = merged;
  const rollbacksBefore = rollbacks();
  const put = changes.map(({ node }) => node);
  // What could not be written the last time is written now, with all else of the folder.
  if (sumBefore === undefined) {
    const changed = new Set(put);
    for (const node of children.values()) if (!changed.has(node)) put.push(node);
  }
  if (put.length > 0 || gone.length > 0) store.unlist(folder.id);
  for (const id of left.keys()) store.unlist(id);
  putWithAbove(store, folder, folderOf);
  if (sumBefore === undefined) store.loseChildren(folder.id, steadyDateMs());
  store.lose(idsOf(gone), steadyDateMs());
  store.lose(idsOf(changes.flatMap((change) => (isRenamed(change) ? [change.node] : []))), steadyDateMs());
  for (let start = 0; start < put.length; start += rowsAtOnce) {
    if (start > 0) await pause();
    // What is written after that would be a part without the rest.
    if (rollbacks() !== rollbacksBefore)
      throw new Failure('no-space', 'The store took back what was written');
    store.put(put.slice(start, start + rowsAtOnce));
  }
  const checksum = sumBefore === undefined ? sumOf(children.values()) : changedSum(sumBefore, folder, merged);
  store.putListing(folder.id, { revision, entries: children.size, checksum });
  for (const [id, other] of left) {
    if (other.checksum === undefined) continue;
    store.putListing(id, { revision: undefined, entries: other.entries, checksum: other.checksum });
  }
  return checksum;
}

/** So that what is beneath can be read again: folders above may be some that could not be written. */
function putWithAbove(store: TreeStore, folder: FolderNode, folderOf: Surroundings['folderOf']): void {
  let node: FolderNode | undefined = folder;
  while (node && store.parentOf(node.id) === undefined) {
    store.put([node]);
    node = node.id === rootId ? undefined : folderOf(node.parentId);
  }
}

/** The sum over the entries of a folder after these changes. */
function changedSum(sum: number, folder: FolderNode, { changes, gone }: MergedListing): number {
  let changed = sum;
  for (const node of gone) changed = subtract(changed, node);
  for (const change of changes) {
    if (change.node.parentId !== folder.id) continue;
    if (change.kind === 'changed') changed = subtract(changed, change.before);
    changed = addChecksums(changed, sumOf([change.node]));
  }
  return changed;
}

function isRenamed(change: Change): boolean {
  return change.kind !== 'new' && (change.kind === 'moved-here' || change.node.name !== change.before.name);
}

function idsOf(nodes: readonly Node[]): number[] {
  return nodes.map(({ id }) => id);
}

export function sumOf(nodes: Iterable<Node>): number {
  let sum = 0;
  for (const node of nodes) sum = addChecksums(sum, checksumIn(recordOf(node)));
  return sum;
}

export function subtract(sum: number, node: Node): number {
  return addChecksums(sum, -checksumIn(recordOf(node)));
}
