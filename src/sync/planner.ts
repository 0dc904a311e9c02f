import type { LocalNode } from '../tree/local-node.ts';
import { dueAtMs, type Turn, tentativeMs } from './differences.ts';
import { groupsOf } from './rings.ts';
import type { Plan, Step } from './step.ts';
import { type Pending, type Sides, Waits } from './waits.ts';

interface PlannerInput extends Sides, Turn {
  /** Somebody asked for it at once: its write-back delay is over, and that of all it waits for. */
  isFlushed(node: LocalNode): boolean;
  /** Until when the date of this file is put off: one that comes too soon after the last upload is lost. Unix milliseconds. */
  dateRestsUntilMs(id: number): number | undefined;
  /** Until when looks at this folder are better put off: one is to show the dates of all that was uploaded into it. Unix milliseconds. */
  folderRestsUntilMs(folderId: number): number | undefined;
}

/** What was changed so long ago is looked at also where something else goes on in its folder. */
const longestUnseenMs = 30_000;

/**
 * What can be done now so that the server becomes as it is here: a function of what differs, with no memory. All steps of a plan can run at
 * the same time; when one ends, or something changes here, a new plan is made.
 */
export function planSteps(input: PlannerInput): Plan {
  return new Planning(input).plan();
}

class Planning {
  readonly #input: PlannerInput;
  readonly #waits: Waits;
  readonly #urged = new Set<number>();
  readonly #steps: Step[] = [];
  /** Folders on the server in which something happens now. */
  readonly #active = new Set<number>();
  #nextAtMs: number | undefined;

  constructor(input: PlannerInput) {
    this.#input = input;
    this.#waits = new Waits(input);
  }

  plan(): Plan {
    const waits = this.#waits;
    this.#urge();
    const waiting: number[] = [];
    const last: number[] = [];
    let mayRing = false;
    for (let number = 0; number < waits.all.length; number += 1) {
      const pending = waits.at(number);
      const { need, underWay } = pending;
      if (underWay && need !== 'confirm') this.#noteActivity(pending);
      if (underWay || waits.isCovered(number)) continue;
      if (need === 'confirm' || need === 'set-properties') last.push(number);
      else if (!waits.isFree(number)) {
        this.#isReady(number);
        // Nobody waits for an upload, and folders that are to be made wait upwards alone.
        if (need !== 'upload') waiting.push(number);
        if (need === 'move' || need === 'delete') mayRing = true;
      } else if (this.#isReady(number)) this.#begin(number);
    }
    if (mayRing) this.#openRings(waiting);
    this.#setProperties(last);
    this.#confirm(last);
    return { steps: this.#steps, nextAtMs: this.#nextAtMs };
  }

  /** Whom somebody flushed, and all that they wait for. */
  #urge(): void {
    const queue: number[] = [];
    const add = (number: number) => {
      if (this.#urged.has(number)) return;
      this.#urged.add(number);
      queue.push(number);
    };
    this.#waits.all.forEach(({ node }, number) => {
      if (this.#input.isFlushed(node)) add(this.#waits.topOf(number));
    });
    for (let number = queue.pop(); number !== undefined; number = queue.pop())
      for (const other of this.#waits.waitsOf(number)) add(other);
  }

  /** Whether it is its turn but for those it waits for. Notes when time will bring it. */
  #isReady(number: number): boolean {
    const { node, need } = this.#waits.at(number);
    let at = dueAtMs(node, need, this.#input, this.#urged.has(number));
    if (at === undefined) return false;
    for (const covered of this.#waits.coveredBy(number)) {
      const { hidden, changedAtMs } = this.#waits.at(covered).node;
      if (hidden?.tentative) at = Math.max(at, changedAtMs + tentativeMs);
    }
    return this.#isOver(at) && !this.#waits.isLocked(number);
  }

  #isOver(atMs: number): boolean {
    if (atMs <= this.#input.nowMs) return true;
    this.#nextAtMs = Math.min(this.#nextAtMs ?? atMs, atMs);
    return false;
  }

  #begin(number: number): void {
    const pending = this.#waits.at(number);
    const { need, node } = pending;
    const { id } = node;
    this.#noteActivity(pending);
    if (need === 'move') this.#steps.push({ kind: need, id, aside: false });
    else if (need === 'delete') this.#steps.push({ kind: need, id, covers: this.#coveredIds(number) });
    else if (need !== 'confirm') this.#steps.push({ kind: need, id });
  }

  #coveredIds(number: number): number[] {
    return this.#waits.coveredBy(number).map((covered) => this.#waits.at(covered).node.id);
  }

