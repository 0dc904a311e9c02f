import { pause } from '../async/pause.ts';
import { Failure, failedWith } from '../errors.ts';
import type { Api } from './api.ts';
import { awaitOperation, readOperation } from './operations.ts';
import { readUploadAnswer } from './upload-answer.ts';
import { type Digest, UploadBody } from './upload-body.ts';
import type { UploadLink } from './upload-link.ts';
import { lookForUpload, type Wreck } from './upload-look.ts';
import type { UploadPlace } from './upload-place.ts';
import { type PutEnd, PutRequest } from './upload-put.ts';
import type { UploadRequest, UploadTiming } from './upload-request.ts';

/** What came of one try. */
type AttemptResult =
  | { readonly kind: 'stored' }
  /** Nothing was taken; `failure` says whether a new link makes sense. */
  | { readonly kind: 'not-taken'; readonly failure: Failure }
  /** The connection broke before all bytes were out. */
  | { readonly kind: 'broken-off'; readonly failure: Failure }
  /** All bytes were sent; the Disk was asked for a while and has not got them. */
  | { readonly kind: 'sent-in-vain'; readonly failure: Failure; readonly digest: Digest }
  /** All bytes were sent, and nobody can tell what came of it. */
  | { readonly kind: 'in-doubt'; readonly failure: Failure };

interface AttemptRequest extends UploadRequest {
  readonly attempt: number;
  readonly wreck: Wreck | undefined;
  readonly timing: UploadTiming;
  /** Held from before the link on, for a small file from the last look on. */
  readonly place: UploadPlace;
}

/**
 * Sends the file once, over one link, and looks what came of it.
 * @throws what `beforeLastBytes` rejected with; Failure 'aborted'; 'local' when the source has changed its length
 */
export async function sendOnce(api: Api, link: UploadLink, request: AttemptRequest): Promise<AttemptResult> {
  const body = new UploadBody(() => request.open(0), request.sizeBytes);
  let put: PutRequest | undefined;
  const endConnection = (end?: { readonly kind: string }) => {
    if (end?.kind === 'answered') put?.letGo();
    else put?.drop();
    put = undefined;
    request.place.leave();
  };
  try {
    const sending = await send(api, link, body, request, (started) => {
      put = started;
    });
    if (sending.kind !== 'complete') return sending;
    const end = await awaitAnswer(api, sending.put, link, request);
    endConnection(end);
    return await afterLastByte(api, link, body.digest, end, request);
  } finally {
    endConnection();
  }
}

type Sending =
  | Extract<AttemptResult, { kind: 'not-taken' | 'broken-off' }>
  | { kind: 'complete'; put: PutRequest };

/** Sends all bytes, the last ones once they may go. */
async function send(
  api: Api,
  link: UploadLink,
  body: UploadBody,
  request: AttemptRequest,
  onStart: (put: PutRequest) => void,
): Promise<Sending> {
  const { sizeBytes, signal, timing, path } = request;
  const { up } = api.data.bandwidth;
  let sentBytes = 0;
  let put: PutRequest | undefined;
  const started = () => {
    if (put) return put;
    api.counts.data++;
    put = new PutRequest(link.url, {
      sizeBytes,
      connections: api.data.connections,
      stallMs: timing.stallMs,
      signal,
    });
    onStart(put);
    return put;
  };
  const write = async (piece: Uint8Array) => {
    await up.take(piece.length, signal);
    if (!(await started().write(piece))) return false;
    sentBytes += piece.length;
    request.onProgress?.(sentBytes);
    return true;
  };
  for await (const piece of body.beginning(() => up.pieceBytes)) {
    if (!(await write(piece))) return endedEarly(await started().ended, path);
  }
  if (!(await mayGo(body.digest, link, request)))
    return {
      kind: 'not-taken',
      failure: new Failure('timed-out', 'The last look before the upload took too long', { path }),
    };
  await request.place.take(signal);
  let rest = body.rest;
  while (rest.length > 0) {
    const piece = rest.subarray(0, up.pieceBytes);
    rest = rest.subarray(piece.length);
    // What ended with the very last piece may have got through whole.
    if (!(await write(piece)) && rest.length > 0) return endedEarly(await started().ended, path);
  }
  started().close();
  return { kind: 'complete', put: started() };
}

/** Answered or broken before all bytes were out. */
function endedEarly(end: PutEnd, path: string): Extract<AttemptResult, { kind: 'not-taken' | 'broken-off' }> {
  if (end.kind === 'broken') return { kind: 'broken-off', failure: end.failure };
  const answer = readUploadAnswer(end, path);
  if (answer.kind === 'stored')
    return {
      kind: 'broken-off',
      failure: new Failure('nonsense', 'The Disk took a file for complete that was not', { path }),
    };
  return { kind: answer.kind === 'unsure' ? 'broken-off' : 'not-taken', failure: answer.failure };
}

/** False when it took too long. @throws what `beforeLastBytes` rejected with */
async function mayGo(digest: Digest, link: UploadLink, request: AttemptRequest): Promise<boolean> {
  const { beforeLastBytes, attempt, wreck, timing, signal } = request;
  if (!beforeLastBytes) return true;
  const patience = new AbortController();
  const both = signal ? AbortSignal.any([signal, patience.signal]) : patience.signal;
  const going = (async () => {
    await beforeLastBytes({ digest, attempt, wreck, operationId: link.operationId, signal: both });
    return true;
  })();
  const tooLate = pause(timing.holdMs, both).then(() => false);
  // Whoever of the two comes second is not heard any more.
  tooLate.catch(() => {});
  going.catch(() => {});
  try {
    return await Promise.race([going, tooLate]);
  } finally {
    patience.abort();
  }
}

