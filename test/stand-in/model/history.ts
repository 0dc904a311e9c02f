import type { FolderNode, Node } from './nodes.ts';

interface Past<State> {
  /** When it ceased to be so. */
  readonly untilMs: number;
  readonly state: State;
}

/** What folders were a moment ago, for listings and totals that lag behind. Empty while nothing lags. */
export class History {
  readonly #listings = new WeakMap<FolderNode, Past<readonly Node[]>[]>();
  readonly #counts = new WeakMap<FolderNode, Past<number>[]>();

  /** To be called before a folder changes, or anything directly in it. */
  remember(folder: FolderNode, nowMs: number, listingLagMs: number, totalLagMs: number): void {
    if (listingLagMs > 0) {
      const snapshot = Array.from(folder.children.all(), (node) => ({ ...node }));
      add(this.#listings, folder, snapshot, nowMs, listingLagMs);
    }
    if (totalLagMs > 0) add(this.#counts, folder, folder.children.count, nowMs, totalLagMs);
  }

  /** The entries `lagMs` ago; undefined if they are the same as now. */
  entries(folder: FolderNode, nowMs: number, lagMs: number): readonly Node[] | undefined {
    return stateAt(this.#listings.get(folder), nowMs - lagMs);
  }

  /** The number of entries `lagMs` ago; undefined if it is the same as now. */
  count(folder: FolderNode, nowMs: number, lagMs: number): number | undefined {
    return stateAt(this.#counts.get(folder), nowMs - lagMs);
  }
}

function add<State>(
  map: WeakMap<FolderNode, Past<State>[]>,
  folder: FolderNode,
  state: State,
  nowMs: number,
  lagMs: number,
): void {
  const pasts = (map.get(folder) ?? []).filter((past) => past.untilMs > nowMs - lagMs);
  pasts.push({ untilMs: nowMs, state });
  map.set(folder, pasts);
}

/** The state before the first change after that time. */
function stateAt<State>(pasts: readonly Past<State>[] | undefined, atMs: number): State | undefined {
  return pasts?.find((past) => past.untilMs > atMs)?.state;
}
