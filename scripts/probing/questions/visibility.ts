import type { Bench } from '../bench.ts';
import { operationStatus } from '../operations.ts';
import { watch } from '../polling.ts';
import type { Answer, Question, Range } from '../question.ts';
import { look, patch } from '../resources.ts';
import { put, randomContent, type UploadLink, uploadLink } from '../uploads.ts';
import type { WireReply } from '../wire.ts';

/** The network may take so many times longer for an upload than it took for asking the link. */
const networkFactor = 2;
const networkMs = 100;
const smallBytes = 1024;

export const visibility: Question = {
  id: 'visibility',
  title: 'How soon after its upload is a small file seen, and how is its upload answered?',
  settings: ['uploadAnswer', 'seenLateMs', 'lateCommitMs', 'uploadOperationLagMs', 'commitMs'],
  promises: ['own-lag-is-no-news', 'whole-or-not-at-all', 'retry-without-doubt'],
  requests: 40,
  uploadBytes: smallBytes,
  async ask(bench, answer) {
    const { reply, link, tail } = await timedUpload(bench, 'small.bin', smallBytes);
    noteAnswer(answer, reply);
    await noteSight(bench, answer, reply, 'small.bin');
    await noteOperation(bench, answer, reply, link);
    answer.measured('commitMs', tail);
  },
};

/** The same for large files, where the service has more to do. */
export function largeVisibility(sizesBytes: readonly number[]): Question {
  const totalBytes = sizesBytes.reduce((sum, sizeBytes) => sum + sizeBytes, smallBytes);
  return {
    id: 'visibility-large',
    title: `How soon after its upload is a large file seen (${sizesBytes.map(shownSize).join(', ')})?`,
    settings: ['commitMsPerMiB'],
    promises: ['own-lag-is-no-news', 'mtime-reaches-server', 'retry-without-doubt'],
    needs: 'large',
    requests: 20 + 50 * sizesBytes.length,
    uploadBytes: totalBytes,
    async ask(bench, answer) {
      const small = (await timedUpload(bench, 'small.bin', smallBytes)).tail;
      for (const [index, sizeBytes] of sizesBytes.entries()) {
        const name = `large-${index}.bin`;
        const { reply, link, tail } = await timedUpload(bench, name, sizeBytes);
        const seen = await watch(bench, reply, () => look(bench, bench.path(name)));
        answer.say(`${shownSize(sizeBytes)}: ${reply.status}, seen after ${words(seen.after)}`);
        const patched = await patch(bench, bench.path(name), { probe: 'early' });
        await noteOperationOf(bench, answer, reply, link, shownSize(sizeBytes));
        await bench.settle();
        const kept = (await look(bench, bench.path(name)))?.custom_properties?.['probe'] === 'early';
        const outcome = patched.status === 200 ? (kept ? 'kept' : 'lost') : `answered ${patched.status}`;
        answer.say(`${shownSize(sizeBytes)}: a property set as soon as it was seen was ${outcome}`);
        if (index === sizesBytes.length - 1) noteTail(answer, tail, small, sizeBytes);
      }
    },
  };
}

function noteTail(answer: Answer, large: Range, small: Range, sizeBytes: number): void {
  const mebibytes = (sizeBytes - smallBytes) / 1024 ** 2;
  const atLeast = (large.atLeast - (small.atMost ?? 0)) / mebibytes;
  const atMost = ((large.atMost ?? 0) - small.atLeast) / mebibytes;
  answer.measured(
    'commitMsPerMiB',
    { atLeast, atMost },
    `the answer to ${shownSize(sizeBytes)} came ${words(large)} after its last byte`,
  );
}

interface TimedUpload {
  readonly reply: WireReply;
  readonly link: UploadLink;
  /** From the last byte to the answer, without what the network may have taken. */
  readonly tail: Range;
}

async function timedUpload(bench: Bench, name: string, sizeBytes: number): Promise<TimedUpload> {
  const beforeMs = bench.clock.nowMs();
  const link = await uploadLink(bench, bench.path(name));
  const linkMs = bench.clock.nowMs() - beforeMs;
  await bench.breathe();
  const reply = await put(bench, link, '', { bytes: randomContent(sizeBytes), sizeBytes });
  const tailMs = reply.answeredAtMs - reply.bodySentAtMs;
  return {
    reply,
    link,
    tail: { atLeast: Math.max(0, tailMs - networkFactor * linkMs - networkMs), atMost: tailMs },
  };
}

function noteAnswer(answer: Answer, { status }: WireReply): void {
  if (status === 201 || status === 202) answer.is('uploadAnswer', status);
  else answer.cannotTell('uploadAnswer', `the upload was answered ${status}`);
}

async function noteSight(bench: Bench, answer: Answer, reply: WireReply, name: string): Promise<void> {
  const { value, after } = await watch(bench, reply, () => look(bench, bench.path(name)));
  if (reply.status === 202) {
    answer.measured('lateCommitMs', after);
    answer.cannotTell('seenLateMs', 'after a 202 it is one with lateCommitMs');
  } else {
    answer.measured('seenLateMs', after);
    answer.cannotTell('lateCommitMs', 'no upload was answered 202');
  }
  if (value) {
    const missing = (['md5', 'sha256', 'size'] as const).filter((field) => value[field] === undefined);
    answer.say(
      missing.length === 0 ? 'size and hashes were there at once' : `missing at first: ${missing.join(', ')}`,
    );
  }
}

async function noteOperation(
  bench: Bench,
  answer: Answer,
  reply: WireReply,
  link: UploadLink,
): Promise<void> {
  if (link.operationId === undefined) {
    answer.cannotTell('uploadOperationLagMs', 'the upload link came without an operation');
    return;
  }
  const after = await noteOperationOf(bench, answer, reply, link, 'small');
  if (reply.status === 202)
    answer.cannotTell('uploadOperationLagMs', 'after a 202 it is one with lateCommitMs');
  else answer.measured('uploadOperationLagMs', after);
}

async function noteOperationOf(
  bench: Bench,
  answer: Answer,
  reply: WireReply,
  { operationId }: UploadLink,
  what: string,
): Promise<Range> {
  if (operationId === undefined) return { atLeast: 0, atMost: null };
  const { value, after } = await watch(bench, reply, async () => {
    const status = await operationStatus(bench, operationId);
    return status === 'in-progress' ? undefined : (status ?? 'unknown');
  });
  answer.say(`${what}: its operation said ${value ?? 'in-progress'} after ${words(after)}`);
  return after;
}

function words({ atLeast, atMost }: Range): string {
  return atMost === null
    ? `more than ${Math.round(atLeast)} ms`
    : `${Math.round(atLeast)}–${Math.round(atMost)} ms`;
}

function shownSize(sizeBytes: number): string {
  return sizeBytes >= 1024 ** 3 ? `${sizeBytes / 1024 ** 3} GiB` : `${Math.round(sizeBytes / 1024 ** 2)} MiB`;
}
