import { type Reply, wordsOf } from '../bench.ts';
import type { Question } from '../question.ts';
import { pageShape } from '../replies.ts';
import { makeFolder } from '../resources.ts';
import { largest } from '../search.ts';

const tooMany = 1_000_000;
const steps = [20, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000];

export const listLimits: Question = {
  id: 'list-limits',
  title: 'What is the largest limit of a listing, and what does a larger one get?',
  settings: ['maxLimit', 'limitAboveMax'],
  promises: ['listing-is-complete', 'polite'],
  requests: 50,
  uploadBytes: 0,
  async ask(bench, answer) {
    const folder = bench.path('folder');
    await makeFolder(bench, folder);
    await makeFolder(bench, bench.path('folder', 'entry'));
    const asking = (limit: number): Promise<Reply> =>
      bench.api('GET', '/resources', {
        path: folder,
        limit: String(limit),
        fields: '_embedded.limit,_embedded.items.name',
      });
    const above = await asking(tooMany);
    if (above.status === 400) {
      answer.is('limitAboveMax', 'reject', wordsOf(above));
      const { most, sure } = await largest(steps, async (limit) => (await asking(limit)).status === 200);
      answer.measured('maxLimit', { atLeast: most, atMost: sure });
      return;
    }
    const page = pageShape.safeParse(above.json);
    const limit = page.success ? page.data._embedded.limit : undefined;
    if (above.status !== 200 || limit === undefined) {
      answer.cannotTell('limitAboveMax', `limit=${tooMany} was answered ${wordsOf(above)}`);
      answer.cannotTell('maxLimit', 'the service does not say which limit it took');
    } else if (limit < tooMany) {
      answer.is('limitAboveMax', 'lower');
      answer.is('maxLimit', limit, 'as the reply says; whether so many really come was not tried');
    } else {
      answer.cannotTell('limitAboveMax', `limit=${tooMany} is accepted and repeated in the reply`);
      answer.cannotTell('maxLimit', 'it would take a folder with more entries than that');
    }
  },
};
