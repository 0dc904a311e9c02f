import type { LocalChange } from './local-change.ts';
import type { LocalNode } from './local-node.ts';
import type { LocalTree } from './local-tree.ts';
import { shownName } from './names.ts';
import { isInPlace, type Place } from './places.ts';

export type LocalPlaces = Pick<LocalTree, 'node' | 'basedAt' | 'shownIn'>;

/** A change of the local tree in the making: reads see what it has changed so far. */
export class LocalEdit {
  readonly #tree: LocalPlaces;
  readonly #put = new Map<number, LocalNode>();
  readonly #removed = new Set<number>();

  constructor(tree: LocalPlaces) {
    this.#tree = tree;
  }

  put(node: LocalNode): void {
    this.#removed.delete(node.id);
    this.#put.set(node.id, node);
  }

  remove(id: number): void {
    this.#put.delete(id);
    this.#removed.add(id);
  }

  node(id: number): LocalNode | undefined {
    return this.#put.get(id) ?? (this.#removed.has(id) ? undefined : this.#tree.node(id));
  }

  basedAt(folderId: number, diskName: string): LocalNode | undefined {
    for (const node of this.#put.values())
      if (node.base?.parentId === folderId && node.base.name === diskName) return node;
    return this.#unchanged(this.#tree.basedAt(folderId, diskName));
  }

  shownAt(folderId: number, name: string): LocalNode | undefined {
    for (const node of this.#put.values())
      if (node.state === 'shown' && node.parentId === folderId && node.name === name) return node;
    return this.#unchanged(this.#tree.shownIn(folderId).get(name));
  }

  /** The file that is to go there takes over the one that stands there on the server and is to be deleted. */
  takeOver({ parentId, name }: Place): void {
    const stood = this.basedAt(parentId, name);
    if (!stood?.base || stood.state !== 'deleted' || stood.kind !== 'file' || stood.intent) return;
    const taker = this.shownAt(parentId, shownName(name));
    if (taker?.kind !== 'file' || taker.replaces || isInPlace(taker)) return;
    this.put({ ...taker, replaces: { id: stood.id, base: stood.base } });
    // It is not forgotten yet: listings go on showing it until the other one is there. Who has it open keeps it.
    this.put({ ...stood, base: undefined, hidden: stood.hidden && { ...stood.hidden, tentative: false } });
  }

  change(): LocalChange {
    return { put: [...this.#put.values()], remove: [...this.#removed] };
  }

  #unchanged(node: LocalNode | undefined): LocalNode | undefined {
    return node && !this.#put.has(node.id) && !this.#removed.has(node.id) ? node : undefined;
  }
}
