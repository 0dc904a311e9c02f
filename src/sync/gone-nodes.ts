import type { LocalNode } from '../tree/local-node.ts';
import type { Sending } from './sending.ts';
import type { Step } from './step.ts';
import { shownStillIn } from './tombstones.ts';
import { drop } from './vanished.ts';

/** Nodes that are deleted here and there, and perhaps shown by older listings still: they hide that until a listing shows it no more. */
export class GoneNodes {
  readonly #sending: Sending;
  readonly #ids = new Set<number>();

  constructor(sending: Sending) {
    this.#sending = sending;
  }

  note({ id, state, base, intent }: LocalNode): void {
    if (state === 'deleted' && !base && !intent) this.#ids.add(id);
    else this.#ids.delete(id);
  }

  /** The steps, with looks at the folders that still show one. @param isActive a step of that node runs */
  withLooks(steps: readonly Step[], isActive: (id: number) => boolean): Step[] {
    const all = [...steps];
    const folders = new Map<number, number[]>();
    for (const id of this.#ids) {
      const folderId = shownStillIn(this.#sending, id);
      if (folderId === undefined || isActive(id)) continue;
      folders.set(folderId, [...(folders.get(folderId) ?? []), id]);
    }
    for (const [folderId, ids] of folders) {
      const index = all.findIndex((step) => step.kind === 'confirm' && step.folderId === folderId);
      const planned = all[index];
      if (planned?.kind === 'confirm') all[index] = { ...planned, ids: [...planned.ids, ...ids] };
      else all.push({ kind: 'confirm', folderId, ids });
    }
    return all;
  }

  /** Forgets what no listing shows any more and nobody has open. @param isBusy not to be touched now */
  forget(isBusy: (id: number) => boolean): void {
    const { hooks, local } = this.#sending;
    const forgotten: LocalNode[] = [];
    for (const id of this.#ids) {
      const node = local.node(id);
      if (!node) this.#ids.delete(id);
      else if (node.hidden || hooks.isOpen(id) || isBusy(id)) continue;
      else if (shownStillIn(this.#sending, id) === undefined) forgotten.push(node);
    }
    for (const node of forgotten) {
      this.#ids.delete(node.id);
      drop(this.#sending, node);
    }
  }
}
