import { wordsOf } from '../bench.ts';
import type { Question } from '../question.ts';
import { look, makeFolder, patch } from '../resources.ts';
import { largest } from '../search.ts';

/** Of `{"k":""}`: what the properties measure beside the value, if they are measured as JSON. */
const frameLength = 8;
const steps = [100, 500, 1016, 1017, 2000, 4000, 8000, 16_000, 32_000, 64_000];

export const propertyLimits: Question = {
  id: 'property-limits',
  title: 'How much room do properties have, how is it counted, and which kinds of values are taken?',
  settings: ['propertiesMax', 'propertiesUnit'],
  promises: ['xattr-room', 'mtime-reaches-server'],
  requests: 50,
  uploadBytes: 0,
  async ask(bench, answer) {
    // On a folder: those are never "not final yet".
    const folder = bench.path('folder');
    await makeFolder(bench, folder);
    const refusals: string[] = [];
    const accepts = async (value: unknown) => {
      const reply = await patch(bench, folder, { k: value });
      if (reply.status !== 200) refusals.push(wordsOf(reply));
      return reply.status === 200;
    };
    for (const [kind, value] of [
      ['a boolean', true],
      ['a number', 1.5],
      ['an object', { a: 1 }],
      ['a list', [1]],
    ] as const) {
      const reply = await patch(bench, folder, { [kind]: value });
      answer.say(`${kind}: ${wordsOf(reply)}`);
    }
    const { custom_properties: kept } = (await look(bench, folder)) ?? {};
    answer.say(`the boolean came back as ${JSON.stringify(kept?.['a boolean']) ?? 'nothing'}`);
    await patch(bench, folder, { 'a boolean': null, 'a number': null, 'an object': null, 'a list': null });

    const { most, sure } = await largest(steps, (length) => accepts('a'.repeat(length)));
    const note =
      sure === null
        ? undefined
        : `a value of ${most} letters under the key "k"; one more: ${refusals.at(-1)}`;
    answer.measured(
      'propertiesMax',
      { atLeast: most + frameLength, atMost: sure === null ? null : sure + frameLength },
      note,
    );
    if (sure === null) {
      answer.cannotTell('propertiesUnit', 'no limit was met');
      return;
    }
    if (await accepts('я'.repeat(most))) {
      answer.is('propertiesUnit', 'characters', `${most} Cyrillic letters were accepted`);
      return;
    }
    const half = Math.floor(most / 2);
    const halfFits = await accepts('я'.repeat(half));
    const moreFits = await accepts('я'.repeat(half + 1));
    if (halfFits && !moreFits)
      answer.is('propertiesUnit', 'bytes', `of Cyrillic letters ${half} were accepted`);
    else
      answer.cannotTell(
        'propertiesUnit',
        `${most} Cyrillic letters are refused, and half as many ${halfFits ? 'do not fill the room' : 'too'}`,
      );
    await patch(bench, folder, { k: null });
  },
};
