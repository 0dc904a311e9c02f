import { randomBytes } from 'node:crypto';
import type { Verdict } from '../disk-api/persistence.ts';
import { moveResource } from '../disk-api/transfers.ts';
import { Failure, failedWith } from '../errors.ts';
import type { Base, LocalNode, ServerPlace } from '../tree/local-node.ts';
import { markText } from '../tree/mark.ts';
import { cutName, longestNameBytes, shownName } from '../tree/names.ts';
import { diskNameOf } from '../tree/places.ts';
import { isSameBytes, mayBeSameResource } from '../tree/sameness.ts';
import { traitsThere } from '../tree/shown-traits.ts';
import { epoch } from '../tree/times.ts';
import { stepAside } from './conflict-copy.ts';
import { hasDate, holdsOthers } from './dates.ts';
import { lookAt } from './folder-looks.ts';
import { mayBeLag } from './lag.ts';
import { dateHere } from './outgoing.ts';
import { Postponed } from './postponed.ts';
import { foundFile, rules } from './rules.ts';
import type { Shown } from './sameness.ts';
import type { Sending } from './sending.ts';
import { forgetUnlessInDoubt, intend, noteOperation, settle } from './settling.ts';
import { uploadInstead } from './upload-instead.ts';
import { giveWay, onGoneThere } from './vanished.ts';

const lagDelayMs = 2_000;

/**
 * Moves or renames on the server: to where the node stands here, or `aside` to a temporary name in its folder there. Source and target are looked at
 * before; a file is replaced only when it is the one that this one replaces.
 */
export async function moveStep(
  sending: Sending,
  id: number,
  aside: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { local, paths, api } = sending;
  const node = local.node(id);
  const base = node?.base;
  if (!node || !base) return;
  const place = aside ? placeAside(base) : { parentId: node.parentId, name: diskNameOf(node) };
  const [from, to] = [paths.at(base), paths.at(place)];
  if (from === to) return settle(sending, id, { ...base, ...place });
  // Others have moved the folder that it is to go into, or one above that, into this one. Here the two are a ring: it has a path only there.
  if (to.startsWith(`${from}/`))
    return giveWay(sending, { ...node, parentId: base.parentId, name: shownName(base.name) });
  const [source, target] = await Promise.all([lookAt(api, from, signal), lookAt(api, to, signal)]);
  // Looks may take long. Deleted here meanwhile, its place may be that of another already; moved or deleted, it is not to go there any more.
  if (!isStillDue(local.node(id), node, aside)) throw new Postponed(0);
  const there = foundAtTarget(node, base, target, source);
  if (target && rules['move-to'][there] === 'done') return onMoved(sending, node, place, target);
  if (!source || rules['move-from'][foundAtSource(node, base, source)] !== 'go') {
    if (mayBeLag(sending, node, base, source)) throw new Postponed(lagDelayMs);
    return onGoneThere(sending, node, source !== undefined);
  }
  if (rules['move-to'][there] !== 'go') {
    if (mayBeLag(sending, node, place, target)) throw new Postponed(lagDelayMs);
    // A temporary name is never taken twice.
    if (aside) throw new Postponed(lagDelayMs);
    return stepAside(sending, id, true);
  }
  await intend(sending, id, { kind: 'move', from, to, place, operationId: undefined });
  try {
    await moveResource(api, from, to, {
      overwrite: target !== undefined,
      look: () => verdict(sending, node, base, from, to),
      wasLookedAt: true,
      onOperation: (operationId) => noteOperation(sending, id, operationId),
      signal,
      priority: 'background',
    });
  } catch (error) {
    forgetUnlessInDoubt(sending, id, error);
    const { replaces } = local.node(id) ?? {};
    if (target && replaces && failedWith(error, 'exists')) {
      sending.moveOver.isRefused = true;
      return uploadInstead(sending, local.node(id) ?? node, replaces, place, signal);
    }
    // Others were faster: what has become of it, the next look tells.
    if (failedWith(error, 'not-found'))
      throw new Failure('unsettled', `It went away while it was to be moved: ${from}`, {
        path: from,
        cause: error,
      });
    throw error;
  }
  onMoved(sending, node, place, source);
}

