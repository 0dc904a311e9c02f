import type { DeclaredContent } from './declared-content.ts';

/** Orders in which a rule can give its entries. */
export type EasyOrder = 'folders-first' | 'name';

/** What a folder holds, by name key. */
export interface Children<Node> {
  readonly count: number;
  get(key: string): Node | undefined;
  /** As `get`, and from now on the node is kept, so that it can be changed. */
  keep(key: string): Node | undefined;
  set(key: string, node: Node): void;
  delete(key: string): void;
  all(): Iterable<Node>;
  /** A page in order, where that costs less than sorting `all`; null where it does not. */
  page(order: EasyOrder, offset: number, limit: number): Node[] | null;
  /** The rule that gives all of it; null where there is none, or where something was changed since. */
  rule(): DeclaredContent | null;
}

/** How much there is: resources and bytes. */
export interface Totals {
  readonly items: number;
  readonly sizeBytes: number;
}

/** Children that are all held in memory. */
export function heldChildren<Node>(): Children<Node> {
  const nodes = new Map<string, Node>();
  return {
    get count() {
      return nodes.size;
    },
    get: (key) => nodes.get(key),
    keep: (key) => nodes.get(key),
    set: (key, node) => {
      nodes.set(key, node);
    },
    delete: (key) => {
      nodes.delete(key);
    },
    all: () => nodes.values(),
    page: () => null,
    rule: () => null,
  };
}
