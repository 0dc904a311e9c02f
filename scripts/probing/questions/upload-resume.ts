import { createHash } from 'node:crypto';
import type { Bench } from '../bench.ts';
import { watch } from '../polling.ts';
import type { Question } from '../question.ts';
import { look } from '../resources.ts';
import { md5Of, put, type UploadLink, upload, uploadLink } from '../uploads.ts';
import type { WireReply } from '../wire.ts';

const knownBytes = 32 << 10;
const halfBytes = 32 << 10;
const waitForFileMs = 5000;

export const uploadResume: Question = {
  id: 'upload-resume',
  title: 'Can an upload be resumed, sent in parts, or done by hash alone?',
  settings: ['uploadResume', 'uploadByHash'],
  promises: ['large-uploads', 'retry-without-doubt'],
  requests: 50,
  uploadBytes: knownBytes + 4 * halfBytes,
  async ask(bench, answer) {
    const known = filled(bench, knownBytes);
    await upload(bench, bench.path('known.bin'), known);
    const byHash = await uploadLink(bench, bench.path('by-hash.bin'));
    const hinted = await head(bench, byHash, known);
    const { value } = await watch(bench, hinted, () => look(bench, bench.path('by-hash.bin')), {
      atMostMs: waitForFileMs,
    });
    answer.is(
      'uploadByHash',
      value !== undefined && value.md5 === md5Of(known),
      `HEAD with hashes was answered ${hinted.status}`,
    );

    const whole = filled(bench, 2 * halfBytes);
    const link = await uploadLink(bench, bench.path('in-parts.bin'));
    const first = await part(bench, link, whole, 0, halfBytes);
    const held = await head(bench, link, whole);
    const second = await part(bench, link, whole, halfBytes, whole.length);
    await bench.settle();
    const stored = await look(bench, bench.path('in-parts.bin'));
    const works = first.status === 202 && second.status === 201 && stored?.md5 === md5Of(whole);
    answer.is(
      'uploadResume',
      works,
      `first part ${first.status}, HEAD ${held.status} (${held.headers['content-length'] ?? 'no'} bytes), second part ${second.status}`,
    );
    if (!works && stored) answer.say(`what was stored has ${stored.size} of ${whole.length} bytes`);
  },
};

function filled(bench: Bench, sizeBytes: number): Buffer {
  return Buffer.alloc(sizeBytes, bench.text());
}

/** The request with which Yandex's own client for Java asks how much is there already. */
function head(bench: Bench, { href }: UploadLink, content: Buffer): Promise<WireReply> {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const headers = { etag: md5Of(content), sha256, size: String(content.length) };
  return bench.data(href, 'upload link', { method: 'HEAD', headers });
}

function part(
  bench: Bench,
  link: UploadLink,
  content: Buffer,
  start: number,
  end: number,
): Promise<WireReply> {
  const headers = { 'content-range': `bytes ${start}-${end - 1}/${content.length}` };
  return put(bench, link, content.subarray(start, end), {}, headers);
}
