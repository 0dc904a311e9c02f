import { createHash } from 'node:crypto';
import { pause } from '../async/pause.ts';
import { failedWith } from '../errors.ts';
import type { Api, CallOptions } from './api.ts';
import { readResource } from './folder-listing.ts';
import { type OperationStatus, readOperation } from './operations.ts';
import type { DiskPath } from './paths.ts';
import type { ResourceReply } from './replies.ts';
import type { Digest } from './upload-body.ts';

/** The bytes that were sent to a path. */
export interface Sent {
  readonly path: DiskPath;
  readonly sizeBytes: number;
  readonly digest: Digest;
  readonly operationId: string | undefined;
  /** Whether what is shown may be the state before what was sent, with the very same bytes: replaced since, and sent again. */
  readonly isOld?: ((shown: ResourceReply) => boolean) | undefined;
}

/**
 * What the Disk shows of an upload whose answer was lost. `unseen`: the operation has succeeded, but the file does not show up;
 * `unclear`: the operation goes on.
 */
type Found = 'stored' | 'not-stored' | 'unseen' | 'unclear';

const firstLookMs = 200;
const longestLookMs = 5_000;
/** What the Disk says after this long it will go on saying: that it knows no such operation, or shows another file. */
const settledMs = 5_000;

/**
 * Looks, at the operation and at the file, until they tell whether the bytes are there, but no longer than `waitMs`.
 * An operation that succeeded is not enough: a body that broke off may have been stored as far as it came.
 */
export async function lookForUpload(
  api: Api,
  sent: Sent,
  waitMs: number,
  options: CallOptions,
): Promise<Found> {
  const startedAtMs = performance.now();
  let everyMs = firstLookMs;
  for (;;) {
    const status = await operationStatus(api, sent.operationId, options);
    if (status === 'failed') return 'not-stored';
    const shown = await shownAt(api, sent.path, options);
    const isFile = shown !== undefined && shown !== 'nothing';
    const isSent = isFile && isSame(shown, sent.sizeBytes, sent.digest);
    if (isSent && (status === 'success' || !sent.isOld?.(shown))) return 'stored';
    const waitedMs = performance.now() - startedAtMs;
    // Of one without hashes nobody can say yet whether it is another.
    const isHashed = isFile && (shown.md5 ?? shown.sha256) !== undefined;
    const isSettled = waitedMs >= Math.min(waitMs, !isFile || isHashed ? settledMs : waitMs);
    // Nothing at the path says nothing by itself: large files show up late. Another file may be the one from before.
    if (isSettled && ((isFile && status === 'success') || (shown && status === 'unknown')))
      return 'not-stored';
    if (waitedMs >= waitMs) return status === 'success' ? 'unseen' : 'unclear';
    await pause(Math.min(everyMs, waitMs), options.signal);
    everyMs = Math.min(longestLookMs, everyMs * 2);
  }
}

/** A file at the path that is the beginning of what was being sent: a server may store what a broken body had brought. */
export interface Wreck {
  readonly sizeBytes: number;
  readonly resourceId: string | undefined;
  readonly md5: string | undefined;
}

/**
 * Looks whether a body that broke off was stored as far as it came. That no server does this is unproven.
 * @param open reads the bytes that were being sent once more
 */
export async function lookForWreck(
  api: Api,
  { path, sizeBytes, operationId }: Omit<Sent, 'digest' | 'isOld'>,
  open: () => AsyncIterable<Uint8Array>,
  options: CallOptions,
): Promise<Wreck | undefined> {
  await pause(firstLookMs, options.signal);
  if ((await operationStatus(api, operationId, options)) !== 'success') return undefined;
  const shown = await shownAt(api, path, options);
  if (!shown || shown === 'nothing' || shown.size === undefined || shown.size >= sizeBytes) return undefined;
  if (!isSame(shown, shown.size, await prefixDigest(open(), shown.size))) return undefined;
  return { sizeBytes: shown.size, resourceId: shown.resource_id, md5: shown.md5 };
}

/** Whether the Disk shows these bytes; at least one hash must say so. */
function isSame(shown: ResourceReply, sizeBytes: number, digest: Digest): boolean {
  const told = [
    { ours: digest.sha256, theirs: shown.sha256 },
    { ours: digest.md5, theirs: shown.md5 },
  ].filter(({ theirs }) => theirs !== undefined);
  if (shown.type === 'dir' || shown.size !== sizeBytes || told.length === 0) return false;
  return told.every(({ ours, theirs }) => ours === theirs?.toLowerCase());
}

async function prefixDigest(source: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<Digest> {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  let missingBytes = sizeBytes;
  for await (const chunk of source) {
    const part = chunk.subarray(0, missingBytes);
    md5.update(part);
    sha256.update(part);
    missingBytes -= part.length;
    if (missingBytes === 0) break;
  }
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}

/** Undefined when it cannot be asked at this moment. */
async function operationStatus(
  api: Api,
  operationId: string | undefined,
  options: CallOptions,
): Promise<OperationStatus | undefined> {
  if (operationId === undefined) return 'unknown';
  return readOperation(api, operationId, options).catch(unlessTrouble);
}

async function shownAt(
  api: Api,
  path: DiskPath,
  options: CallOptions,
): Promise<ResourceReply | 'nothing' | undefined> {
  return readResource(api, path, options).catch((error: unknown) => {
    if (failedWith(error, 'not-found', 'no-parent')) return 'nothing' as const;
    return unlessTrouble(error);
  });
}

function unlessTrouble(error: unknown): undefined {
  if (!failedWith(error, 'offline', 'server', 'busy', 'nonsense', 'locked')) throw error;
  return undefined;
}
