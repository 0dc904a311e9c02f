import { pause } from '../async/pause.ts';
import { failedWith } from '../errors.ts';
import type { Api } from './api.ts';
import { requireEntry } from './paths.ts';
import { inDoubt } from './persistence.ts';
import { sendOnce } from './upload-attempt.ts';
import { heldBytes } from './upload-body.ts';
import { requestUploadLink } from './upload-link.ts';
import { lookForUpload, lookForWreck, type Sent, type Wreck } from './upload-look.ts';
import { UploadPlace } from './upload-place.ts';
import { type UploadRequest, usualTiming } from './upload-request.ts';

const mostAttempts = 4;
const firstDelayMs = 500;
/** After these, another try with a new link makes sense. */
const passing = ['offline', 'server', 'busy', 'nonsense', 'locked', 'operation-failed', 'timed-out'] as const;

/**
 * Uploads a file by stream, and waits until the Disk says that it is in place. Every try takes a new link; one after which the file
 * may be there is never followed by another before the Disk was asked about it.
 * @throws Failure 'in-doubt' when everything was sent and the Disk does not say in time what came of it: look later, do not send
 * again; 'exists', 'no-parent', 'is-a-folder', 'no-space', 'too-large', 'allowance-spent', 'locked', 'offline', …; or whatever
 * `beforeLastBytes` rejected with
 */
export async function uploadFile(api: Api, request: UploadRequest): Promise<void> {
  const { path, sizeBytes, signal, priority = 'background' } = request;
  requireEntry(path);
  const calling = { signal, priority };
  const timing = { ...usualTiming, ...request.timing };
  let wreck: Wreck | undefined;
  let sentBefore: Sent | undefined;
  for (let attempt = 1; ; attempt++) {
    const overwrite = request.overwrite || wreck !== undefined;
    // First the place, then the link, which is good for minutes only; the source is opened last. A small file goes out in one piece after the
    // last look: it needs no place before, so that many can be looked at together.
    const place = new UploadPlace(api.data);
    if (sizeBytes > heldBytes) await place.take(signal);
    const link = await requestUploadLink(api, path, overwrite, calling).catch(async (error: unknown) => {
      place.leave();
      // It may be an earlier try of ours, come late, that takes the name.
      const own = failedWith(error, 'exists') && sentBefore;
      if (own && (await lookForUpload(api, own, 0, calling)) === 'stored') return undefined;
      throw error;
    });
    if (!link) return;
    const result = await sendOnce(api, link, { ...request, priority, attempt, wreck, timing, place });
    if (result.kind === 'stored') return;
    const { failure } = result;
    if (result.kind === 'in-doubt') throw inDoubt(`take ${path}`, path, failure);
    if (!failedWith(failure, ...passing) || attempt >= mostAttempts) throw failure;
    const sent = { path, sizeBytes, operationId: link.operationId };
    if (result.kind === 'sent-in-vain') sentBefore = { ...sent, digest: result.digest, isOld: request.isOld };
    if (result.kind === 'broken-off' || result.kind === 'sent-in-vain')
      wreck = (await lookForWreck(api, sent, () => request.open(0), calling)) ?? wreck;
    await pause(Math.max(failure.retryAfterMs ?? 0, firstDelayMs * 2 ** (attempt - 1)), signal);
  }
}
