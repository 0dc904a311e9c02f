import { type Bench, Unexpected } from '../bench.ts';
import { fileLink } from '../downloads.ts';
import { operationEnd, operationId } from '../operations.ts';
import type { Question } from '../question.ts';
import { list, look, makeFolder } from '../resources.ts';
import { md5Of, upload } from '../uploads.ts';

export const saveUrl: Question = {
  id: 'save-url',
  title: 'When the server fetches an address for us: what if the name is taken, or the address redirects?',
  settings: ['saveUrlCollision'],
  promises: ['save-url', 'nobody-overwritten'],
  requests: 40,
  uploadBytes: 500,
  async ask(bench, answer) {
    // The address is the download link of a file of this probe: no third party is asked.
    const text = bench.text();
    await upload(bench, bench.path('source.txt'), text);
    const link = await fileLink(bench, bench.path('source.txt'), md5Of(text));
    await makeFolder(bench, bench.path('into'));
    await upload(bench, bench.path('into', 'taken.txt'), bench.text());
    await bench.settle();

    const { status } = await save(bench, link, 'taken.txt');
    await bench.settle();
    const { entries } = await list(bench, bench.path('into'));
    const fetched = entries.find(({ md5 }) => md5 === md5Of(text));
    if (fetched?.name === 'taken.txt') answer.is('saveUrlCollision', 'overwrite');
    else if (fetched)
      answer.is(
        'saveUrlCollision',
        'rename',
        `the operation said ${status}, the new name is "${fetched.name}"`,
      );
    else if (status === 'success')
      answer.cannotTell('saveUrlCollision', 'its operation says success, but the content is nowhere');
    else answer.is('saveUrlCollision', 'fail', `the operation said ${status}`);

    const direct = await save(bench, link, 'direct.txt', { disable_redirects: 'true' });
    const size = (await look(bench, bench.path('into', 'direct.txt')))?.size;
    answer.say(
      `with disable_redirects and an address that redirects: ${direct.status}, ${size === undefined ? 'nothing stored' : `${size} of ${text.length} bytes stored`}`,
    );
  },
};

async function save(
  bench: Bench,
  url: string,
  name: string,
  parameters: Readonly<Record<string, string>> = {},
) {
  const reply = await bench.api('POST', '/resources/upload', {
    path: bench.path('into', name),
    url,
    ...parameters,
  });
  if (reply.status === 409) return { status: 'failed' };
  if (reply.status !== 202) throw new Unexpected('saving an address', reply);
  const end = await operationEnd(bench, operationId(reply), reply);
  if (end.status === undefined) throw new Unexpected('an operation that does not end', reply);
  return { status: end.status };
}
