import type { DiskPath } from '../disk-api/paths.ts';
import type { ResourceReply } from '../disk-api/replies.ts';
import type { LocalNode, ServerPlace } from '../tree/local-node.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import type { Effects } from './effects.ts';
import { type Shown, shownReply } from './sameness.ts';

/**
 * Whether what is shown at the place of a node may be the state before something that we did: to the node (known to this process), or to what stood
 * at the place (kept over restarts). Lag is waited for; all else is what others have done.
 */
export function mayBeLag(
  { local, effects }: { readonly local: Pick<LocalTree, 'isPast'>; readonly effects: Effects },
  node: LocalNode,
  place: ServerPlace,
  shown: Shown | undefined,
): boolean {
  if (shown && local.isPast(place.parentId, place.name, shown)) return true;
  return effects.isLag(node, shown);
}

/**
 * Whether the very bytes that we send may be shown at the place since they were there before: replaced by us a short time ago, and now sent again.
 * Then that they are there proves nothing.
 */
export function isOldAt(
  local: Pick<LocalTree, 'isPast'>,
  { parentId, name }: ServerPlace,
  path: DiskPath,
): (reply: ResourceReply) => boolean {
  return (reply) => local.isPast(parentId, name, shownReply(reply, path));
}
