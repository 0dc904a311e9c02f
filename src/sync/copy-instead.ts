import { pause } from '../async/pause.ts';
import type { Verdict } from '../disk-api/persistence.ts';
import { copyResource } from '../disk-api/transfers.ts';
import type { Digest } from '../disk-api/upload-body.ts';
import { Failure, failedWith } from '../errors.ts';
import type { Base, BaseContent, ServerPlace } from '../tree/local-node.ts';
import { isSameBytes } from '../tree/sameness.ts';
import { epoch } from '../tree/times.ts';
import { leaveToDelete, mayBeMovedOnto, placeBeside } from './beside.ts';
import { holdsOthers, withShownMark } from './dates.ts';
import { lookAt } from './folder-looks.ts';
import { contentOf, digestOf, type Outgoing, restoredProperties, stillWanted, takeOver } from './outgoing.ts';
import { Postponed } from './postponed.ts';
import { baseAt, type Shown } from './sameness.ts';
import type { OutgoingDraft, Sending } from './sending.ts';
import { forgetIntent, forgetUnlessInDoubt, noteOperation, settle } from './settling.ts';

/** Files that the server is said to have are looked at one after the other; what is none of them any more goes up. */
const mostSources = 3;
/** A copy that does not show at once is looked at again after these. */
const showsAfterMs = [0, 300, 700, 1_500];
const againDelayMs = 500;

/** What is to be copied, and to where. */
interface Copy {
  readonly outgoing: Outgoing;
  readonly from: string;
  readonly path: string;
  readonly place: ServerPlace;
  readonly isBeside: boolean;
  readonly content: BaseContent;
  readonly digest: Digest;
}

/**
 * Where the server has the same bytes elsewhere, it copies them itself: to a new name straight, else beside what is replaced, to be moved over. Anything
 * odd is left to the upload. What is replaced and has these very bytes is taken for it.
 * @returns whether that was done; else the bytes are to be sent
 * @throws Superseded; Postponed; Failure 'in-doubt', 'aborted', 'offline', 'login-needed'; as the draft's `stream`
 */
export async function copyInstead(
  sending: Sending,
  outgoing: Outgoing,
  bytes: OutgoingDraft,
  signal: AbortSignal,
): Promise<boolean> {
  const { copies } = sending;
  const { sizeBytes } = bytes;
  if (!copies.isWorthHashing(outgoing, sizeBytes)) return false;
  const digest = await digestOf(bytes, signal);
  const content = contentOf(sizeBytes, digest);
  const sources = copies.sourcesOf(sizeBytes, digest);
  if (sources.length === 0) {
    copies.refuse(outgoing);
    return false;
  }
  try {
    return await copied(sending, outgoing, { sources, content, digest }, signal);
  } catch (error) {
    if (!(error instanceof Failure) || failedWith(error, 'in-doubt', 'aborted', 'offline', 'login-needed'))
      throw error;
    copies.refuse(outgoing);
    // Where it may have been done all the same, the intent is looked after first.
    if (sending.local.node(outgoing.id)?.intent) throw new Postponed(againDelayMs);
    return false;
  }
}

async function copied(
  sending: Sending,
  outgoing: Outgoing,
  { sources, content, digest }: Pick<Copy, 'content' | 'digest'> & { readonly sources: readonly string[] },
  signal: AbortSignal,
): Promise<boolean> {
  const { place, path, from } = outgoing;
  if (from) {
    const target = await lookAt(sending.api, path, signal);
    stillWanted(sending, outgoing);
    // What lags, and what others did, is the upload's to judge.
    if (!target || target.kind !== 'file' || sending.local.isPast(place.parentId, place.name, target))
      return false;
    if (isSameBytes(target.content, content)) {
      takeOver(sending, outgoing, baseAt(place, target), false);
      return true;
    }
    if (!isSameBytes(target.content, from.content) || !mayBeMovedOnto(sending, place, target)) return false;
    outgoing.before = target;
  }
  const source = await firstOf(sending, sources, outgoing, content, signal);
  if (source === undefined) return false;
  // Where there was nothing a copy that overwrites nothing is itself the look.
  const isBeside = from !== undefined;
  const goesTo = isBeside ? placeBeside(place) : place;
  const copy = {
    outgoing,
    from: source,
    path: sending.paths.at(goesTo),
    place: goesTo,
    isBeside,
    content,
    digest,
  };
  await request(sending, copy, signal);
  return arrived(sending, copy, signal);
}

