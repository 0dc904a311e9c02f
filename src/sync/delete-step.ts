import { readRevision } from '../disk-api/disk.ts';
import { listFolder } from '../disk-api/folder-listing.ts';
import { childPath, type DiskPath } from '../disk-api/paths.ts';
import type { Verdict } from '../disk-api/persistence.ts';
import { deleteResource } from '../disk-api/resources.ts';
import { usualTiming } from '../disk-api/upload-request.ts';
import { failedWith } from '../errors.ts';
import type { LocalNode } from '../tree/local-node.ts';
import type { Node } from '../tree/node.ts';
import { mayBeSameResource } from '../tree/sameness.ts';
import { lookAt } from './folder-looks.ts';
import { mayBeLag } from './lag.ts';
import { Postponed } from './postponed.ts';
import { foundFile, rules } from './rules.ts';
import { type Shown, shownNode, shownReply } from './sameness.ts';
import type { Sending } from './sending.ts';
import { forgetUnlessInDoubt, intend, noteOperation } from './settling.ts';
import { forgetBeneath, onDeleted } from './tombstones.ts';
import { giveWay } from './vanished.ts';

const lagDelayMs = 2_000;
const copyDelayMs = 300;
/**
 * A guess of what the Disk takes for each entry of a folder, so that large ones are asked about less often; and its bounds. Recorded operations on a few entries
 * were mostly done within a second.
 */
const perEntryMs = 1;
const firstPollMs = { least: 500, most: 2_000 };

/**
 * Deletes on the server what was deleted here, and no more: a file that others have changed stays, and in a folder all that is not ours.
 * @param covers tombstones beneath a folder, which go with it
 * @throws Postponed also while something that is due may be copied from it
 */
export async function deleteStep(
  sending: Sending,
  id: number,
  covers: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  const node = sending.local.node(id);
  if (!node?.base || node.state !== 'deleted') return;
  if (sending.copies.isAwaited(node)) throw new Postponed(copyDelayMs);
  if (node.kind === 'file') await deleteFile(sending, node, signal);
  else await deleteFolder(sending, node, covers, signal);
}

async function deleteFile(sending: Sending, node: LocalNode, signal: AbortSignal): Promise<void> {
  const { paths, api, local } = sending;
  const { base } = node;
  if (!base) return;
  const path = paths.at(base);
  const shown = await lookAt(api, path, signal);
  const current = local.node(node.id);
  // A new file of its name has taken it over meanwhile: that goes up in its place, and the name is never missing.
  if (current?.base !== base) throw new Postponed(0);
  const ruling = rules.delete[foundFile(shown, { before: base.content })];
  if (ruling !== 'go') {
    if (!isLongGone(sending, node, shown) && mayBeLag(sending, node, base, shown))
      throw new Postponed(lagDelayMs);
    if (ruling === 'give-way') return giveWay(sending, current);
  }
  if (shown) await request(sending, node, path, signal);
  onDeleted(sending, node.id);
}

/**
 * Nothing is there, and what we may have sent would have come by now: who waits for a flush need not wait until all lag is over. What a listing shows of
 * it yet is known for what it is.
 */
function isLongGone(
  { effects, options }: Sending,
  { id, base }: LocalNode,
  shown: Shown | undefined,
): boolean {
  const sizeBytes = base?.content?.sizeBytes ?? 0;
  const lateMs = 2 * options.timing.lateUploadMs + usualTiming.brokenMs(sizeBytes) - usualTiming.brokenMs(0);
  return shown === undefined && effects.sinceOf(id) >= lateMs;
}

async function deleteFolder(
  sending: Sending,
  node: LocalNode,
  covers: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  const { paths } = sending;
  const { id, base } = node;
  if (!base) return;
  const path = paths.at(base);
  const found = await lookBeneath(sending, id, path, signal);
  if (found instanceof Survey) {
    // Just after changes of ours in there, what does not fit may be lag.
    if (found.mayLag) throw new Postponed(lagDelayMs);
    return deleteOurs(sending, node, found, covers, signal);
  }
  if (found === 'ours') await request(sending, node, path, signal, covers.length + 1);
  onAllDeleted(sending, id, covers);
}

/** What stands where a folder is to be deleted: nothing of ours any more, nothing but ours, or what the survey tells. */
async function lookBeneath(
  sending: Sending,
  id: number,
  path: DiskPath,
  signal: AbortSignal,
): Promise<'gone' | 'ours' | Survey> {
  const { api, hooks } = sending;
  hooks.noteRevision(await readRevision(api, { signal, priority: 'urgent' }));
  // What others have put there may have come in here after it was deleted.
  if (hooks.goodBeneath(id)?.every((inner) => isOurs(sending, inner))) return 'ours';
  const survey = new Survey(sending, signal);
  const isAllOurs = await survey.folder(id, path);
  if (isAllOurs === undefined) return 'gone';
  return isAllOurs ? 'ours' : survey;
}

/** What is known there is what was deleted here, and nothing else. */
function isOurs({ local }: Sending, known: Node): boolean {
  const node = local.node(known.id) ?? local.basedAt(known.parentId, known.remote.name);
  if (!node?.base || node.state !== 'deleted' || node.kind !== known.kind || node.intent) return false;
  const { resourceId, content } = node.base;
  return known.kind === 'folder'
    ? mayBeSameResource(resourceId, known.remote.resourceId)
    : rules.delete[foundFile(shownNode(known), { before: content })] === 'go';
}