/** The answer to the PUT, or what the operation tells while it does not come. Answers `silent` when neither did in time. */
async function awaitAnswer(
  api: Api,
  put: PutRequest,
  link: UploadLink,
  request: AttemptRequest,
): Promise<PutEnd | { readonly kind: 'succeeded' | 'failed' | 'silent' }> {
  const { signal, timing, sizeBytes } = request;
  const over = new AbortController();
  const both = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  const told = watchOperation(api, link.operationId, { ...request, signal: both });
  const silent = pause(timing.tailMs(sizeBytes), both).then(() => ({ kind: 'silent' as const }));
  told.catch(() => {});
  // The signal ends the PUT as well, and that tells more.
  silent.catch(() => {});
  try {
    return await Promise.race([put.ended, told, silent.catch(() => put.ended)]);
  } finally {
    over.abort();
  }
}

/** Resolves when the operation has ended; never, when it cannot be asked. */
async function watchOperation(
  api: Api,
  operationId: string | undefined,
  { signal, priority, timing }: Pick<AttemptRequest, 'signal' | 'priority' | 'timing'>,
): Promise<{ readonly kind: 'succeeded' | 'failed' }> {
  let everyMs = timing.operationEveryMs;
  while (operationId !== undefined && !signal?.aborted) {
    await pause(everyMs, signal).catch(() => {});
    const status = await readOperation(api, operationId, { signal, priority }).catch(() => undefined);
    if (status === 'success') return { kind: 'succeeded' };
    if (status === 'failed') return { kind: 'failed' };
    everyMs = Math.min(3 * timing.operationEveryMs, everyMs * 1.5);
  }
  return new Promise(() => {});
}

async function afterLastByte(
  api: Api,
  link: UploadLink,
  digest: Digest,
  end: PutEnd | { readonly kind: 'succeeded' | 'failed' | 'silent' },
  request: AttemptRequest,
): Promise<AttemptResult> {
  const { path, sizeBytes, timing, signal, priority } = request;
  if (end.kind === 'failed') {
    const failure = new Failure('operation-failed', `The Disk got ${path}, and did not take it`, { path });
    return { kind: 'not-taken', failure };
  }
  try {
    const answer = end.kind === 'answered' ? readUploadAnswer(end, path) : undefined;
    if (answer?.kind === 'stored') return await confirm(api, link, digest, request, end);
    if (answer && answer.kind !== 'unsure') return { kind: 'not-taken', failure: answer.failure };
    const failure =
      answer?.failure ??
      (end.kind === 'broken'
        ? end.failure
        : new Failure('timed-out', 'No answer came after the last byte', { path }));
    if (failedWith(failure, 'aborted')) return { kind: 'in-doubt', failure };
    const sent = { path, sizeBytes, digest, operationId: link.operationId, isOld: request.isOld };
    const waitMs = end.kind === 'silent' ? 0 : timing.brokenMs(sizeBytes);
    const found = await lookForUpload(api, sent, waitMs, { signal, priority });
    if (found === 'stored') return { kind: 'stored' };
    // It may come yet, and what is sent again would be there twice. Where the connection broke or an error was answered, it is over.
    if (found === 'unseen' || (found === 'unclear' && end.kind === 'silent'))
      return { kind: 'in-doubt', failure };
    return { kind: 'sent-in-vain', failure, digest };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { kind: 'in-doubt', failure: error };
  }
}

/** Stored, says the host; in place, says the operation. */
async function confirm(
  api: Api,
  link: UploadLink,
  digest: Digest,
  request: AttemptRequest,
  end: { readonly kind: string; readonly status?: number },
): Promise<AttemptResult> {
  const { path, sizeBytes, timing, signal, priority } = request;
  const { operationId } = link;
  if (request.trustsCreated && end.status === 201) return { kind: 'stored' };
  // Without an operation the file itself must tell; but 201 says that it is there.
  const lookAtFile = async (): Promise<AttemptResult> => {
    const sent = { path, sizeBytes, digest, operationId, isOld: request.isOld };
    const found = await lookForUpload(api, sent, timing.brokenMs(sizeBytes), { signal, priority });
    if (found === 'stored' || end.status === 201) return { kind: 'stored' };
    return { kind: 'in-doubt', failure: new Failure('timed-out', `${path} does not show up`, { path }) };
  };
  if (operationId === undefined) return lookAtFile();
  try {
    const operationMs = timing.tailMs(sizeBytes);
    const about = { what: `take ${path}`, path };
    await awaitOperation(api, operationId, about, { signal, priority, operationMs, firstPollMs: 0 });
    return { kind: 'stored' };
  } catch (error) {
    if (failedWith(error, 'operation-failed')) return { kind: 'sent-in-vain', failure: error, digest };
    const forgotten =
      failedWith(error, 'in-doubt') &&
      (await readOperation(api, operationId, { signal, priority })) === 'unknown';
    if (forgotten) return lookAtFile();
    throw error;
  }
}
