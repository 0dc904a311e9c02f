import { createHash } from 'node:crypto';
import { uploadFile } from '../disk-api/upload.ts';
import type { Digest } from '../disk-api/upload-body.ts';
import { lookForWreck } from '../disk-api/upload-look.ts';
import type { LastBytes } from '../disk-api/upload-request.ts';
import { failedWith } from '../errors.ts';
import type { DraftState } from '../tree/draft-state.ts';
import type { Base, BaseContent, LocalNode, ServerPlace } from '../tree/local-node.ts';
import { isSameBytes } from '../tree/sameness.ts';
import { epoch } from '../tree/times.ts';
import { stepAside } from './conflict-copy.ts';
import { othersProperties } from './dates.ts';
import { lookAt } from './folder-looks.ts';
import { mayBeLag } from './lag.ts';
import { followMove } from './moved-there.ts';
import { Postponed } from './postponed.ts';
import { baseAt, type Shown } from './sameness.ts';
import type { OutgoingDraft, Sending } from './sending.ts';
import { wantedPlace } from './server-paths.ts';
import { forgetIntent, Superseded, settle } from './settling.ts';

/** Up to this size an answer of 201 is taken for the end: the listing that follows is the proof. Larger ones were seen to come late. */
const trustedBytes = 8 << 20;
const lagDelayMs = 2_000;

interface UploadOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (sentBytes: number) => void;
}

