import type { ServerPlace } from '../tree/local-node.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import { shownName } from '../tree/names.ts';
import { isInPlace } from '../tree/places.ts';
import { foldersAboveHere } from './folders-above.ts';
import type { SendingHooks } from './sending.ts';
import { giveWay } from './vanished.ts';

/** What is needed of `Sending`. */
interface Following {
  readonly local: LocalTree;
  readonly hooks: Pick<SendingHooks, 'folder' | 'isOpen' | 'letGo' | 'onNotice'>;
}

/**
 * Ours goes where theirs went: under their name, if it stood where it was. A folder there that is deleted here stays: others have put something in it.
 * @returns false where another of ours has the name
 */
export function followMove(sending: Following, id: number, place: ServerPlace): boolean {
  const { local } = sending;
  const node = local.node(id);
  if (!node?.base) return false;
  const base = { ...node.base, ...place };
  const name = shownName(place.name);
  if (!isInPlace(node)) {
    local.apply({ put: [{ ...node, base, intent: undefined }] });
    return true;
  }
  const there = local.shownIn(place.parentId).get(name);
  if (there && there.id !== id) return false;
  for (const above of [...foldersAboveHere(sending, place.parentId)]) {
    const folder = local.node(above.id);
    if (folder?.state === 'deleted') giveWay(sending, folder);
  }
  local.apply({ put: [{ ...node, base, parentId: place.parentId, name, intent: undefined }] });
  return true;
}
