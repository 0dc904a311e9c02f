import { Failure } from '../errors.ts';
import { retryAfterMs } from './refusals.ts';
import type { PutEnd } from './upload-put.ts';

/** What an uploader's answer means for the upload. */
type UploadAnswer =
  /** Stored; in place once the operation says so. */
  | { readonly kind: 'stored' }
  /** Nothing was taken, but a new link may do: the link was used, too old, or the host is in trouble. */
  | { readonly kind: 'again'; readonly failure: Failure }
  /** The host is in trouble, and may have taken it or not. */
  | { readonly kind: 'unsure'; readonly failure: Failure }
  /** Another try would be refused as well. */
  | { readonly kind: 'never'; readonly failure: Failure };

/** Statuses of a link that is used up (400 [src rclone]), unknown, too old, or meant for other bytes. */
const deadLinks: ReadonlySet<number> = new Set([400, 404, 410, 412]);

/** Reads the status alone: the form of an uploader's error is not known. */
export function readUploadAnswer(
  { status, headers }: Extract<PutEnd, { kind: 'answered' }>,
  path: string,
): UploadAnswer {
  if (status >= 200 && status < 300) return { kind: 'stored' };
  const said = `The Disk's host for uploads answered ${status}`;
  const details = { path, retryAfterMs: retryAfterMs(headers['retry-after']) };
  if (status === 507)
    return {
      kind: 'never',
      failure: new Failure('no-space', `The Disk is full: its host for uploads answered ${status}`, details),
    };
  if (status === 413) return { kind: 'never', failure: new Failure('too-large', said, details) };
  if (status === 409) return { kind: 'never', failure: new Failure('exists', said, details) };
  if (status === 401 || status === 403)
    return { kind: 'never', failure: new Failure('refused', said, details) };
  if (status === 415) return { kind: 'never', failure: new Failure('unsupported', said, details) };
  if (status === 423) return { kind: 'again', failure: new Failure('locked', said, details) };
  if (status === 429) return { kind: 'again', failure: new Failure('busy', said, details) };
  if (status >= 500) return { kind: 'unsure', failure: new Failure('server', said, details) };
  if (deadLinks.has(status)) return { kind: 'again', failure: new Failure('nonsense', said, details) };
  // Something in between answered: the bytes may have got through or not.
  return { kind: 'unsure', failure: new Failure('nonsense', said, details) };
}
