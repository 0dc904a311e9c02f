import { uploadFile } from '../disk-api/upload.ts';
import type { Digest } from '../disk-api/upload-body.ts';
import { lookForWreck } from '../disk-api/upload-look.ts';
import type { LastBytes } from '../disk-api/upload-request.ts';
import { failedWith } from '../errors.ts';
import type { BaseContent, ServerPlace } from '../tree/local-node.ts';
import { isSameBytes } from '../tree/sameness.ts';
import { epoch } from '../tree/times.ts';
import { leaveToDelete } from './beside.ts';
import { stepAside } from './conflict-copy.ts';
import { copyInstead } from './copy-instead.ts';
import { lookAt } from './folder-looks.ts';
import { followMove } from './follow-move.ts';
import { isOldAt, mayBeLag } from './lag.ts';
import { destination, type SentTo } from './neutral-names.ts';
import {
  contentOf,
  digestOf,
  isOfChange,
  type Outgoing,
  outgoingOf,
  restoredProperties,
  stillWanted,
  takeOver,
} from './outgoing.ts';
import { Postponed } from './postponed.ts';
import { foundFile, rules } from './rules.ts';
import { baseAt } from './sameness.ts';
import type { OutgoingDraft, Sending } from './sending.ts';
import { forgetIntent, Superseded, settle } from './settling.ts';

/** Up to this size an answer of 201 is taken for the end: the listing that follows is the proof. Larger ones were seen to come late. */
const trustedBytes = 8 << 20;
const lagDelayMs = 2_000;
const changedDelayMs = 1_000;

interface UploadOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (sentBytes: number) => void;
}

interface Upload extends Outgoing {
  readonly sentTo: SentTo;
  /** Of the link that was used last. */
  operationId: string | undefined;
  /** All bytes may have left. */
  isReleased: boolean;
}

/** The server's version is another than the one that ours was made from. */
class Overtaken extends Error {}
/** The server's version is elsewhere: ours follows it. */
class MovedAway extends Error {
  readonly place: ServerPlace;

  constructor(place: ServerPlace) {
    super('Moved by others');
    this.place = place;
  }
}
/** Our bytes are there already. */
class AlreadyThere extends Error {}

/**
 * Brings the bytes of a draft to the server: as new, onto what the file replaces, or onto its own base.
 * @throws Failure as `uploadFile`; 'stale' for a draft that cannot be completed any more; Postponed
 */
export async function uploadStep(sending: Sending, id: number, options: UploadOptions): Promise<void> {
  const { hooks, looks } = sending;
  const { signal } = options;
  const node = sending.local.node(id);
  const outgoing = node && outgoingOf(sending, node);
  if (!node || !outgoing) return;
  const isLarge = outgoing.draft.sizeBytes >= sending.options.copiedFromBytes;
  // A large one may never look with others, and they would wait for it.
  let unexpect = isLarge ? () => {} : looks.expect(outgoing.folderPath);
  let bytes: OutgoingDraft | undefined;
  try {
    bytes = await hooks.openDraft(node, outgoing.draft);
    outgoing.isFrozen = bytes.isFrozen === true;
    await bytes.complete(signal);
    await bytes.sync();
    if (await copyInstead(sending, outgoing, bytes, signal)) return;
    const sentTo = await destination(sending, outgoing, bytes.sizeBytes, signal);
    const upload = { ...outgoing, sentTo, operationId: undefined, isReleased: false };
    if (isLarge) unexpect = looks.expect(outgoing.folderPath);
    await send(sending, upload, bytes, options, unexpect);
  } catch (error) {
    if (!isOfChange(sending, outgoing, error)) throw error;
    // What was frozen and could not be kept may not be kept the next time either.
    if (outgoing.isFrozen && !(error instanceof Superseded)) throw new Postponed(changedDelayMs);
  } finally {
    unexpect();
    await bytes?.close();
  }
}

async function send(
  sending: Sending,
  upload: Upload,
  bytes: OutgoingDraft,
  { signal, onProgress }: UploadOptions,
  unexpect: () => void,
): Promise<void> {
  const { id, sentTo } = upload;
  const { sizeBytes } = bytes;
  let digest: Digest | undefined;
  try {
    await uploadFile(sending.api, {
      path: sentTo.path,
      overwrite: upload.from !== undefined && !sentTo.isBeside,
      sizeBytes,
      open: (start) => bytes.stream(start),
      beforeLastBytes: async (about) => {
        digest = about.digest;
        unexpect();
        await mayGo(sending, upload, sizeBytes, about);
      },
      trustsCreated: sizeBytes <= trustedBytes,
      isOld: isOldAt(sending.local, sentTo.place, sentTo.path),
      onProgress,
      signal,
      priority: 'background',
    });
    if (!digest) throw new Error('Sent without a last look');
    onSent(sending, upload, contentOf(sizeBytes, digest));
  } catch (error) {
    // Whatever else it was: all that was sent was looked at, and is not there.
    if (!failedWith(error, 'in-doubt', 'aborted')) forgetIntent(sending, id);
    if (sentTo.isBeside)
      return onTroubleBeside(sending, upload, error, digest && contentOf(sizeBytes, digest));
    if (failedWith(error, 'exists')) digest ??= await digestOf(bytes);
    if (error instanceof Overtaken && (await isWreck(sending, upload, bytes, signal)))
      return adoptWreck(sending, upload);
    await onTrouble(sending, upload, error, digest && contentOf(sizeBytes, digest));
  }
}

