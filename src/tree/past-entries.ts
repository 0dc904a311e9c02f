import { steadyDateMs } from '../async/steady-date.ts';
import type { Base } from './local-node.ts';
import { placeKey } from './places.ts';
import { isSameBytes, mayBeSameResource } from './sameness.ts';

/** What the server had at a place until an effect of ours: for a while a listing may show it still. */
export interface PastEntry {
  readonly base: Base;
  /** Of the effect; Unix milliseconds, since it outlasts this process. */
  readonly atMs: number;
}

/** All that was at one place; none when it is to be forgotten. */
export interface PastPlace {
  readonly key: string;
  readonly entries: readonly PastEntry[];
}

/** What a listing shows at a place. */
type ShownThere = Pick<Base, 'resourceId' | 'content'>;

/** For so long after an effect of ours other bytes of before it are lag, not news. */
export const lagMs = 180_000;
/** For so long nothing where something of ours should be is lag, or something that was there where nothing of ours came in its place. */
export const unseenMs = 30_000;
/** Beyond that the oldest are forgotten early. */
const mostPlaces = 20_000;

/**
 * What was deleted, moved away or replaced on the server by us a short time ago, by place. Whatever forgets a node need not wait for listings that lag:
 * what they show is known for what it is.
 */
export class PastEntries {
  /** The places changed last come last. */
  readonly #places = new Map<string, readonly PastEntry[]>();
  readonly #now: () => number;

  constructor(stored: Iterable<PastPlace>, now: () => number = steadyDateMs) {
    this.#now = now;
    this.take([...stored]);
  }

  /** The places that change when these come to be past, and these are there (again); and those whose time is over. */
  after(past: readonly Base[], present: readonly Base[]): PastPlace[] {
    if (past.length === 0 && present.length === 0) return [];
    const atMs = this.#now();
    const changed = new Map<string, readonly PastEntry[]>();
    const entriesAt = (key: string) => changed.get(key) ?? this.#places.get(key) ?? [];
    for (const base of past) {
      const key = placeKey(base.parentId, base.name);
      changed.set(key, [...entriesAt(key).filter((entry) => this.#counts(entry)), { base, atMs }]);
    }
    for (const base of present) {
      const key = placeKey(base.parentId, base.name);
      const others = entriesAt(key).filter((entry) => !isSame(entry.base, base));
      if (others.length < entriesAt(key).length) changed.set(key, others);
    }
    let surplus = this.#places.size - mostPlaces;
    for (const [key, entries] of this.#places) {
      if (surplus-- <= 0 && entries.some((entry) => this.#counts(entry))) break;
      if (!changed.has(key)) changed.set(key, []);
    }
    return [...changed].map(([key, entries]) => ({ key, entries }));
  }

  take(places: readonly PastPlace[]): void {
    for (const { key, entries } of places) {
      this.#places.delete(key);
      if (entries.length > 0) this.#places.set(key, entries);
    }
  }

  /** All that was at a place. */
  at(folderId: number, diskName: string): Base[] {
    return this.#places.get(placeKey(folderId, diskName))?.map(({ base }) => base) ?? [];
  }

  /**
   * Whether what is shown there is what was there before an effect of ours.
   * @param withinMs of that effect
   */
  has(folderId: number, diskName: string, shown: ShownThere, withinMs = lagMs): boolean {
    const entries = this.#places.get(placeKey(folderId, diskName));
    return entries?.some((entry) => this.#counts(entry, withinMs) && isSame(entry.base, shown)) ?? false;
  }

  #counts({ atMs }: PastEntry, withinMs = lagMs): boolean {
    return Math.abs(this.#now() - atMs) < withinMs;
  }
}

function isSame(one: ShownThere, other: ShownThere): boolean {
  if (!mayBeSameResource(one.resourceId, other.resourceId)) return false;
  if (!one.content || !other.content) return one.content === other.content;
  return isSameBytes(one.content, other.content);
}
