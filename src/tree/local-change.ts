import type { Base, LocalNode } from './local-node.ts';

/** What one operation changes in the local tree, all of it or nothing. */
export interface LocalChange {
  readonly put?: readonly LocalNode[];
  readonly remove?: readonly number[];
  /** What was on the server until now, and is not any more by an effect of ours: listings may show it still. */
  readonly past?: readonly Base[];
  /** What is there now by an effect of ours, whatever was there before. */
  readonly present?: readonly Base[];
}
