import { isEmptyFolder } from '../disk-api/folder-listing.ts';
import type { DiskPath } from '../disk-api/paths.ts';
import { makeFolder } from '../disk-api/resources.ts';
import { failedWith } from '../errors.ts';
import { blankNode, type LocalNode, type ServerPlace } from '../tree/local-node.ts';
import { traitsHere, traitsThere } from '../tree/shown-traits.ts';
import { epoch } from '../tree/times.ts';
import { nameAside, stepAside } from './conflict-copy.ts';
import type { Sending } from './sending.ts';
import { wantedPlace } from './server-paths.ts';
import { forgetIntent, intend, settle } from './settling.ts';

/** Makes a folder; one that is there already will do. Where a file is in the way, ours takes another name. */
export async function folderStep(sending: Sending, id: number, signal: AbortSignal): Promise<void> {
  const node = sending.local.node(id);
  if (node?.state !== 'shown' || node.base) return;
  const place = wantedPlace(node);
  const path = sending.paths.at(place);
  await intend(sending, id, { kind: 'make-folder', path, place });
  try {
    const { state } = await makeFolder(sending.api, path, { signal, priority: 'background' });
    if (state === 'made') sending.hooks.noteMade(id);
    else await noteIfEmpty(sending, id, path, signal);
  } catch (error) {
    if (!failedWith(error, 'in-doubt', 'aborted', 'offline', 'server', 'nonsense')) forgetIntent(sending, id);
    if (!failedWith(error, 'exists')) throw error;
    if (isStillToBeAt(sending.local.node(id), place)) stepAside(sending, id);
    return;
  }
  onMade(sending, id, place);
}

/** Renamed or deleted here meanwhile, it is in nobody's way. */
function isStillToBeAt(node: LocalNode | undefined, { parentId, name }: ServerPlace): boolean {
  if (node?.state !== 'shown') return false;
  const wanted = wantedPlace(node);
  return wanted.parentId === parentId && wanted.name === name;
}

/** It may be that the Disk had made it for us, and we did not hear of it: what is empty can be shown off line all the same. */
export async function noteIfEmpty(
  { api, hooks }: Sending,
  id: number,
  path: DiskPath,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (await isEmptyFolder(api, path, { signal, priority: 'background' })) hooks.noteMade(id);
  } catch (error) {
    // Others have taken it away since.
    if (!failedWith(error, 'not-found', 'not-a-folder', 'no-parent')) throw error;
  }
}

export function onMade(sending: Sending, id: number, place: ServerPlace): void {
  sending.effects.note(id, place.parentId, undefined);
  settle(sending, id, {
    ...place,
    resourceId: undefined,
    content: undefined,
    modified: epoch,
    properties: undefined,
  });
}

/** A folder that others took away while something of ours is to go into it is made again, and so are those above it. */
export function remakeFolder(sending: Sending, folderId: number): void {
  const { local, hooks, options } = sending;
  const node = local.node(folderId);
  const known = node ?? hooks.folder(folderId);
  if (!known || (node && !node.base)) return;
  const { parentId } = known;
  const other = local.shownIn(parentId).get(known.name);
  // Another of ours may have got its name since.
  const name = other && other.id !== folderId ? nameAside(sending, known) : known.name;
  const remade = node ?? blankNode(folderId, 'folder', { parentId, name }, options.now());
  const shown = node ? undefined : hooks.lastShown(folderId);
  const traits = node ? traitsHere(node) : shown && traitsThere(shown.remote);
  local.apply({ put: [{ ...remade, name, traits, state: 'shown', base: undefined, intent: undefined }] });
}
