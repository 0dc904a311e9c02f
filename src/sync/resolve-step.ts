import { pause } from '../async/pause.ts';
import { readOperation } from '../disk-api/operations.ts';
import { lookForUpload, lookForWreck } from '../disk-api/upload-look.ts';
import { usualTiming } from '../disk-api/upload-request.ts';
import type { Intent, LocalNode } from '../tree/local-node.ts';
import { isSameBytes } from '../tree/sameness.ts';
import { epoch } from '../tree/times.ts';
import { leaveToDelete } from './beside.ts';
import { onCopied, onCopiedOther } from './copy-instead.ts';
import { undatedProperties } from './dates.ts';
import { lookAt } from './folder-looks.ts';
import { noteIfEmpty, onMade } from './folder-step.ts';
import { isOldAt } from './lag.ts';
import { isOurs, onMoved } from './move-step.ts';
import { takeOver } from './outgoing.ts';
import { Postponed } from './postponed.ts';
import { baseAt } from './sameness.ts';
import type { Sending } from './sending.ts';
import { forgetIntent, settle } from './settling.ts';
import { onTreeDeleted } from './tombstones.ts';

const settlingMs = 500;
const againMs = 1_000;
const lagDelayMs = 2_000;

type Of<Kind extends Intent['kind']> = Extract<Intent, { kind: Kind }>;

/**
 * An intent was left by a request whose end nobody has seen: finds out what came of it. What the intent explains is ours and becomes the base;
 * else the intent is forgotten, and what is due is begun anew.
 * @throws Postponed while the server is at it
 */
export async function resolveStep(sending: Sending, id: number, signal: AbortSignal): Promise<void> {
  const node = sending.local.node(id);
  const intent = node?.intent;
  if (!node || !intent) return;
  if (intent.kind === 'upload') return resolveUpload(sending, node, intent, signal);
  if (intent.kind === 'copy') return resolveCopy(sending, node, intent, signal);
  // A server that lost us in the middle may still be at it.
  await pause(Math.min(settlingMs, sending.options.timing.lateUploadMs), signal);
  if (sending.local.node(id)?.intent !== intent) return;
  switch (intent.kind) {
    case 'make-folder': {
      const shown = await lookAt(sending.api, intent.path, signal);
      if (shown?.kind !== 'folder') return forgetIntent(sending, id);
      await noteIfEmpty(sending, id, intent.path, signal);
      if (sending.local.node(id)?.intent === intent) onMade(sending, id, intent.place);
      return;
    }
    case 'move':
      return resolveMove(sending, node, intent, signal);
    case 'delete':
      return resolveDelete(sending, node, intent, signal);
  }
}

async function resolveUpload(
  sending: Sending,
  node: LocalNode,
  intent: Of<'upload'>,
  signal: AbortSignal,
): Promise<void> {
  const { api, local, options, effects } = sending;
  const { path, place, sizeBytes, md5, sha256, version, isBeside, operationId } = intent;
  const { id } = node;
  const isOld = isOldAt(local, place, path);
  const sent = { path, sizeBytes, digest: { md5, sha256 }, operationId, isOld };
  const calling = { signal, priority: 'background' } as const;
  const waitMs = options.timing.lateUploadMs + usualTiming.brokenMs(sizeBytes) - usualTiming.brokenMs(0);
  const found = await lookForUpload(api, sent, waitMs, calling);
  const current = local.node(id);
  if (current?.intent !== intent) return;
  const from = current.base ?? current.replaces?.base;
  if (found === 'stored') {
    const content = { sizeBytes, md5, sha256, versionTag: '' };
    const properties = undatedProperties(from?.properties);
    if (!isBeside) effects.note(id, place.parentId, from?.content);
    const base = { ...place, resourceId: undefined, content, modified: epoch, properties };
    takeOver(sending, { id, draft: { name: current.draft?.name ?? '', version } }, base, isBeside);
    return;
  }
  // The operation has succeeded, so it will show: but not for ever.
  if (found === 'unseen' && mayShowYet(sending, current)) throw new Postponed(lagDelayMs);
  if (!isBeside) return adoptWreck(sending, current, intent, signal);
  // Whatever comes of it yet is not left there.
  const shown = await lookAt(api, path, signal);
  if (local.node(id)?.intent !== intent) return;
  forgetIntent(sending, id);
  leaveToDelete(sending, place, shown?.content ?? { sizeBytes, md5, sha256, versionTag: '' });
}