  #noteActivity({ node }: Pending): void {
    this.#active.add(node.parentId);
    if (node.base) this.#active.add(node.base.parentId);
  }

  /** Those that wait for each other and for nobody else: one of each such group goes. */
  #openRings(waiting: readonly number[]): void {
    const waits = this.#waits;
    const closed = (members: readonly number[]) => {
      const inside = new Set(members);
      return (
        members.length > 1 && members.every((each) => waits.waitsOf(each).every((other) => inside.has(other)))
      );
    };
    for (const members of groupsOf(waiting, (number) => waits.waitsOf(number)))
      if (closed(members)) this.#openRing(members);
  }

  /** One that has only soft waits; where there is none, one that stands in the way of another is moved aside. */
  #openRing(members: readonly number[]): void {
    const inside = new Set(members);
    const hardInside = (number: number) => this.#waits.hardOf(number).filter((other) => inside.has(other));
    for (const group of groupsOf(members, hardInside)) {
      const [first] = group;
      if (first === undefined) continue;
      if (group.length === 1) {
        if (this.#waits.hardOf(first).length > 0 || !this.#isReady(first)) continue;
        this.#begin(first);
        return;
      }
      const within = new Set(group);
      if (!group.every((each) => this.#isReady(each) && hardInside(each).every((other) => within.has(other))))
        continue;
      const aside = this.#inTheWay(group);
      if (aside === undefined) {
        // To leave a folder that is deleted for one beneath it, which others have taken away: what its own look finds decides.
        const leaving = group.find((each) => this.#waits.at(each).need === 'move');
        if (leaving === undefined) continue;
        this.#begin(leaving);
        return;
      }
      this.#noteActivity(this.#waits.at(aside));
      this.#steps.push({ kind: 'move', id: this.#waits.at(aside).node.id, aside: true });
      return;
    }
  }

  /** One whose name another of them is to get; rather one that is to stay. */
  #inTheWay(members: readonly number[]): number | undefined {
    const within = new Set(members);
    const inTheWay = members
      .map((number) => this.#waits.occupantOf(number))
      .filter((number) => number !== undefined && within.has(number));
    return (
      inTheWay.find((number) => number !== undefined && this.#waits.at(number).need === 'move') ?? inTheWay[0]
    );
  }

  #setProperties(numbers: readonly number[]): void {
    for (const number of numbers) {
      const { node, need } = this.#waits.at(number);
      if (need !== 'set-properties' || !node.base) continue;
      if (!this.#waits.isFree(number) || !this.#isReady(number)) continue;
      if (this.#isOver(this.#input.dateRestsUntilMs(node.id) ?? 0)) this.#begin(number);
    }
  }

  /** One look for all that is waiting in a folder, once nothing else happens there; a large upload may take hours, and is not waited for. */
  #confirm(numbers: readonly number[]): void {
    const folders = new Map<number, number[]>();
    const overdue = new Set<number>();
    for (const number of numbers) {
      const { node, need } = this.#waits.at(number);
      if (need !== 'confirm' || !node.base || !this.#isReady(number)) continue;
      const { parentId } = node.base;
      const ids = folders.get(parentId);
      if (ids) ids.push(node.id);
      else folders.set(parentId, [node.id]);
      if (node.changedAtMs + longestUnseenMs <= this.#input.nowMs) overdue.add(parentId);
    }
    for (const [folderId, ids] of folders) {
      if (!this.#waits.isSettledFolder(folderId)) continue;
      const isBusy =
        this.#active.has(folderId) || !this.#isOver(this.#input.folderRestsUntilMs(folderId) ?? 0);
      if (isBusy && !overdue.has(folderId)) continue;
      this.#steps.push({ kind: 'confirm', folderId, ids });
    }
  }
}
