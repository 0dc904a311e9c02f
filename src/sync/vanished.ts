import { deepest } from '../tree/folders-above.ts';
import type { LocalNode } from '../tree/local-node.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import { traitsHere } from '../tree/shown-traits.ts';
import { pathHere } from './conflict-copy.ts';
import { lookAt } from './folder-looks.ts';
import { remakeFolder } from './folder-step.ts';
import { foldersAboveHere } from './folders-above.ts';
import type { Sending, SendingHooks } from './sending.ts';
import { replacedBy, shownAgain } from './shown-again.ts';

/**
 * Others have deleted or moved away, on the server, what a node here started from, or put something else in its place. Bytes of ours are kept, and go up as
 * new; so is a folder in which something is unsent. All else follows the server.
 * @param isTaken something else has the name there
 */
export function onGoneThere(sending: Sending, node: LocalNode, isTaken: boolean): void {
  const { local, hooks, effects } = sending;
  const current = local.node(node.id);
  if (!current) return;
  effects.forget(node.id);
  const { draft } = current;
  const isUnsent =
    current.state === 'shown' &&
    (current.kind === 'folder' ? holdsUnsent(sending, node.id) : draft !== undefined);
  if (isUnsent) {
    if (isTaken) hooks.letGo(node.id);
    local.apply({
      put: [
        {
          ...current,
          traits: traitsHere(current),
          base: undefined,
          draft: draft && { ...draft, sentVersion: undefined },
          intent: undefined,
          trouble: undefined,
        },
      ],
    });
    return;
  }
  giveWay(sending, current);
}

interface Giving {
  readonly local: LocalTree;
  readonly hooks: Pick<SendingHooks, 'folder' | 'isOpen' | 'letGo' | 'onNotice'>;
}

/** What was done here comes to nothing: what others have done stays. */
export function giveWay(sending: Giving, node: LocalNode): void {
  sending.hooks.onNotice({
    kind: 'gave-way',
    path: pathHere(sending, node),
    what: node.state === 'deleted' ? 'delete' : 'move',
  });
  drop(sending, node);
}

/** The node differs no more: what the server shows is shown again, also of what it was to replace. */
export function drop(
  { local, hooks }: { readonly local: LocalTree; readonly hooks: Pick<SendingHooks, 'isOpen' | 'letGo'> },
  node: LocalNode,
): void {
  local.apply(shownAgain(hooks, [node, ...replacedBy(local, node)]));
}

/** Whether anything that is to go up stands in it, at whatever depth. */
function holdsUnsent(sending: Sending, folderId: number): boolean {
  for (const node of sending.local.all()) {
    if (node.state !== 'shown') continue;
    for (const { id } of foldersAboveHere(sending, node.parentId)) if (id === folderId) return true;
  }
  return false;
}

/** The server says that the folder of something is not there: it is made again. */
export async function onNoParent(sending: Sending, folderId: number, signal: AbortSignal): Promise<void> {
  const { local, paths, hooks, api } = sending;
  let id = folderId;
  for (let depth = 0; id > 1 && depth < deepest; depth++) {
    const node = local.node(id);
    if (node && !node.base) return;
    const shown = await lookAt(api, paths.folder(id), signal);
    if (shown?.kind === 'folder') return;
    // Looks may take long. Deleted meanwhile, or left by all that was to go into it, it is not made again.
    if (!holdsUnsent(sending, id)) return;
    const above = node?.base?.parentId ?? hooks.folder(id)?.parentId;
    remakeFolder(sending, id);
    if (above === undefined) return;
    id = above;
  }
}
