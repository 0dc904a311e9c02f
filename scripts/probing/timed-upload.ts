import type { Bench } from './bench.ts';
import { operationStatus } from './operations.ts';
import { type Watched, watchTogether } from './polling.ts';
import type { Range } from './question.ts';
import type { Resource } from './replies.ts';
import { look } from './resources.ts';
import { put, randomContent, type UploadLink, uploadLink } from './uploads.ts';
import type { WireReply } from './wire.ts';

/** The network may take so many times longer for an upload than it took for asking the link. */
const networkFactor = 2;
const networkMs = 100;

export interface TimedUpload {
  readonly reply: WireReply;
  readonly link: UploadLink;
  /** From the last byte to the answer, without what the network may have taken. */
  readonly tail: Range;
}

/** Uploads random bytes, and times the answer. */
export async function timedUpload(bench: Bench, name: string, sizeBytes: number): Promise<TimedUpload> {
  const beforeMs = bench.clock.nowMs();
  const link = await uploadLink(bench, bench.path(name));
  const linkMs = bench.clock.nowMs() - beforeMs;
  await bench.breathe();
  const reply = await put(bench, link, '', { bytes: randomContent(sizeBytes), sizeBytes });
  const tailMs = reply.answeredAtMs - reply.bodySentAtMs;
  const atLeast = Math.max(0, tailMs - networkFactor * linkMs - networkMs);
  return { reply, link, tail: { atLeast, atMost: tailMs } };
}

/** Waits until the file is seen, and until its operation has ended; each in its own time. */
export function watchUpload(
  bench: Bench,
  name: string,
  { reply, link: { operationId } }: TimedUpload,
  atMostMs = bench.pace.patienceMs,
): Promise<readonly [Watched<Resource>, Watched<string>]> {
  const ended = async () => {
    if (operationId === undefined) return 'nothing: there is none';
    const status = await operationStatus(bench, operationId);
    return status === 'in-progress' ? undefined : (status ?? 'nothing any more');
  };
  return watchTogether(bench, reply, [() => look(bench, bench.path(name)), ended], { atMostMs });
}

export function rangeWords({ atLeast, atMost }: Range): string {
  return atMost === null
    ? `more than ${Math.round(atLeast)} ms`
    : `${Math.round(atLeast)}–${Math.round(atMost)} ms`;
}
