import { deepest } from '../tree/folders-above.ts';
import type { LocalNode } from '../tree/local-node.ts';
import { foldersAboveThere } from './folders-above.ts';
import type { Sending } from './sending.ts';
import { settle } from './settling.ts';

/** The server has it no more. Until a listing shows that, the tombstone hides what older ones show. */
export function onDeleted(sending: Sending, id: number): void {
  const node = sending.local.node(id);
  if (node?.state !== 'deleted' || !node.base) return;
  sending.effects.note(id, node.base.parentId, node.base.content);
  settle(sending, id, undefined);
}

/** … and nothing that lay beneath it. */
export function onTreeDeleted(sending: Sending, id: number): void {
  const beneath = [...sending.local.all()].filter((node) => liesBeneath(sending, node, id));
  onDeleted(sending, id);
  forgetBeneath(sending, beneath);
}

/** What lay in a folder is hidden with it. What programs have open stays for them, and what was moved there hides where older listings show it still. */
export function forgetBeneath({ local, hooks }: Sending, nodes: readonly LocalNode[]): void {
  const [kept, gone]: [LocalNode[], LocalNode[]] = [[], []];
  for (const node of nodes) {
    const knownAt = hooks.knownAt(node.id);
    const isShownElsewhere = knownAt !== undefined && knownAt.parentId !== node.base?.parentId;
    const isOpen = node.hidden !== undefined || node.draft !== undefined || hooks.isOpen(node.id);
    if (isOpen || isShownElsewhere)
      kept.push({ ...node, base: undefined, intent: undefined, trouble: undefined });
    else gone.push(node);
  }
  local.apply({ put: kept, remove: gone.map(({ id }) => id) });
}

function liesBeneath(sending: Sending, { state, base }: LocalNode, folderId: number): boolean {
  if (state !== 'deleted') return false;
  for (const id of foldersAboveThere(sending, base?.parentId)) if (id === folderId) return true;
  return false;
}

/**
 * The folder whose listing still shows a tombstone of what is gone on the server; undefined when none does, or none that anybody sees: then it
 * can be forgotten.
 */
export function shownStillIn(
  { local, hooks }: Pick<Sending, 'local' | 'hooks'>,
  id: number,
): number | undefined {
  const folderId = hooks.knownAt(id)?.parentId;
  let at = folderId;
  for (let depth = 0; at !== undefined && at > 1 && depth < deepest; depth++) {
    const node = local.node(at);
    if (node?.state === 'deleted' && !node.base) return undefined;
    // What was moved here is seen where it stands now, with all that older listings show in it.
    at = node?.state === 'shown' ? node.parentId : hooks.knownAt(at)?.parentId;
  }
  return folderId;
}
