import type { Bench } from '../bench.ts';
import { download, fileLink } from '../downloads.ts';
import { type Answer, oneOf, type Question } from '../question.ts';
import { found, remove, trash } from '../resources.ts';
import { md5Of, upload } from '../uploads.ts';
import type { WireReply } from '../wire.ts';

/** Clocks differ by so much. */
const skewMs = 60_000;
const dayMs = 24 * 3600_000;

export const downloadLinks: Question = {
  id: 'download-links',
  title: 'How long does a download link live, and what does it serve when its file was replaced or deleted?',
  settings: ['downloadLinkLifeMs', 'deadLinkStatus', 'linkAfterOverwrite', 'linkAfterDelete'],
  promises: ['one-version', 'kept-links'],
  requests: 50,
  uploadBytes: 1000,
  async ask(bench, answer) {
    const path = bench.path('linked.txt');
    const first = bench.text();
    await upload(bench, path, first);
    const link = await fileLink(bench, path, md5Of(first));
    noteLife(bench, answer, link);
    const damaged = (await download(bench, withDamage(link), 'damaged link')).reply;
    const status = oneOf(damaged.status, [410, 500, 404]);
    if (status === undefined)
      answer.cannotTell('deadLinkStatus', `a damaged link was answered ${damaged.status}`);
    else answer.is('deadLinkStatus', status, `as ${damaged.headers['content-type'] ?? 'nothing'}`);

    const second = bench.text();
    await upload(bench, path, second, true);
    await found(bench, path, md5Of(second));
    await bench.settle();
    const afterOverwrite = (await download(bench, link, 'old link')).reply;
    const served = contentOf(afterOverwrite, { old: first, new: second });
    answer.is(
      'linkAfterOverwrite',
      served === 'old' || served === 'new' ? served : 'dead',
      `it was answered ${afterOverwrite.status}`,
    );

    const trashed = await linkOfGone(bench, 'trashed.txt', trash);
    const gone = await linkOfGone(bench, 'deleted.txt', remove);
    answer.is(
      'linkAfterDelete',
      gone.serves ? 'old' : 'dead',
      `deleted for good: ${gone.status}, in the trash: ${trashed.status}`,
    );
  },
};

/** Recorded: the second part of a link's path is its end, in seconds since the epoch and hexadecimal. */
function noteLife(bench: Bench, answer: Answer, link: string): void {
  const nowMs = bench.clock.nowMs();
  const endMs = Number.parseInt(new URL(link).pathname.split('/')[3] ?? '', 16) * 1000;
  const lifeMs = endMs - nowMs;
  if (lifeMs > 0 && lifeMs < 30 * dayMs)
    answer.measured('downloadLinkLifeMs', { atLeast: lifeMs - skewMs, atMost: lifeMs + skewMs });
  else answer.cannotTell('downloadLinkLifeMs', 'no time can be read in the link');
}

/** The link with one digit of its signature changed. */
function withDamage(link: string): string {
  const url = new URL(link);
  const parts = url.pathname.split('/');
  const signature = parts[2] ?? '';
  parts[2] = `${signature.startsWith('0') ? '1' : '0'}${signature.slice(1)}`;
  url.pathname = parts.join('/');
  return url.href;
}

function contentOf(
  { status, body }: WireReply,
  contents: Readonly<Record<string, string>>,
): string | undefined {
  if (status !== 200) return undefined;
  return Object.entries(contents).find(([, text]) => body.equals(Buffer.from(text)))?.[0];
}

async function linkOfGone(bench: Bench, name: string, how: typeof remove) {
  const path = bench.path(name);
  const text = bench.text();
  await upload(bench, path, text);
  const link = await fileLink(bench, path, md5Of(text));
  await bench.settle();
  await how(bench, path);
  await bench.settle();
  const { reply } = await download(bench, link, 'link of a deleted file');
  return { status: reply.status, serves: contentOf(reply, { text }) !== undefined };
}
