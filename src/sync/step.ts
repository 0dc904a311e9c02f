/** One thing to be done on the server, or to be looked at there. The executor finds all else in the local node of that id. */
export type Step =
  | { readonly kind: 'make-folder'; readonly id: number }
  /** Of the draft: as new, onto what it replaces, or onto its own base. */
  | { readonly kind: 'upload'; readonly id: number }
  /**
   * To where the node stands here, or `aside`: to a temporary name in the folder where the server has it, because others wait for its name. What
   * is moved aside may be a tombstone.
   */
  | { readonly kind: 'move'; readonly id: number; readonly aside: boolean }
  /** `covers`: tombstones whose bases lie beneath, which are done with the same request. */
  | { readonly kind: 'delete'; readonly id: number; readonly covers: readonly number[] }
  /** What it has beside its content: dates. */
  | { readonly kind: 'set-properties'; readonly id: number }
  /** An intent was left by an earlier try: what came of it is to be found out before anything else is done with the node. */
  | { readonly kind: 'resolve'; readonly id: number }
  /** Nothing differs any more: the folder that holds them on the server is to be listed. */
  | { readonly kind: 'confirm'; readonly folderId: number; readonly ids: readonly number[] };

/** What can be begun now, all of it at the same time, and when there will be more by time alone. */
export interface Plan {
  readonly steps: readonly Step[];
  /** Unix milliseconds; undefined when nothing but a change or the end of a step brings more. */
  readonly nextAtMs: number | undefined;
}

/** Steps of one key are never under way at once, and are tried again after one another. */
export function keyOf(step: Step): string {
  return `${step.kind} ${step.kind === 'confirm' ? step.folderId : step.id}`;
}

/** The nodes that it is about. */
export function idsOf(step: Step): readonly number[] {
  if (step.kind === 'confirm') return step.ids;
  return step.kind === 'delete' ? [step.id, ...step.covers] : [step.id];
}
