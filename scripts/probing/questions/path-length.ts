import type { Bench } from '../bench.ts';
import { type Reply, wordsOf } from '../bench.ts';
import type { Question } from '../question.ts';
import { largest } from '../search.ts';

const steps = [500, 1000, 2000, 4000, 8000, 12_000, 16_000, 24_000, 32_760, 32_761];
const nameLetters = 99;

export const pathLength: Question = {
  id: 'path-length',
  title: 'How long may a path be?',
  settings: ['pathMax'],
  promises: ['long-names'],
  requests: 40,
  uploadBytes: 0,
  async ask(bench, answer) {
    // Nothing is made: the folders above are missing, which is told (409) when the path itself is not too long.
    const refusals = new Map<number, Reply>();
    const { most, sure } = await largest(steps, async (length) => {
      const reply = await bench.api('PUT', '/resources', { path: pathOf(bench, length) });
      if (reply.status !== 409) refusals.set(length, reply);
      return reply.status === 409;
    });
    const refusal = refusals.get(most + 1);
    if (sure === null || !refusal) answer.measured('pathMax', { atLeast: most, atMost: null });
    else if (refusal.error === undefined)
      answer.cannotTell(
        'pathMax',
        `with more than ${most} characters the address itself is refused: ${wordsOf(refusal)}`,
      );
    else
      answer.measured('pathMax', { atLeast: most, atMost: sure }, `one more is answered ${wordsOf(refusal)}`);
  },
};

function pathOf(bench: Bench, length: number): string {
  const missing = `${bench.folder}/missing/`;
  const names = `${'a'.repeat(nameLetters)}/`.repeat(Math.ceil(length / (nameLetters + 1)));
  const path = `${missing}${names}`.slice(0, length);
  return path.endsWith('/') ? `${path.slice(0, -1)}a` : path;
}
