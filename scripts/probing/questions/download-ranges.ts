import type { Settings } from '../../../test/stand-in/settings.ts';
import type { Bench } from '../bench.ts';
import { download, fileLink } from '../downloads.ts';
import type { Question } from '../question.ts';
import { md5Of, upload } from '../uploads.ts';

const sizeBytes = 64 << 10;

export const downloadRanges: Question = {
  id: 'download-ranges',
  title: 'What do the data hosts make of ranges and ETags, and how many redirects are there?',
  settings: ['ranges', 'etag', 'redirectHops'],
  promises: ['one-version', 'parts-on-demand', 'kept-links'],
  requests: 70,
  uploadBytes: sizeBytes,
  async ask(bench, answer) {
    const path = bench.path('ranges.bin');
    const content = Buffer.alloc(sizeBytes, bench.text());
    await upload(bench, path, content);
    const link = await fileLink(bench, path, md5Of(content));
    const whole = await download(bench, link, 'download link');
    answer.is('redirectHops', whole.hops);
    const etag = whole.reply.headers.etag;
    answer.is(
      'etag',
      formOf(etag, md5Of(content)),
      etag === undefined ? undefined : `${etag.length} characters`,
    );
    answer.say(
      `the whole: ${whole.reply.status}, Accept-Ranges ${whole.reply.headers['accept-ranges'] ?? 'missing'}`,
    );

    const some = await ranged(bench, link, 'bytes=100-199');
    answer.is(
      'ranges',
      some.status === 206 && some.body.equals(content.subarray(100, 200)),
      `the range was answered ${some.status}`,
    );
    const tail = await ranged(bench, link, `bytes=${sizeBytes - 50}-`);
    const suffix = await ranged(bench, link, 'bytes=-50');
    const last = content.subarray(sizeBytes - 50);
    answer.say(
      `an open range: ${tail.status}${right(tail, last)}; a suffix range: ${suffix.status}${right(suffix, last)}`,
    );
    const several = await ranged(bench, link, 'bytes=0-9,20-29');
    answer.say(`several ranges at once: ${several.status} ${several.headers['content-type'] ?? ''}`.trim());
    answer.say(`a range behind the end: ${(await ranged(bench, link, `bytes=${sizeBytes}-`)).status}`);
    if (etag === undefined) return;
    const same = await ranged(bench, link, 'bytes=100-199', { 'if-range': etag });
    const other = await ranged(bench, link, 'bytes=100-199', {
      'if-range': '"0123456789abcdef0123456789abcdef"',
    });
    const unchanged = await download(bench, link, 'download link', { 'if-none-match': etag });
    answer.say(
      `If-Range with its ETag: ${same.status}, with another: ${other.status}; If-None-Match: ${unchanged.reply.status}`,
    );
  },
};

async function ranged(
  bench: Bench,
  link: string,
  range: string,
  headers: Readonly<Record<string, string>> = {},
) {
  return (await download(bench, link, 'download link', { range, ...headers })).reply;
}

function right({ body }: { readonly body: Buffer }, expected: Buffer): string {
  return body.equals(expected) ? ' with the right bytes' : ' with other bytes';
}

function formOf(etag: string | undefined, md5: string): Settings['etag'] {
  switch (etag) {
    case undefined:
      return 'none';
    case `"${md5}"`:
      return 'quoted-md5';
    case md5:
      return 'plain-md5';
    case `W/"${md5}"`:
      return 'weak-md5';
    default:
      return 'other';
  }
}