/** One that has these bytes at this moment. */
async function firstOf(
  { api }: Sending,
  sources: readonly string[],
  { path }: Outgoing,
  content: BaseContent,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const source of sources.filter((each) => each !== path).slice(0, mostSources)) {
    const shown = await lookAt(api, source, signal);
    if (shown?.kind === 'file' && isSameBytes(shown.content, content)) return source;
  }
  return undefined;
}

async function request(sending: Sending, copy: Copy, signal: AbortSignal): Promise<void> {
  const { api, local } = sending;
  const { outgoing, from, path, place, isBeside, content, digest } = copy;
  const { id, draft } = outgoing;
  const current = stillWanted(sending, outgoing);
  const { sizeBytes } = content;
  const about = { path, place, sizeBytes, ...digest, version: draft.version, operationId: undefined };
  await local.applySynced({ put: [{ ...current, intent: { kind: 'copy', from, isBeside, ...about } }] });
  try {
    stillWanted(sending, outgoing);
  } catch (error) {
    forgetIntent(sending, id);
    throw error;
  }
  try {
    await copyResource(api, from, path, {
      overwrite: false,
      look: () => verdict(sending, copy),
      onOperation: (operationId) => noteOperation(sending, id, operationId),
      signal,
      priority: 'background',
    });
  } catch (error) {
    forgetUnlessInDoubt(sending, id, error);
    throw error;
  }
}

/** What a lost reply has come to. Nothing there: it is asked for again, and never overwrites anything. */
async function verdict({ api }: Sending, { path, content }: Copy): Promise<Verdict> {
  const shown = await lookAt(api, path);
  if (!shown) return 'undone';
  return shown.kind === 'file' && isSameBytes(shown.content, content) ? 'done' : 'unclear';
}

/** The server says that it has copied: by the look it is known what. */
async function arrived(sending: Sending, copy: Copy, signal: AbortSignal): Promise<boolean> {
  const { outgoing, path, place, content } = copy;
  let shown: Shown | undefined;
  for (const delayMs of showsAfterMs) {
    if (delayMs > 0) await pause(delayMs, signal);
    shown = await lookAt(sending.api, path, signal);
    // The right bytes may also have been there before; the listing that confirms tells if they are not there now.
    if (shown && isSameBytes(shown.content, content)) break;
    if (shown && !sending.local.isPast(place.parentId, place.name, shown)) break;
    shown = undefined;
  }
  // It shows late: whoever looks after the intent goes on.
  if (!shown) throw new Postponed(againDelayMs);
  if (isSameBytes(shown.content, content)) onCopied(sending, copy, shown);
  else {
    sending.copies.refuse(outgoing);
    onCopiedOther(sending, copy, shown);
  }
  return true;
}

/** What is asked about when a copy has come. */
type Arrived = Pick<Copy, 'place' | 'isBeside'> & {
  readonly outgoing: Pick<Outgoing, 'id' | 'before' | 'from'> & {
    readonly draft: Pick<Outgoing['draft'], 'name' | 'version'>;
  };
};

/** The right bytes, which came with the date and perhaps more of the file that they were copied from. */
export function onCopied(sending: Sending, { outgoing, place, isBeside }: Arrived, shown: Shown): void {
  const { effects } = sending;
  effects.note(outgoing.id, place.parentId, isBeside ? undefined : outgoing.before?.content);
  effects.noteUpload(outgoing.id, place.parentId);
  const restored = restoredProperties(outgoing);
  const base: Base = {
    ...baseAt(place, shown),
    resourceId: undefined,
    properties: withShownMark(restored ?? shown.properties, shown.properties),
    ...(!holdsOthers(shown.properties, restored) && { modified: epoch }),
  };
  takeOver(sending, outgoing, base, isBeside);
}

/** What was copied had been changed in the last moment: the copy is ours, and other bytes than ours. They are replaced, or go again. */
export function onCopiedOther(sending: Sending, { outgoing, place, isBeside }: Arrived, shown: Shown): void {
  const { local, effects } = sending;
  const { id } = outgoing;
  if (isBeside) {
    forgetIntent(sending, id);
    if (shown.content) leaveToDelete(sending, place, shown.content);
    return;
  }
  const draft = local.node(id)?.draft;
  effects.note(id, place.parentId, undefined);
  settle(
    sending,
    id,
    { ...baseAt(place, shown), properties: undefined },
    { draft: draft && { ...draft, sentVersion: undefined } },
  );
}