/** What is theirs stays, and so do the folders that hold it. */
async function deleteOurs(
  sending: Sending,
  node: LocalNode,
  { ours, theirs, gone }: Survey,
  covers: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  const { local, paths } = sending;
  for (const id of ours) {
    const inner = local.node(id);
    if (inner?.state !== 'deleted' || !inner.base) continue;
    await request(sending, inner, paths.at(inner.base), signal);
    onDeleted(sending, id);
  }
  for (const id of [...covers, node.id]) {
    const inner = local.node(id);
    if (inner?.state !== 'deleted' || !inner.base) continue;
    if (theirs.has(id)) giveWay(sending, inner);
    else if (gone.has(id) || !ours.includes(id)) onDeleted(sending, id);
  }
}

/** What lies beneath a folder that is to be deleted. */
class Survey {
  /** To be deleted one by one, each with all beneath it; topmost only. */
  readonly ours: number[] = [];
  /** What others have changed, and the folders that hold it. */
  readonly theirs = new Set<number>();
  readonly gone = new Set<number>();
  mayLag = false;
  readonly #sending: Sending;
  readonly #signal: AbortSignal;

  constructor(sending: Sending, signal: AbortSignal) {
    this.#sending = sending;
    this.#signal = signal;
  }

  /** @returns whether all of it is ours; undefined when there is no such folder any more */
  async folder(id: number, path: DiskPath): Promise<boolean | undefined> {
    const { api, local } = this.#sending;
    const node = local.node(id);
    const listing = await listFolder(api, path, { signal: this.#signal, priority: 'background' }).catch(
      (error: unknown) => {
        if (failedWith(error, 'not-found', 'not-a-folder')) return undefined;
        throw error;
      },
    );
    if (!listing) {
      this.gone.add(id);
      return undefined;
    }
    // Another folder has its path now: all of it is theirs.
    if (!mayBeSameResource(node?.base?.resourceId, listing.folder.resource_id)) {
      this.theirs.add(id);
      return false;
    }
    const mine: number[] = [];
    let isAllOurs = true;
    for (const entry of listing.entries) {
      const shown = shownReply(entry, childPath(path, entry.name));
      const inner = local.basedAt(id, entry.name);
      const isInnerOurs =
        inner?.state === 'deleted' && inner.kind === shown.kind && !inner.intent
          ? await this.#entry(inner, shown, childPath(path, entry.name))
          : false;
      if (inner && isInnerOurs) mine.push(inner.id);
      else {
        isAllOurs = false;
        if (this.#mayLag(id, inner, shown, entry.name)) this.mayLag = true;
      }
      if (inner?.state === 'deleted' && !isInnerOurs) this.theirs.add(inner.id);
    }
    if (isAllOurs) return true;
    this.ours.push(...mine);
    this.theirs.add(id);
    return false;
  }

  /** Whether it may be ours all the same: on its way out of the folder, or the state before an effect of ours. */
  #mayLag(folderId: number, inner: LocalNode | undefined, shown: Shown, diskName: string): boolean {
    const { effects, local } = this.#sending;
    if (local.isPast(folderId, diskName, shown)) return true;
    if (!inner) return effects.mayLagIn(folderId);
    return inner.state === 'shown' || inner.intent !== undefined || effects.isLag(inner, shown);
  }

  async #entry(inner: LocalNode, shown: Shown, path: DiskPath): Promise<boolean> {
    if (inner.kind === 'file')
      return rules.delete[foundFile(shown, { before: inner.base?.content })] === 'go';
    // Another folder under the same name is listed as gone, and is not ours.
    return (await this.folder(inner.id, path)) === true;
  }
}

async function request(
  sending: Sending,
  node: LocalNode,
  path: DiskPath,
  signal: AbortSignal,
  entries = 1,
): Promise<void> {
  const { api, options } = sending;
  const { id, base } = node;
  await intend(sending, id, { kind: 'delete', path, operationId: undefined });
  try {
    await deleteResource(api, path, {
      permanently: options.deletesPermanently,
      md5: base?.content?.md5,
      look: () => verdict(sending, node, path, signal),
      wasLookedAt: true,
      firstPollMs: Math.max(firstPollMs.least, Math.min(firstPollMs.most, entries * perEntryMs)),
      onOperation: (operationId) => noteOperation(sending, id, operationId),
      signal,
      priority: 'background',
    });
  } catch (error) {
    forgetUnlessInDoubt(sending, id, error);
    // Other bytes came in this very moment: they are looked at anew.
    if (failedWith(error, 'stale')) throw new Postponed(0);
    throw error;
  }
}

/** @returns what a lost reply has come to; what others have put there since is not deleted by sending it again */
async function verdict(
  sending: Sending,
  node: LocalNode,
  path: DiskPath,
  signal: AbortSignal,
): Promise<Verdict> {
  if (node.kind === 'folder') {
    const found = await lookBeneath(sending, node.id, path, signal);
    if (found === 'gone') return 'done';
    return found === 'ours' ? 'undone' : 'unclear';
  }
  const shown = await lookAt(sending.api, path, signal);
  if (!shown) return 'done';
  return rules.delete[foundFile(shown, { before: node.base?.content })] === 'go' ? 'undone' : 'unclear';
}

function onAllDeleted(sending: Sending, id: number, covers: readonly number[]): void {
  onDeleted(sending, id);
  const isTombstone = (node: LocalNode | undefined): node is LocalNode =>
    node?.state === 'deleted' && node.base !== undefined;
  forgetBeneath(sending, covers.map((covered) => sending.local.node(covered)).filter(isTombstone));
}
