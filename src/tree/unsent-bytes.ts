import type { LocalNode } from './local-node.ts';
import type { LocalTree } from './local-tree.ts';

/** How many bytes of drafts are still to go up, less those that they replace: a running sum, since every write asks. */
export class UnsentBytes {
  readonly #byNode = new Map<number, number>();
  #sumBytes = 0;

  constructor(local: LocalTree) {
    for (const node of local.all()) this.#count(node.id, node);
    local.onChange(({ put = [], remove = [] }) => {
      for (const id of remove) this.#count(id, undefined);
      for (const node of put) this.#count(node.id, node);
    });
  }

  get bytes(): number {
    return Math.max(0, this.#sumBytes);
  }

  #count(id: number, node: LocalNode | undefined): void {
    const bytes = node ? dueBytes(node) : 0;
    this.#sumBytes += bytes - (this.#byNode.get(id) ?? 0);
    if (bytes === 0) this.#byNode.delete(id);
    else this.#byNode.set(id, bytes);
  }
}

function dueBytes({ draft, state, base, replaces }: LocalNode): number {
  if (!draft || state === 'deleted' || draft.version === draft.sentVersion) return 0;
  return draft.sizeBytes - ((base ?? replaces?.base)?.content?.sizeBytes ?? 0);
}
