import type { LocalNode, ServerPlace } from '../tree/local-node.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import type { Effects } from './effects.ts';
import type { Shown } from './sameness.ts';

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
