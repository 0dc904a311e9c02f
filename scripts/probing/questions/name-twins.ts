import { wordsOf } from '../bench.ts';
import type { Question } from '../question.ts';
import { found, list, look, makeFolder } from '../resources.ts';

const composed = 'й';
const decomposed = 'и\u0306';

export const nameTwins: Question = {
  id: 'name-twins',
  title: 'Are names that differ only by case or composition the same, and are they stored as sent?',
  settings: ['nameComparison', 'nameStoredAs'],
  promises: ['twin-names', 'names-as-they-are'],
  requests: 40,
  uploadBytes: 0,
  async ask(bench, answer) {
    for (const name of ['stored', 'composed', 'case']) await makeFolder(bench, bench.path(name));
    const stored = await makeFolder(bench, bench.path('stored', decomposed));
    await bench.settle();
    const { names } = await list(bench, bench.path('stored'));
    const [name = ''] = names;
    if (name === decomposed) answer.is('nameStoredAs', 'sent');
    else if (name === composed) answer.is('nameStoredAs', 'nfc');
    else
      answer.cannotTell(
        'nameStoredAs',
        `making it was answered ${stored.status}, then it was listed as ${JSON.stringify(name)}`,
      );

    await makeFolder(bench, bench.path('composed', composed));
    await found(bench, bench.path('composed', composed));
    const byOther = await look(bench, bench.path('composed', decomposed));
    await makeFolder(bench, bench.path('case', 'Name'));
    await found(bench, bench.path('case', 'Name'));
    const byCase = await look(bench, bench.path('case', 'nAME'));
    answer.is('nameComparison', byCase ? 'case' : byOther ? 'nfc' : 'exact');
    if (byCase && !byOther) answer.say('names are the same without regard to case, but not to composition');

    const twin = await bench.api('PUT', '/resources', { path: bench.path('composed', decomposed) });
    const sibling = await bench.api('PUT', '/resources', { path: bench.path('case', 'nAME') });
    answer.say(`making the twin by composition: ${wordsOf(twin)}, by case: ${wordsOf(sibling)}`);
  },
};