/** What an upload is about, as it was when the step began. */
interface Upload {
  readonly id: number;
  readonly draft: DraftState;
  readonly place: ServerPlace;
  readonly path: string;
  readonly folderPath: string;
  /** The version that ours goes up in place of; undefined: as new. */
  readonly from: Base | undefined;
  readonly replacedId: number | undefined;
  /** It is of a file that is open, as it was: newer bytes are no reason to give it up, or one that is written to all the time would never go up. */
  isFrozen: boolean;
  /** What the last look has shown. */
  before: Shown | undefined;
  /** Of the link that was used last. */
  operationId: string | undefined;
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
 * Sends the bytes of a draft: as new, onto what the file replaces, or onto its own base.
 * @throws Failure as `uploadFile`; 'stale' for a draft that cannot be completed any more; Postponed
 */
export async function uploadStep(sending: Sending, id: number, options: UploadOptions): Promise<void> {
  const { hooks, looks } = sending;
  const node = sending.local.node(id);
  const upload = node && uploadOf(sending, node);
  if (!node || !upload) return;
  const unexpect = looks.expect(upload.folderPath);
  let outgoing: OutgoingDraft | undefined;
  try {
    outgoing = await hooks.openDraft(node, upload.draft);
    upload.isFrozen = outgoing.isFrozen === true;
    await outgoing.complete(options.signal);
    await outgoing.sync();
    await send(sending, upload, outgoing, options, unexpect);
  } finally {
    unexpect();
    await outgoing?.close();
  }
}

function uploadOf(sending: Sending, node: LocalNode): Upload | undefined {
  const { id, draft, state, kind, base, replaces } = node;
  if (!draft || state !== 'shown' || kind !== 'file') return undefined;
  const place = base ? { parentId: base.parentId, name: base.name } : wantedPlace(node);
  const [path, folderPath] = [sending.paths.at(place), sending.paths.folder(place.parentId)];
  const from = base ?? replaces?.base;
  return {
    id,
    draft,
    place,
    path,
    folderPath,
    from,
    replacedId: replaces?.id,
    isFrozen: false,
    before: undefined,
    operationId: undefined,
  };
}

async function send(
  sending: Sending,
  upload: Upload,
  outgoing: OutgoingDraft,
  { signal, onProgress }: UploadOptions,
  unexpect: () => void,
): Promise<void> {
  const { id, path, from } = upload;
  const { sizeBytes } = outgoing;
  let digest: Digest | undefined;
  try {
    await uploadFile(sending.api, {
      path,
      overwrite: from !== undefined,
      sizeBytes,
      open: (start) => outgoing.stream(start),
      beforeLastBytes: async (about) => {
        digest = about.digest;
        unexpect();
        await mayGo(sending, upload, sizeBytes, about);
      },
      trustsCreated: sizeBytes <= trustedBytes,
      onProgress,
      signal,
      priority: 'background',
    });
    if (!digest) throw new Error('Sent without a last look');
    onSent(sending, upload, contentOf(sizeBytes, digest));
  } catch (error) {
    // Whatever else it was: all that was sent was looked at, and is not there.
    if (!failedWith(error, 'in-doubt', 'aborted')) forgetIntent(sending, id);
    if (failedWith(error, 'exists')) digest ??= await digestOf(outgoing);
    if (error instanceof Overtaken && (await isWreck(sending, upload, outgoing, signal)))
      return adoptWreck(sending, upload);
    await onTrouble(sending, upload, error, digest && contentOf(sizeBytes, digest));
  }
}

/** The last look, and the intent. @throws what keeps the last bytes back */
async function mayGo(sending: Sending, upload: Upload, sizeBytes: number, about: LastBytes): Promise<void> {
  const { local, looks } = sending;
  const { draft, place, path, folderPath, from } = upload;
  const current = stillWanted(sending, upload);
  const { digest, wreck, operationId, signal } = about;
  const [shown] = await Promise.all([
    looks.look(folderPath, place.name, signal),
    local.applySynced({
      put: [
        {
          ...current,
          intent: { kind: 'upload', path, place, sizeBytes, ...digest, version: draft.version, operationId },
        },
      ],
    }),
  ]);
  upload.before = shown;
  upload.operationId = operationId;
  stillWanted(sending, upload);
  if (!shown) {
    if (from && mayBeLag(sending, current, place, shown)) throw new Postponed(lagDelayMs);
    const elsewhere = await sending.moved.find(sending, current, signal);
    stillWanted(sending, upload);
    if (elsewhere) throw new MovedAway(elsewhere);
    return;
  }
  if (shown.kind === 'file' && isSameBytes(shown.content, contentOf(sizeBytes, digest)))
    throw new AlreadyThere();
  if (wreck && shown.content?.sizeBytes === wreck.sizeBytes && shown.content.md5 === wreck.md5) return;
  if (from && shown.kind === 'file' && isSameBytes(shown.content, from.content)) return;
  // What this one takes over may have been replaced by us a moment ago, and listings lag.
  if (mayBeLag(sending, current, place, shown)) throw new Postponed(lagDelayMs);
  throw new Overtaken();
}

/** @throws Superseded */
function stillWanted(sending: Sending, upload: Upload): LocalNode {
  const current = sending.local.node(upload.id);
  const now = current && uploadOf(sending, current);
  const isSame =
    now &&
    now.draft.name === upload.draft.name &&
    (upload.isFrozen || now.draft.version === upload.draft.version) &&
    now.path === upload.path &&
    now.replacedId === upload.replacedId;
  if (!current || !isSame) throw new Superseded();
  return current;
}

/** What stands there is the beginning of what was being sent: the connection broke, and the server has taken it for all. */
async function isWreck(
  { api }: Sending,
  { path, before, operationId }: Upload,
  outgoing: OutgoingDraft,
  signal: AbortSignal,
): Promise<boolean> {
  const { sizeBytes } = outgoing;
  if (before?.content === undefined || before.content.sizeBytes >= sizeBytes) return false;
  const open = () => outgoing.stream(0);
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
  const { place, before, from } = upload;
  const properties = othersProperties(before?.properties ?? from?.properties);
  sending.effects.note(upload.id, place.parentId, before?.content);
  sending.effects.noteUpload(place.parentId);
  // The Disk's own date of it is not known until it is shown.
  takeOver(sending, upload, { ...place, resourceId: undefined, content, modified: epoch, properties });
}

/** The bytes are on the server. */
function takeOver(sending: Sending, { id, draft }: Upload, base: Base): void {
  const current = sending.local.node(id);
  if (!current) return;
  const isSame = current.draft?.name === draft.name;
  const { properties } = base;
  settle(sending, id, base, {
    draft: isSame && current.draft ? { ...current.draft, sentVersion: draft.version } : current.draft,
    // Properties of others are put back together with a date.
    modified:
      current.modified ??
      (properties === undefined ? undefined : { sec: Math.floor(current.changedAtMs / 1000), nsec: 0 }),
  });
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
    if (followMove(sending, id, error.place)) return;
    return stepAside(sending, id);
  }
  if (error instanceof Overtaken || failedWith(error, 'is-a-folder')) return stepAside(sending, id);
  const isThere = error instanceof AlreadyThere || failedWith(error, 'exists');
  if (!isThere) throw error;
  const shown = upload.before ?? (await lookAt(sending.api, path));
  // It went again in the meantime.
  if (!shown) throw new Postponed(lagDelayMs);
  stillWanted(sending, upload);
  if (!content || !isSameBytes(shown.content, content)) return stepAside(sending, id);
  takeOver(sending, upload, baseAt(place, shown));
}

function contentOf(sizeBytes: number, { md5, sha256 }: Digest): BaseContent {
  return { sizeBytes, md5, sha256, versionTag: '' };
}

async function digestOf(outgoing: OutgoingDraft): Promise<Digest> {
  const [md5, sha256] = [createHash('md5'), createHash('sha256')];
  for await (const chunk of outgoing.stream(0)) {
    md5.update(chunk);
    sha256.update(chunk);
  }
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}
