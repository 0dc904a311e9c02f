import { createHash } from 'node:crypto';
import type { Digest } from '../disk-api/upload-body.ts';
import { abortFailure, failedWith } from '../errors.ts';
import type { DraftState } from '../tree/draft-state.ts';
import type { Base, BaseContent, LocalNode, ServerPlace } from '../tree/local-node.ts';
import { settleBeside } from './beside.ts';
import { undatedProperties } from './dates.ts';
import type { Shown } from './sameness.ts';
import type { OutgoingDraft, Sending } from './sending.ts';
import { wantedPlace } from './server-paths.ts';
import { Superseded, settle } from './settling.ts';

/** The version of a file that is to come to the server, as it was when the step began. */
export interface Outgoing {
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
}

export function outgoingOf(sending: Sending, node: LocalNode): Outgoing | undefined {
  const { id, draft, state, kind, base, replaces } = node;
  if (!draft || state !== 'shown' || kind !== 'file') return undefined;
  const place = base ? { parentId: base.parentId, name: base.name } : wantedPlace(node);
  const [path, folderPath] = [sending.paths.at(place), sending.paths.folder(place.parentId)];
  const from = base ?? replaces?.base;
  return {
    ...{ id, draft, place, path, folderPath, from },
    replacedId: replaces?.id,
    isFrozen: false,
    before: undefined,
  };
}

/** The node, if this is still what is to go. @throws Superseded */
export function stillWanted(sending: Sending, outgoing: Outgoing): LocalNode {
  const current = sending.local.node(outgoing.id);
  const now = current && outgoingOf(sending, current);
  const isSame =
    now &&
    now.draft.name === outgoing.draft.name &&
    (outgoing.isFrozen || now.draft.version === outgoing.draft.version) &&
    now.path === outgoing.path &&
    now.replacedId === outgoing.replacedId;
  if (!current || !isSame) throw new Superseded();
  return current;
}

/** Whether a failure is no more than that the file was changed here while it was read to be sent: what there is now is due by itself. */
export function isOfChange(
  { local }: Pick<Sending, 'local'>,
  { id, draft }: Outgoing,
  error: unknown,
): boolean {
  if (error instanceof Superseded) return true;
  const current = local.node(id)?.draft;
  return failedWith(error, 'local') && (current?.name !== draft.name || current.version !== draft.version);
}

/** The properties that others had set on what is replaced, and that it is to have again; and a mark of what was there. */
export function restoredProperties({ before, from }: Pick<Outgoing, 'before' | 'from'>): string | undefined {
  return undatedProperties(before?.properties ?? from?.properties);
}

/** The server has these bytes: at their place, or beside it. */
export function takeOver(
  sending: Sending,
  { id, draft }: { readonly id: number; readonly draft: Pick<DraftState, 'name' | 'version'> },
  base: Base,
  isBeside: boolean,
): void {
  const current = sending.local.node(id);
  if (!current) return;
  const isSame = current.draft?.name === draft.name;
  const details = {
    draft: isSame && current.draft ? { ...current.draft, sentVersion: draft.version } : current.draft,
    // Properties of others are put back together with a date; that of a file that was copied is not ours.
    modified: current.modified ?? (base.properties === undefined ? undefined : dateHere(current)),
  };
  if (isBeside) settleBeside(sending, id, base, details);
  else settle(sending, id, base, details);
}

/** The date of its last change here, where none was set. */
export function dateHere({ changedAtMs }: Pick<LocalNode, 'changedAtMs'>) {
  return { sec: Math.floor(changedAtMs / 1000), nsec: 0 };
}

export function contentOf(sizeBytes: number, { md5, sha256 }: Digest): BaseContent {
  return { sizeBytes, md5, sha256, versionTag: '' };
}

/** Of the whole. @throws Failure as its `stream`; 'aborted' */
export async function digestOf(bytes: Pick<OutgoingDraft, 'stream'>, signal?: AbortSignal): Promise<Digest> {
  const [md5, sha256] = [createHash('md5'), createHash('sha256')];
  for await (const chunk of bytes.stream(0)) {
    if (signal?.aborted) throw abortFailure(signal);
    md5.update(chunk);
    sha256.update(chunk);
  }
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}
