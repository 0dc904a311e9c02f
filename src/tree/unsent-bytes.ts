import type { LocalNode } from './local-node.ts';
import type { LocalTree } from './local-tree.ts';

interface Due {
  /** What is still to go up, less what it replaces. */
  readonly bytes: number;
  /** What the server has of the file itself; undefined: nothing yet. */
  readonly baseBytes: number | undefined;
}

/** By how much the Disk will be fuller when all drafts are there, and by how much it has become so: running sums, since every write asks. */
export class UnsentBytes {
  readonly #byNode = new Map<number, Due>();
  #sumBytes = 0;
  #sentBytes = 0;

  constructor(local: Pick<LocalTree, 'all' | 'onChange'>) {
    for (const node of local.all()) this.#count(node.id, node);
    local.onChange(({ put = [], remove = [] }) => {
      for (const id of remove) this.#count(id, undefined);
      for (const node of put) this.#count(node.id, node);
    });
  }

  /** Of drafts that are still to go up, less those that they replace. */
  get bytes(): number {
    return Math.max(0, this.#sumBytes);
  }

  /** Of those that went up since the beginning, less those that they replaced. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  #count(id: number, node: LocalNode | undefined): void {
    const before = this.#byNode.get(id);
    const due = node && dueOf(node);
    const beforeBytes = before?.bytes ?? 0;
    const dueBytes = due?.bytes ?? 0;
    this.#sumBytes += dueBytes - beforeBytes;
    // What the server has of a file changes by what is sent.
    if (before && due && due.baseBytes !== before.baseBytes) this.#sentBytes += beforeBytes - dueBytes;
    if (due && due.bytes !== 0) this.#byNode.set(id, due);
    else this.#byNode.delete(id);
  }
}

function dueOf({ draft, state, base, replaces }: LocalNode): Due {
  const isDue = draft && state !== 'deleted' && draft.version !== draft.sentVersion;
  const replacedBytes = (base ?? replaces?.base)?.content?.sizeBytes ?? 0;
  return { bytes: isDue ? draft.sizeBytes - replacedBytes : 0, baseBytes: base?.content?.sizeBytes };
}