/** The last look, and the intent. @throws what keeps the last bytes back */
async function mayGo(sending: Sending, upload: Upload, sizeBytes: number, about: LastBytes): Promise<void> {
  const { local, looks } = sending;
  const { draft, place, folderPath, sentTo } = upload;
  const current = stillWanted(sending, upload);
  const { digest, operationId, signal } = about;
  const [shown] = await Promise.all([
    looks.look(folderPath, place.name, signal),
    local.applySynced({
      put: [
        {
          ...current,
          intent: { kind: 'upload', ...sentTo, sizeBytes, ...digest, version: draft.version, operationId },
        },
      ],
    }),
  ]);
  upload.before = shown;
  upload.operationId = operationId;
  await judge(sending, upload, contentOf(sizeBytes, digest), about);
  upload.isReleased = true;
}

/** Whether what the look has shown lets the bytes go. @throws what keeps them back */
async function judge(
  sending: Sending,
  upload: Upload,
  content: BaseContent,
  { wreck, signal }: LastBytes,
): Promise<void> {
  const { before: shown, place, from } = upload;
  const current = stillWanted(sending, upload);
  const found = foundFile(shown, { before: from?.content, ours: content });
  switch (rules[from ? 'upload-over' : 'upload-as-new'][found]) {
    case 'go':
      return;
    case 'done':
      // They were there before, too, and something of ours has replaced them since: the look may lag. Sent once more they do no harm.
      if (shown && sending.local.isPast(place.parentId, place.name, shown)) return;
      throw new AlreadyThere();
    case 'follow': {
      if (mayBeLag(sending, current, place, shown)) throw new Postponed(lagDelayMs);
      const elsewhere = await sending.moved.find(sending, current, signal);
      stillWanted(sending, upload);
      if (elsewhere) throw new MovedAway(elsewhere);
      return;
    }
  }
  if (wreck && shown?.content?.sizeBytes === wreck.sizeBytes && shown.content.md5 === wreck.md5) return;
  // What this one takes over may have been replaced by us a moment ago, and listings lag.
  if (mayBeLag(sending, current, place, shown)) throw new Postponed(lagDelayMs);
  throw new Overtaken();
}

/** What stands there is the beginning of what was being sent: the connection broke, and the server has taken it for all. */
async function isWreck(
  { api }: Sending,
  { path, before, operationId }: Upload,
  bytes: OutgoingDraft,
  signal: AbortSignal,
): Promise<boolean> {
  const { sizeBytes } = bytes;
  if (before?.content === undefined || before.content.sizeBytes >= sizeBytes) return false;
  const open = () => bytes.stream(0);
  const wreck = await lookForWreck(api, { path, sizeBytes, operationId }, open, { signal });
  return wreck?.md5 !== undefined && wreck.md5 === before.content.md5;
}

/** It is ours to be replaced. */
function adoptWreck(sending: Sending, { id, draft, place, before, from }: Upload): void {
  const current = sending.local.node(id);
  if (!current || !before) return;
  const unsent =
    current.draft?.name === draft.name ? { ...current.draft, sentVersion: undefined } : current.draft;
  // Those of the version before went with it, and are put back in the end.
  const properties = before.properties ?? from?.properties;
  settle(
    sending,
    id,
    { ...baseAt(place, before), properties },
    { draft: unsent, modified: current.modified },
  );
}

function onSent(sending: Sending, upload: Upload, content: BaseContent): void {
  const { before, sentTo } = upload;
  const { place, isBeside } = sentTo;
  const properties = restoredProperties(upload);
  if (!isBeside) sending.effects.note(upload.id, place.parentId, before?.content);
  sending.effects.noteUpload(upload.id, place.parentId);
  // The Disk's own date of it is not known until it is shown.
  const base = { ...place, resourceId: undefined, content, modified: epoch, properties };
  takeOver(sending, upload, base, isBeside);
}

/** What was to be moved to its place afterwards. What may have come, or may come yet, under the name of ours is not left there. */
async function onTroubleBeside(
  sending: Sending,
  upload: Upload,
  error: unknown,
  content: BaseContent | undefined,
): Promise<void> {
  const isOver = !failedWith(error, 'in-doubt', 'aborted');
  if (isOver && upload.isReleased && content) leaveToDelete(sending, upload.sentTo.place, content);
  // Nobody else has that name.
  if (failedWith(error, 'exists')) throw new Postponed(lagDelayMs);
  await onTrouble(sending, upload, error, content);
}

async function onTrouble(
  sending: Sending,
  upload: Upload,
  error: unknown,
  content: BaseContent | undefined,
): Promise<void> {
  const { id, place, path } = upload;
  if (error instanceof Superseded) return;
  if (error instanceof MovedAway) {
    // What was deleted meanwhile is not to be deleted where they have moved it.
    stillWanted(sending, upload);
    if (followMove(sending, id, error.place)) return;
    return stepAside(sending, id);
  }
  if (error instanceof Overtaken || failedWith(error, 'is-a-folder')) {
    // What was renamed meanwhile is in nobody's way.
    stillWanted(sending, upload);
    return stepAside(sending, id);
  }
  const isThere = error instanceof AlreadyThere || failedWith(error, 'exists');
  if (!isThere) throw error;
  const shown = upload.before ?? (await lookAt(sending.api, path));
  // It went again in the meantime.
  if (!shown) throw new Postponed(lagDelayMs);
  stillWanted(sending, upload);
  if (!content || !isSameBytes(shown.content, content)) return stepAside(sending, id);
  takeOver(sending, upload, baseAt(place, shown), false);
}
