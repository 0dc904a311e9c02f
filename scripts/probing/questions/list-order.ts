import { z } from 'zod';
import type { Bench } from '../bench.ts';
import type { Answer, Question } from '../question.ts';
import { resourceShape } from '../replies.ts';
import { list, makeFolder } from '../resources.ts';
import { upload } from '../uploads.ts';

const folders = ['m', 'b', 'x'];
const files = ['n.txt', 'a.txt', 'c.txt'];
const filesShape = z.object({ items: z.array(resourceShape) });

export const listOrder: Question = {
  id: 'list-order',
  title: 'In which order do listings come, and are pages a snapshot?',
  settings: ['defaultOrder', 'filesOrder'],
  promises: ['listing-is-complete'],
  requests: 50,
  uploadBytes: 1000,
  async ask(bench, answer) {
    const folder = bench.path('ordered');
    await makeFolder(bench, folder);
    for (const name of folders) await makeFolder(bench, bench.path('ordered', name));
    // Each a moment later than the one before, against the order of names.
    for (const name of files) {
      await upload(bench, bench.path('ordered', name), bench.text());
      await bench.tick();
    }
    await bench.settle();
    const foldersFirst = [...[...folders].sort(), ...[...files].sort()];
    const plain = await list(bench, folder);
    answer.is(
      'defaultOrder',
      same(plain.names, foldersFirst) ? 'folders-first' : 'unspecified',
      plain.names.join(' '),
    );
    const byName = await list(bench, folder, { sort: 'name' });
    answer.say(`sort=name gave ${byName.names.join(' ')}`);
    await noteFilesOrder(bench, answer);
    await notePaging(bench, answer, folder);
  },
};

/** Only the order of the flat list is looked at: it holds the files of the whole Disk, and none of them is told. */
async function noteFilesOrder(bench: Bench, answer: Answer): Promise<void> {
  const reply = await bench.api('GET', '/resources/files', {
    limit: '100',
    fields: 'items.name,items.created',
  });
  const page = filesShape.safeParse(reply.json);
  if (reply.status !== 200 || !page.success) {
    answer.cannotTell('filesOrder', `it was answered ${reply.status}`);
    return;
  }
  const { items } = page.data;
  const byCreation = isRising(items.map(({ created = '' }) => created));
  const byName = isRising(items.map(({ name = '' }) => name));
  const note = `over the first ${items.length} files`;
  if (byCreation && !byName) answer.is('filesOrder', 'created', note);
  else if (byName && !byCreation) answer.is('filesOrder', 'name', note);
  else answer.cannotTell('filesOrder', `${byName ? 'both orders fit' : 'neither order fits'} ${note}`);
}

async function notePaging(bench: Bench, answer: Answer, folder: string): Promise<void> {
  const first = await list(bench, folder, { sort: 'name', limit: '2', offset: '0' });
  await makeFolder(bench, bench.path('ordered', '0-before-all'));
  await bench.settle();
  const second = await list(bench, folder, { sort: 'name', limit: '2', offset: '2' });
  const repeated = second.names.some((name) => first.names.includes(name));
  answer.say(
    `an entry that came between two pages ${repeated ? 'moved the second one: pages are no snapshot' : 'did not move the second one'}; ` +
      `total was ${first.total}, then ${second.total}`,
  );
}

function same(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((each, index) => each === right[index]);
}

function isRising(values: readonly string[]): boolean {
  return values.every((value, index) => index === 0 || (values[index - 1] ?? '') <= value);
}
