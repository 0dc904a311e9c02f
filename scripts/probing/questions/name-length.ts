import type { Bench } from '../bench.ts';
import type { Question } from '../question.ts';
import { makeFolder } from '../resources.ts';
import { largest } from '../search.ts';

const steps = [50, 127, 255, 256, 512, 1024, 2048];

export const nameLength: Question = {
  id: 'name-length',
  title: 'How long may a name be, and what is counted: bytes, UTF-16 units or characters?',
  settings: ['nameMax', 'nameUnit'],
  promises: ['long-names'],
  requests: 40,
  uploadBytes: 0,
  async ask(bench, answer) {
    await makeFolder(bench, bench.path('long'));
    const { most, sure } = await largest(steps, (length) => accepts(bench, 'a'.repeat(length)));
    answer.measured('nameMax', { atLeast: most, atMost: sure });
    if (sure === null) {
      answer.cannotTell('nameUnit', `even ${most} letters were accepted`);
      return;
    }
    const cyrillic = await accepts(bench, 'я'.repeat(most));
    if (!cyrillic) {
      const half = await accepts(bench, 'ж'.repeat(Math.floor(most / 2)));
      const longer = await accepts(bench, 'ж'.repeat(Math.floor(most / 2) + 1));
      if (half && !longer) answer.is('nameUnit', 'bytes', `${most} Cyrillic letters were refused`);
      else
        answer.cannotTell(
          'nameUnit',
          `${most} Cyrillic letters were refused, and half as many ${half ? 'not counted in bytes' : 'too'}`,
        );
      return;
    }
    const wide = await accepts(bench, '😀'.repeat(Math.floor(most / 2)));
    const wider = await accepts(bench, '😀'.repeat(Math.floor(most / 2) + 1));
    if (wide) answer.is('nameUnit', wider ? 'characters' : 'utf16', `${most} Cyrillic letters were accepted`);
    else answer.cannotTell('nameUnit', 'names of emoji alone are refused');
  },
};

async function accepts(bench: Bench, name: string): Promise<boolean> {
  const reply = await bench.api('PUT', '/resources', { path: bench.path('long', name) });
  return reply.status === 201;
}
