import type { LocalNode } from './local-node.ts';

/** What one operation changes in the local tree, all of it or nothing. */
export interface LocalChange {
  readonly put?: readonly LocalNode[];
  readonly remove?: readonly number[];
}
