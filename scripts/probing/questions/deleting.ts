import { wordsOf } from '../bench.ts';
import { took } from '../operations.ts';
import type { Question } from '../question.ts';
import { found, look, makeFolder, remove, trash } from '../resources.ts';
import { md5Of, upload } from '../uploads.ts';

const wrongMd5 = '00000000000000000000000000000000';

export const deleting: Question = {
  id: 'deleting',
  title: 'How is a delete answered, and does md5= guard it?',
  settings: ['fileDeleteIsAsync', 'md5GuardsDelete'],
  promises: ['delete-is-one-request', 'delete-what-was-seen'],
  requests: 60,
  uploadBytes: 1000,
  async ask(bench, answer) {
    await upload(bench, bench.path('plain.txt'), bench.text());
    await found(bench, bench.path('plain.txt'));
    const plain = await remove(bench, bench.path('plain.txt'));
    if (plain.status === 204 || plain.status === 202) answer.is('fileDeleteIsAsync', plain.status === 202);
    else answer.cannotTell('fileDeleteIsAsync', `it was answered ${wordsOf(plain)}`);
    await took(bench, plain);

    const guarded = bench.path('guarded.txt');
    const text = bench.text();
    await upload(bench, guarded, text);
    await found(bench, guarded);
    const wrong = await remove(bench, guarded, { md5: wrongMd5 });
    await took(bench, wrong);
    await bench.settle();
    const stayed = (await look(bench, guarded)) !== undefined;
    answer.is(
      'md5GuardsDelete',
      stayed,
      `with a wrong md5: ${wordsOf(wrong)}, and the file ${stayed ? 'stayed' : 'was gone'}`,
    );
    if (stayed) {
      const right = await remove(bench, guarded, { md5: md5Of(text) });
      await took(bench, right);
      answer.say(`with the right md5: ${wordsOf(right)}`);
    }

    await makeFolder(bench, bench.path('empty'));
    await makeFolder(bench, bench.path('full'));
    await upload(bench, bench.path('full', 'inner.txt'), bench.text());
    await bench.settle();
    const empty = await remove(bench, bench.path('empty'));
    const full = await trash(bench, bench.path('full'));
    await took(bench, full);
    const again = await remove(bench, bench.path('empty'));
    answer.say(
      `an empty folder: ${wordsOf(empty)}; once more: ${wordsOf(again)}; a folder with a file, to the trash: ${wordsOf(full)}`,
    );
  },
};
