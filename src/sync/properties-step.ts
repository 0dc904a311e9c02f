import { setProperties } from '../disk-api/resources.ts';
import { Failure, failedWith } from '../errors.ts';
import type { Base, LocalNode } from '../tree/local-node.ts';
import { isSameBytes, mayBeSameResource } from '../tree/sameness.ts';
import { epoch, storable } from '../tree/times.ts';
import { pathHere } from './conflict-copy.ts';
import { type PropertyChanges, propertiesAfter, propertiesOf, setBackOf } from './dates.ts';
import { mayBeLag } from './lag.ts';
import { dateHere } from './outgoing.ts';
import { Postponed } from './postponed.ts';
import { isSameTime, type Shown, shownNode, shownReply } from './sameness.ts';
import type { Sending } from './sending.ts';
import { settle } from './settling.ts';
import { onGoneThere } from './vanished.ts';

const againDelayMs = 1_000;

/**
 * Sends the date and the traits of a file or folder, and with them the properties of others that a replacement may have lost. Whether they stay is
 * seen when the folder is listed.
 *
 * No look goes before it: the answer shows what was dated. What others have put there meanwhile gets its own date back.
 */
export async function propertiesStep(sending: Sending, id: number, signal: AbortSignal): Promise<void> {
  const { local, paths, api, effects } = sending;
  const node = local.node(id);
  const { base, modified, traits } = node ?? {};
  if (!node || !base || node.state !== 'shown') return;
  // Setting properties moves the Disk's own date, so ours is always told.
  const date = storable(modified ?? (isSameTime(base.modified, epoch) ? dateHere(node) : base.modified));
  const path = paths.at(base);
  const properties = propertiesOf(base, date, traits);
  const reply = await setProperties(api, path, properties, { signal, priority: 'ahead' }).catch(
    (error: unknown) => {
      if (failedWith(error, 'not-found')) return 'gone' as const;
      throw error;
    },
  );
  if (reply === 'gone') {
    // Deleted here meanwhile, another may have taken its place over.
    if (local.node(id)?.base !== base) return;
    if (effects.isLag(node, undefined)) throw new Postponed(againDelayMs);
    return onGoneThere(sending, node, false);
  }
  const shown = reply && shownReply(reply, path);
  const isOurs = !shown || isOf(node, base, shown);
  if (!isOurs && !mayBeLag(sending, node, base, shown))
    await setBack(sending, node, path, { shown, properties }, signal);
  const current = local.node(id);
  if (current?.base !== base) return;
  effects.noteLook(base.parentId);
  settle(
    sending,
    id,
    // What others have put there in this moment is seen by the listing that confirms.
    { ...base, modified: date, properties: propertiesAfter(properties) },
    { modified: current.modified === modified ? date : current.modified },
  );
}

function isOf({ kind }: LocalNode, base: Base, shown: Shown): boolean {
  if (shown.kind !== kind) return false;
  return kind === 'folder'
    ? mayBeSameResource(base.resourceId, shown.resourceId)
    : isSameBytes(shown.content, base.content);
}

/** The date that the last listing has shown of those very bytes; where it has shown others, none: then the Disk's own counts. */
async function setBack(
  sending: Sending,
  node: LocalNode,
  path: string,
  { shown, properties }: { readonly shown: Shown; readonly properties: PropertyChanges },
  signal: AbortSignal,
): Promise<void> {
  const { api, hooks } = sending;
  const listed = hooks.lastShown(node.id);
  const known = listed && shownNode(listed);
  const before = known && isSame(known, shown) ? known.properties : undefined;
  await setProperties(api, path, setBackOf(before, properties), { signal, priority: 'ahead' }).catch(
    (error: unknown) => {
      if (signal.aborted || !(error instanceof Failure)) throw error;
      if (error.code !== 'not-found')
        hooks.onNotice({ kind: 'failed', path: pathHere(sending, node), error });
    },
  );
}

function isSame(one: Shown, other: Shown): boolean {
  if (one.kind !== other.kind) return false;
  return one.kind === 'folder'
    ? one.resourceId !== undefined && one.resourceId === other.resourceId
    : isSameBytes(one.content, other.content);
}
