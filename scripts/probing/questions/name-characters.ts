import type { Bench } from '../bench.ts';
import { wordsOf } from '../bench.ts';
import type { Answer, Question } from '../question.ts';
import { list, makeFolder } from '../resources.ts';
import { upload } from '../uploads.ts';

/** What became of a name. */
type Fate = 'kept' | 'rewritten' | 'refused';

const windowsSet = ['\\', ':', '*', '?', '"', '<', '>', '|'];
const controls = ['\t', '\n', '\r', '\u0001', '\u007f'];
const others = ['😀', '\u00a0', '\u200b', '%', '+', '#', '&'];

export const nameCharacters: Question = {
  id: 'name-characters',
  title: 'Which characters may a name have, and what becomes of dots and spaces at its end?',
  settings: ['nameTrailing', 'nameWindowsSet', 'nameControls'],
  promises: ['names-as-they-are'],
  requests: 60,
  uploadBytes: 500,
  async ask(bench, answer) {
    const folder = bench.path('names');
    await makeFolder(bench, folder);
    const wanted: string[] = [];
    const named = (text: string) => {
      const name = `${String(wanted.length).padStart(2, '0')} ${text}`;
      wanted.push(name);
      return name;
    };
    const trailing = ['x.', 'x ', 'x..', 'x. '].map(named);
    const windows = windowsSet.map((each) => named(`x${each}y`));
    const control = controls.map((each) => named(`x${each}y`));
    const more = others.map((each) => named(`x${each}y`));
    const said = new Map<string, string>();
    for (const name of wanted) said.set(name, await made(bench, name));
    const dots = [await made(bench, '.'), await made(bench, '..'), await made(bench, ' leading space')];
    await bench.settle();
    const { names } = await list(bench, folder);

    const fateOf = (name: string): Fate => {
      if (names.includes(name)) return 'kept';
      return names.some((each) => each.startsWith(name.slice(0, 3))) ? 'rewritten' : 'refused';
    };
    noteKind(answer, 'nameTrailing', trailing, fateOf, {
      kept: 'keep',
      rewritten: 'strip',
      refused: 'reject',
    });
    noteKind(answer, 'nameWindowsSet', windows, fateOf, {
      kept: 'accept',
      rewritten: 'rewrite',
      refused: 'reject',
    });
    noteKind(answer, 'nameControls', control, fateOf, { kept: 'accept', refused: 'reject' });
    for (const name of wanted) {
      if (fateOf(name) === 'kept') continue;
      const stored = names.find((each) => each.startsWith(name.slice(0, 3)));
      answer.say(
        `${JSON.stringify(name)} ${stored === undefined ? `was refused: ${said.get(name)}` : `became ${JSON.stringify(stored)}`}`,
      );
    }
    const kept = more.filter((name) => fateOf(name) === 'kept');
    answer.say(`of ${more.length} other unusual names ${kept.length} were kept as they are`);
    answer.say(`"." was answered ${dots[0]}, ".." ${dots[1]}, " leading space" ${dots[2]}`);
    answer.say(`a file named "a:b.txt": ${await uploaded(bench, 'a:b.txt')}`);
  },
};

async function made(bench: Bench, name: string): Promise<string> {
  return wordsOf(await bench.api('PUT', '/resources', { path: bench.path('names', name) }));
}

async function uploaded(bench: Bench, name: string): Promise<string> {
  try {
    await upload(bench, bench.path('names', name), bench.text());
    return 'taken';
  } catch (error) {
    return error instanceof Error ? error.message : 'refused';
  }
}

/** One value when all names of a kind had the same fate; else the fates, since no value says that. */
function noteKind<Name extends 'nameTrailing' | 'nameWindowsSet' | 'nameControls'>(
  answer: Answer,
  setting: Name,
  names: readonly string[],
  fateOf: (name: string) => Fate,
  values: Partial<Record<Fate, Parameters<typeof answer.is<Name>>[1]>>,
): void {
  const fates = new Set(names.map(fateOf));
  const [fate] = fates;
  const value = fates.size === 1 && fate !== undefined ? values[fate] : undefined;
  if (value !== undefined) answer.is(setting, value);
  else
    answer.cannotTell(
      setting,
      names.map((name) => `${JSON.stringify(name.slice(3))} ${fateOf(name)}`).join(', '),
    );
}