function isStillDue(current: LocalNode | undefined, planned: LocalNode, aside: boolean): boolean {
  if (current?.base !== planned.base) return false;
  const { state, parentId, name } = planned;
  return aside || (current?.state === state && current.parentId === parentId && current.name === name);
}

/** A temporary name: the old one can still be read in it, and is cut where it would be too long. */
function placeAside({ parentId, name }: Base): ServerPlace {
  const mark = `.yadiskfs-${randomBytes(6).toString('hex')}-`;
  return { parentId, name: mark + cutName(name, longestNameBytes - Buffer.byteLength(mark)) };
}

/** What stands at the source is what we mean to move: the same resource, or where that is not known, the same bytes. */
export function isOurs(node: Pick<LocalNode, 'kind'>, base: Base, shown: Shown): boolean {
  if (shown.kind !== node.kind) return false;
  const told = base.resourceId !== undefined && shown.resourceId !== undefined;
  if (told && base.resourceId === shown.resourceId) return true;
  if (node.kind === 'folder') return !told;
  return isSameBytes(shown.content, base.content);
}

function foundAtSource(node: LocalNode, base: Base, source: Shown) {
  if (isOurs(node, base, source)) return 'as-before';
  return source.kind === node.kind ? 'other' : 'other-kind';
}

/** `as-ours`: it is at the target already. An earlier request has got through, or somebody else did the same. */
function foundAtTarget(node: LocalNode, base: Base, target: Shown | undefined, source: Shown | undefined) {
  if (!target) return 'nothing';
  const isSame = base.resourceId !== undefined && base.resourceId === target.resourceId;
  if (target.kind === node.kind && source?.resourceId !== target.resourceId && isSame) return 'as-ours';
  return foundFile(target, { before: node.replaces?.base.content });
}

/** @returns what a lost reply has come to */
async function verdict(
  { api }: Sending,
  node: LocalNode,
  base: Base,
  from: string,
  to: string,
): Promise<Verdict> {
  const [source, target] = await Promise.all([lookAt(api, from), lookAt(api, to)]);
  const isThere =
    target !== undefined &&
    isOurs(node, base, target) &&
    (base.resourceId === undefined || mayBeSameResource(base.resourceId, target.resourceId));
  if (isThere && !source) return 'done';
  if (source && isOurs(node, base, source)) return 'undone';
  return 'unclear';
}

export function onMoved(sending: Sending, before: LocalNode, place: ServerPlace, shown: Shown): void {
  const { local, effects } = sending;
  const current = local.node(before.id);
  const base = current?.base;
  if (!current || !base) return;
  effects.note(before.id, place.parentId, before.replaces?.base.content);
  // Bytes that others have put into it came along. With bytes of our own they are seen as a conflict when those go up; and whoever has deleted
  // it meanwhile had not seen them.
  const isOld = current.draft !== undefined || current.state === 'deleted';
  const content = isOld ? base.content : (shown.content ?? base.content);
  // What came beside its place has yet to get what others had set on the file that it replaces.
  const isWhole = !current.draft || holdsOthers(shown.properties, base.properties);
  const properties = isWhole ? (shown.properties ?? base.properties) : base.properties;
  // A move may lose properties: then date and traits are set again.
  const modified =
    current.modified ?? (hasDate(properties) ? shown.modified : isWhole ? undefined : dateHere(current));
  const traits =
    current.traits ?? (markText(properties) === undefined ? undefined : traitsThere({ properties, content }));
  settle(
    sending,
    before.id,
    // Whether a move keeps the number of a resource is not proven: the next listing tells.
    {
      ...base,
      ...place,
      resourceId: undefined,
      content,
      properties,
      modified: isWhole ? shown.modified : epoch,
    },
    { modified, traits },
  );
}
