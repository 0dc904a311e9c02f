import type { DiskPath } from '../disk-api/paths.ts';
import { deepest } from '../tree/folders-above.ts';
import type { LocalNode } from '../tree/local-node.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import { diskNameOf } from '../tree/places.ts';
import { BusyPlaces } from './busy-places.ts';
import { type Need, needOf } from './differences.ts';

/** What the planner is told of the two trees, and of the steps that run. */
export interface Sides {
  readonly tree: Pick<LocalTree, 'all' | 'node' | 'basedAt'>;
  /** The folder that holds this one on the server, of folders that have no local node; undefined for the root. */
  parentOf(folderId: number): number | undefined;
  /** Where the server has a folder, by the bases; asked only while there are intents. */
  readonly pathOf: (folderId: number) => DiskPath;
  /** A step of this node runs. */
  isUnderWay(id: number): boolean;
}

/** Something that differs, by its number in `Waits.all`. */
export interface Pending {
  readonly node: LocalNode;
  readonly need: Need;
  readonly underWay: boolean;
}

const nobody = -1;

/**
 * Who waits for whom, among all that differs.
 *
 * Hard waits cannot be done without: the folder must be there, the name free, what is to stay out of the folder that is deleted. Soft ones save
 * work: what happens in a subtree comes after the move of the subtree, but it can also be done at the old place, and is when the move
 * itself has to wait for it or is given up.
 */
export class Waits {
  readonly all: Pending[] = [];
  /** By number: of the tombstone whose delete covers this one; its own where it stands alone. */
  readonly #tops: (number | undefined)[];
  readonly #numbers = new Map<number, number>();
  /** The nearest folder, from this one upwards, whose place on the server is about to change. */
  readonly #changing = new Map<number, number>();
  readonly #hard: (number[] | undefined)[];
  readonly #soft: (number[] | undefined)[];
  /** By number: of the one whose name on the server it is to get. */
  readonly #occupants = new Map<number, number>();
  readonly #covered = new Map<number, number[]>();
  readonly #busy: BusyPlaces;
  readonly #sides: Sides;
  /** Whether anybody may leave a name on the server. */
  #freesNames = false;

  constructor(sides: Sides) {
    this.#sides = sides;
    this.#busy = new BusyPlaces(sides.tree, sides.pathOf, (folderId) => this.#parentOnServer(folderId));
    for (const node of sides.tree.all()) {
      const need = needOf(node);
      if (need === undefined) continue;
      this.#numbers.set(node.id, this.all.length);
      this.all.push({ node, need, underWay: sides.isUnderWay(node.id) });
    }
    const { length } = this.all;
    // Filled at once: an array that grows by gaps becomes a slow one.
    this.#tops = new Array<undefined>(length).fill(undefined);
    this.#hard = new Array<undefined>(length).fill(undefined);
    this.#soft = new Array<undefined>(length).fill(undefined);
    for (const pending of this.all) {
      const { node, need, underWay } = pending;
      if (need === 'resolve' || (underWay && need !== 'confirm')) this.#busy.add(node);
      if (node.base && need !== 'upload' && need !== 'confirm') this.#freesNames = true;
    }
    for (let number = 0; number < length; number += 1) this.#findTop(number);
    for (let number = 0; number < length; number += 1) this.#findWaits(number);
  }

  /** Those that must have happened before this one can. */
  hardOf(number: number): readonly number[] {
    return this.#hard[number] ?? [];
  }

  /** All that it waits for. */
  waitsOf(number: number): readonly number[] {
    const soft = this.#soft[number];
    return soft ? [...this.hardOf(number), ...soft] : this.hardOf(number);
  }

  /** Whatever keeps it from being its turn: also the delete that it goes with, and of what is to be looked at the folders above. */
  aheadOf(number: number): readonly number[] {
    if (this.isCovered(number)) return [this.topOf(number)];
    const { node, need } = this.at(number);
    if (need !== 'confirm' || !node.base) return this.waitsOf(number);
    const above = this.#nearest(node.base.parentId);
    return above === nobody ? [] : [above];
  }

  /** Who stands on the server where this one is to stand. */
  occupantOf(number: number): number | undefined {
    return this.#occupants.get(number);
  }

  isFree(number: number): boolean {
    return this.#hard[number] === undefined && this.#soft[number] === undefined;
  }

  isCovered(number: number): boolean {
    return this.#tops[number] !== number;
  }

  topOf(number: number): number {
    return this.#tops[number] ?? number;
  }

  /** Numbers of the tombstones that go with this one. */
  coveredBy(number: number): readonly number[] {
    return this.#covered.get(number) ?? [];
  }

  /** Whether the place of this folder on the server is as it stays for now. */
  isSettledFolder(folderId: number): boolean {
    return this.#nearest(folderId) === nobody;
  }

  /** Whether something that runs, or may still take effect, is in its way: the server would answer 423. */
  isLocked(number: number): boolean {
    const { node, need } = this.at(number);
    if (need === 'resolve' || need === 'set-properties' || need === 'confirm') return false;
    // A date or a mode that is on its way to what this one replaces goes by the path, and would come to this one.
    if (node.replaces && this.#sides.isUnderWay(node.replaces.id)) return true;
    return this.#busy.isInTheWayOf(node);
  }

  at(number: number): Pending {
    const pending = this.all[number];
    if (!pending) throw new Error(`Nothing has the number ${number}`);
    return pending;
  }

  /** Where the server has it; of what it does not have yet, where it will be. */
  #parentOnServer(folderId: number): number | undefined {
    const node = this.#sides.tree.node(folderId);
    if (!node) return this.#sides.parentOf(folderId);
    return node.base?.parentId ?? node.parentId;
  }

