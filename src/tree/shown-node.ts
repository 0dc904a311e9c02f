import type { LocalNode } from './local-node.ts';
import type { RemoteSide } from './node.ts';

/** A node as programs are to see it: what the server shows, but for what was done here. */
export interface ShownNode {
  readonly id: number;
  readonly kind: 'file' | 'folder';
  /** 0 for the root. */
  readonly parentId: number;
  readonly name: string;
  /** What the server last said; undefined where it never had it, as far as is known. */
  readonly remote?: RemoteSide | undefined;
  /** What differs here; undefined: nothing. */
  readonly local?: LocalNode | undefined;
}

/** The bytes of one version that the server has. */
export type ServerContent = NonNullable<RemoteSide['content']>;
