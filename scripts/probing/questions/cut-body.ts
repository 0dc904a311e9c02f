import type { Bench } from '../bench.ts';
import { operationStatus } from '../operations.ts';
import { watch } from '../polling.ts';
import type { Question } from '../question.ts';
import { look } from '../resources.ts';
import { md5Of, put, upload, uploadLink } from '../uploads.ts';
import type { RequestBody } from '../wire.ts';

const wholeBytes = 64 << 10;
const sentBytes = 32 << 10;
const waitBeforeCutMs = 700;

export const cutBody: Question = {
  id: 'cut-body',
  title: 'Is a body whose connection was cut half-way stored as far as it came?',
  settings: ['cutBody'],
  promises: ['whole-or-not-at-all', 'held-last-bytes', 'retry-without-doubt'],
  requests: 100,
  uploadBytes: 4 * sentBytes,
  async ask(bench, answer) {
    const old = bench.text();
    await upload(bench, bench.path('replaced.bin'), old);
    const announced = await cut(bench, 'announced.bin', { announcedBytes: wholeBytes });
    const chunked = await cut(bench, 'chunked.bin', { framing: 'chunked' });
    const replaced = await cut(bench, 'replaced.bin', { announcedBytes: wholeBytes }, md5Of(old));
    const value = announced.stored ? 'keep' : chunked.stored ? 'keep-chunked' : 'drop';
    if (announced.stored && !chunked.stored)
      answer.cannotTell('cutBody', 'with a length it was stored, chunked it was not: no value says that');
    else answer.is('cutBody', value);
    answer.say(
      `with a length: ${announced.words}; chunked: ${chunked.words}; over a file that was there: ${replaced.words}`,
    );
  },
};

/** Sends half of a body, drops the connection, and looks what became of it. */
async function cut(
  bench: Bench,
  name: string,
  body: Partial<RequestBody>,
  oldMd5?: string,
): Promise<{ readonly stored: boolean; readonly words: string }> {
  const path = bench.path(name);
  const link = await uploadLink(bench, path, oldMd5 !== undefined);
  const half = Buffer.alloc(sentBytes, bench.text());
  const dropWhen = () => bench.wait(waitBeforeCutMs);
  const reply = await put(bench, link, half, { ...body, dropWhen });
  const { value } = await watch(bench, reply, async () => {
    const there = await look(bench, path);
    return there && there.md5 !== oldMd5 ? there : undefined;
  });
  const status = link.operationId === undefined ? 'unknown' : await operationStatus(bench, link.operationId);
  const answered = reply.status === undefined ? '' : `answered ${reply.status} before the cut, `;
  const fate = value ? `stored with ${value.size} bytes` : 'nothing was stored';
  return {
    stored: value !== undefined,
    words: `${answered}${fate}, its operation says ${status ?? 'nothing any more'}`,
  };
}
