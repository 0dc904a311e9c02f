import type { LocalChange } from '../tree/local-change.ts';
import type { LocalNode } from '../tree/local-node.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import type { SendingHooks } from './sending.ts';

/**
 * These differ no more, and what the server shows of them is shown again: to be applied. Who has one open goes on with what is here, under a number that
 * nothing on the server has any more.
 */
export function shownAgain(
  hooks: Pick<SendingHooks, 'isOpen' | 'letGo'>,
  nodes: readonly LocalNode[],
): Required<Pick<LocalChange, 'put' | 'remove'>> {
  const put: LocalNode[] = [];
  const remove: number[] = [];
  for (const node of nodes) {
    if (!hooks.isOpen(node.id) && node.hidden === undefined) {
      remove.push(node.id);
      continue;
    }
    hooks.letGo(node.id);
    const alone = { base: undefined, replaces: undefined, intent: undefined, trouble: undefined };
    put.push({ ...node, state: 'deleted', ...alone });
  }
  return { put, remove };
}

/** What was hidden here because the node was to go up in its place. */
export function replacedBy(local: Pick<LocalTree, 'node'>, { replaces }: LocalNode): LocalNode[] {
  const replaced = replaces && local.node(replaces.id);
  return replaced ? [replaced] : [];
}