/** A connection that broke may have left the beginning of our bytes there: it is ours to be replaced. */
async function adoptWreck(
  sending: Sending,
  node: LocalNode,
  { path, place, sizeBytes, version, operationId }: Of<'upload'>,
  signal: AbortSignal,
): Promise<void> {
  const { api, hooks } = sending;
  const { id, draft } = node;
  const shown = await lookAt(api, path, signal);
  const from = node.base ?? node.replaces?.base;
  const mayBe =
    shown?.content && shown.content.sizeBytes < sizeBytes && !isSameBytes(shown.content, from?.content);
  if (!shown || !mayBe || draft?.version !== version) return forgetIntent(sending, id);
  const outgoing = await hooks.openDraft(node, draft);
  try {
    await outgoing.complete(signal);
    const open = () => outgoing.stream(0);
    const wreck = await lookForWreck(api, { path, sizeBytes, operationId }, open, { signal });
    if (!wreck) return forgetIntent(sending, id);
    settle(sending, id, baseAt(place, shown), { draft: { ...draft, sentVersion: undefined } });
  } finally {
    await outgoing.close();
  }
}

async function resolveCopy(
  sending: Sending,
  node: LocalNode,
  intent: Of<'copy'>,
  signal: AbortSignal,
): Promise<void> {
  const { api, local, options, copies } = sending;
  const { from, path, place, sizeBytes, md5, sha256, version, isBeside, operationId } = intent;
  const { id, draft } = node;
  const copy = { path, sizeBytes, digest: { md5, sha256 }, operationId };
  const found = await lookForUpload(api, copy, options.timing.lateUploadMs, {
    signal,
    priority: 'background',
  });
  // It never overwrites anything: but what comes late would be a file that nobody asked for.
  if (found === 'unclear') throw new Postponed(againMs);
  if (found === 'unseen' && mayShowYet(sending, node)) throw new Postponed(lagDelayMs);
  const [shown, source] = await Promise.all([lookAt(api, path, signal), lookAt(api, from, signal)]);
  const current = local.node(id);
  if (current?.intent !== intent) return;
  const content = { sizeBytes, md5, sha256, versionTag: '' };
  const outgoing = {
    id,
    draft: { name: current.draft?.name ?? '', version },
    before: undefined,
    from: current.base ?? current.replaces?.base,
  };
  const arrived = { outgoing, place, isBeside };
  if (shown?.kind === 'file' && isSameBytes(shown.content, content)) return onCopied(sending, arrived, shown);
  if (draft) copies.refuse({ id, draft });
  // The bytes of the source as it is by now: it was changed before it was copied, and that is our copy.
  const isOurs = shown?.kind === 'file' && isSameBytes(shown.content, source?.content);
  if (shown && (isOurs || isBeside)) return onCopiedOther(sending, arrived, shown);
  forgetIntent(sending, id);
  if (isBeside) leaveToDelete(sending, place, content);
}

async function resolveMove(
  sending: Sending,
  node: LocalNode,
  { from, to, place, operationId }: Of<'move'>,
  signal: AbortSignal,
): Promise<void> {
  const { api } = sending;
  const { id, base } = node;
  if (!base) return forgetIntent(sending, id);
  if (await isGoingOn(sending, operationId, signal)) throw new Postponed(againMs);
  const [source, target] = await Promise.all([lookAt(api, from, signal), lookAt(api, to, signal)]);
  const isStill = source !== undefined && isOurs(node, base, source);
  const isSameThing = source?.resourceId !== undefined && source.resourceId === target?.resourceId;
  // The name was free before, and whether a move keeps the number of a folder is not proven: with the source gone, it is the one.
  const isThere =
    target &&
    (isOurs(node, base, target) || (!isStill && target.kind === 'folder' && node.kind === 'folder'));
  if (target && isThere && (!isStill || isSameThing)) return onMoved(sending, node, place, target);
  if (!isStill && mayShowYet(sending, node)) throw new Postponed(lagDelayMs);
  forgetIntent(sending, id);
}

async function resolveDelete(
  sending: Sending,
  node: LocalNode,
  { path, operationId }: Of<'delete'>,
  signal: AbortSignal,
): Promise<void> {
  if (await isGoingOn(sending, operationId, signal)) throw new Postponed(againMs);
  const shown = await lookAt(sending.api, path, signal);
  if (shown) forgetIntent(sending, node.id);
  else onTreeDeleted(sending, node.id);
}

/** Whether what an earlier request has done may not show yet. */
function mayShowYet({ effects, options }: Sending, { id, changedAtMs }: LocalNode): boolean {
  return Math.min(effects.sinceOf(id), options.now() - changedAtMs) < options.timing.unseenMs;
}

async function isGoingOn(
  { api }: Sending,
  operationId: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  if (operationId === undefined) return false;
  return (await readOperation(api, operationId, { signal, priority: 'background' })) === 'in-progress';
}