  /** Number of the nearest folder from here upwards that is made, moved or deleted, or has a step that runs. */
  #nearest(folderId: number): number {
    const passed: number[] = [];
    let at: number | undefined = folderId;
    let found: number | undefined;
    // What listings of different moments have shown may be a ring.
    while (at !== undefined && passed.length < deepest) {
      found = this.#changing.get(at);
      if (found !== undefined) break;
      passed.push(at);
      found = this.#changingItself(at);
      if (found !== undefined) break;
      at = this.#parentOnServer(at);
    }
    for (const each of passed) this.#changing.set(each, found ?? nobody);
    return found ?? nobody;
  }

  #changingItself(folderId: number): number | undefined {
    const number = this.#numbers.get(folderId);
    if (number === undefined) return undefined;
    const { node, need, underWay } = this.at(number);
    if (need === 'confirm' || (need === 'set-properties' && !underWay)) return undefined;
    return need === 'move' && !underWay && isGivenUp(node) ? undefined : number;
  }

  /** A tombstone in a folder that is deleted too goes with it. */
  #findTop(number: number): void {
    const chain: number[] = [];
    let at = number;
    while (this.#tops[at] === undefined) {
      chain.push(at);
      const above = this.#tombstoneAbove(at);
      if (above === undefined) this.#tops[at] = at;
      else at = above;
    }
    const top = this.topOf(at);
    for (const each of chain) {
      this.#tops[each] = top;
      if (each === top) continue;
      const covered = this.#covered.get(top);
      if (covered) covered.push(each);
      else this.#covered.set(top, [each]);
    }
  }

  #tombstoneAbove(number: number): number | undefined {
    const { node, need, underWay } = this.at(number);
    if (need !== 'delete' || underWay || !node.base) return undefined;
    const nearest = this.#nearest(node.base.parentId);
    if (nearest === nobody) return undefined;
    const above = this.at(nearest);
    return above.need === 'delete' && !above.underWay ? nearest : undefined;
  }

  #findWaits(number: number): void {
    const { node, need, underWay } = this.at(number);
    if (underWay || need === 'resolve' || need === 'confirm' || this.isCovered(number)) return;
    const { base } = node;
    if (base) this.#waitForSource(number, base.parentId);
    if (need === 'make-folder' || need === 'move' || (need === 'upload' && !base))
      this.#waitForTarget(number);
  }

  #waitForSource(number: number, folderId: number): void {
    const nearest = this.#nearest(folderId);
    if (nearest === nobody) return;
    const above = this.at(nearest);
    if (above.need === 'delete' && !above.underWay) {
      const top = this.topOf(nearest);
      if (this.at(number).need !== 'move') this.#addHard(number, top);
      else {
        // It is to stay, so it leaves first; after a folder further up that is moved with both of them.
        this.#addHard(top, number);
        const { base } = this.at(top).node;
        if (base) this.#waitForSource(number, base.parentId);
      }
    } else if (above.need === 'move' && !above.underWay) addTo(this.#soft, number, nearest);
    else this.#addHard(number, nearest);
  }

  #waitForTarget(number: number): void {
    const { node, need } = this.at(number);
    const name = diskNameOf(node);
    const occupant = this.#freesNames ? this.#sides.tree.basedAt(node.parentId, name) : undefined;
    const occupied = occupant && occupant.id !== node.id ? this.#numbers.get(occupant.id) : undefined;
    if (occupied !== undefined && this.at(occupied).need !== 'confirm') {
      this.#occupants.set(number, this.topOf(occupied));
      this.#addHard(number, this.topOf(occupied));
    }
    const nearest = this.#nearest(node.parentId);
    // Others may have moved its target into itself: it cannot be waited for, and the step sees what is to be done.
    if (nearest !== nobody && nearest !== number) {
      const { need: needAbove, underWay } = this.at(nearest);
      if (needAbove === 'move' && !underWay) addTo(this.#soft, number, nearest);
      else this.#addHard(number, nearest);
    }
    if (need === 'move' && node.kind === 'folder') this.#waitToBeOutside(number);
  }

  /** Its target lies within itself, as the server has it, until that has moved away. */
  #waitToBeOutside(number: number): void {
    const { node } = this.at(number);
    let at: number | undefined = node.parentId;
    let mover = nobody;
    for (let depth = 0; at !== undefined && at !== node.id && depth < deepest; depth++) {
      const above: number | undefined = mover === nobody ? this.#numbers.get(at) : undefined;
      if (above !== undefined && this.at(above).need === 'move') mover = above;
      at = this.#parentOnServer(at);
    }
    if (at === node.id && mover !== nobody) this.#addHard(number, mover);
  }

  #addHard(number: number, other: number): void {
    addTo(this.#hard, number, other);
  }
}

function addTo(lists: (number[] | undefined)[], at: number, value: number): void {
  const list = lists[at];
  if (list) list.push(value);
  else lists[at] = [value];
}

/** Nobody tries it again by himself: what can be done without it is not to wait. */
function isGivenUp({ trouble }: LocalNode): boolean {
  return trouble !== undefined && trouble.retryAtMs === undefined;
}
