import { type Bench, wordsOf } from '../bench.ts';
import { took } from '../operations.ts';
import type { Answer, Question } from '../question.ts';
import { found, list, look, makeFolder, transfer } from '../resources.ts';
import { md5Of, upload } from '../uploads.ts';

const overwriting = { overwrite: 'true' };

export const moveCollisions: Question = {
  id: 'move-collisions',
  title: 'What happens when a move meets a file, a folder or itself?',
  settings: ['moveOntoFile', 'ontoFolder'],
  promises: ['rename-over', 'folders-are-not-replaced', 'nobody-overwritten'],
  requests: 60,
  uploadBytes: 1000,
  async ask(bench, answer) {
    await ontoFile(bench, answer);
    await ontoFolder(bench, answer);
    await makeFolder(bench, bench.path('ring'));
    const ring = await transfer(bench, 'move', bench.path('ring'), bench.path('ring', 'inside'));
    const ringTook = await took(bench, ring);
    const still = await look(bench, bench.path('ring'));
    answer.say(
      `a folder moved into itself: ${wordsOf(ring)}${ringTook === false ? ', then failed' : ''}; it is ${still ? 'still there' : 'gone'}`,
    );
    await makeFolder(bench, bench.path('empty'));
    const empty = await transfer(bench, 'move', bench.path('empty'), bench.path('empty-moved'));
    await took(bench, empty);
    answer.say(`an empty folder moved: ${wordsOf(empty)}`);
  },
};

async function ontoFile(bench: Bench, answer: Answer): Promise<void> {
  const text = bench.text();
  await upload(bench, bench.path('source.txt'), text);
  await upload(bench, bench.path('target.txt'), bench.text());
  const source = await found(bench, bench.path('source.txt'));
  const target = await found(bench, bench.path('target.txt'));
  const careful = await transfer(bench, 'move', bench.path('source.txt'), bench.path('target.txt'));
  const over = await transfer(bench, 'move', bench.path('source.txt'), bench.path('target.txt'), overwriting);
  const replaced = await took(bench, over);
  const said = `overwrite=false: ${wordsOf(careful)}, overwrite=true: ${wordsOf(over)}`;
  if (over.status === 409 || replaced === false) {
    answer.is('moveOntoFile', 'conflict', said);
    return;
  }
  const after = replaced ? await found(bench, bench.path('target.txt'), md5Of(text)) : undefined;
  if (!after) {
    answer.cannotTell('moveOntoFile', said);
    return;
  }
  answer.is('moveOntoFile', 'overwrite', said);
  const whose =
    after.resource_id === source.resource_id
      ? 'that of the moved'
      : after.resource_id === target.resource_id
        ? 'that of the replaced'
        : 'a new one';
  answer.say(`the resource_id after a move over a file is ${whose}`);
}

async function ontoFolder(bench: Bench, answer: Answer): Promise<void> {
  for (const name of ['moved', 'there']) {
    await makeFolder(bench, bench.path(name));
    await upload(bench, bench.path(name, `${name}.txt`), bench.text());
    await found(bench, bench.path(name, `${name}.txt`));
  }
  await bench.settle();
  const over = await transfer(bench, 'move', bench.path('moved'), bench.path('there'), overwriting);
  const effect = await took(bench, over);
  const said = `a folder with one file moved over a folder with one file: ${wordsOf(over)}${effect === false ? ', then failed' : ''}`;
  if (over.status === 409 || effect === false) {
    answer.is('ontoFolder', 'conflict', said);
    return;
  }
  if (!effect) {
    answer.cannotTell('ontoFolder', said);
    return;
  }
  await bench.wait(bench.pace.patienceMs);
  const { names } = await list(bench, bench.path('there'));
  if (names.includes('moved.txt') && !names.includes('there.txt')) answer.is('ontoFolder', 'replace', said);
  else answer.cannotTell('ontoFolder', `${said}; afterwards it holds ${names.join(' and ') || 'nothing'}`);
}
