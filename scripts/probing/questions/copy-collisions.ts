import { type Bench, wordsOf } from '../bench.ts';
import { took } from '../operations.ts';
import type { Question } from '../question.ts';
import { found, look, transfer } from '../resources.ts';
import { md5Of, upload } from '../uploads.ts';

export const copyCollisions: Question = {
  id: 'copy-collisions',
  title: 'What happens when a server-side copy meets a file?',
  settings: ['copyOntoFile'],
  promises: ['server-side-copy', 'nobody-overwritten'],
  requests: 70,
  uploadBytes: 1000,
  async ask(bench, answer) {
    const careful = await copyOnto(bench, 'careful', { overwrite: 'false' });
    const plain = await copyOnto(bench, 'plain', { overwrite: 'true' });
    const forced = await copyOnto(bench, 'forced', { overwrite: 'true', force_async: 'true' });
    const note = `overwrite=false: ${careful.words}; overwrite=true: ${plain.words}; with force_async too: ${forced.words}`;
    if (plain.replaced) answer.is('copyOntoFile', 'overwrite', note);
    else answer.is('copyOntoFile', forced.replaced ? 'conflict-unless-async' : 'conflict', note);
    if (plain.replaced && !forced.replaced)
      answer.say('with force_async it is refused although it is not without');
  },
};

async function copyOnto(
  bench: Bench,
  name: string,
  parameters: Readonly<Record<string, string>>,
): Promise<{ readonly replaced: boolean; readonly words: string }> {
  const [from, to] = [bench.path(`${name}-source.txt`), bench.path(`${name}-target.txt`)];
  const text = bench.text();
  await upload(bench, from, text);
  await upload(bench, to, bench.text());
  await found(bench, from);
  await found(bench, to);
  const reply = await transfer(bench, 'copy', from, to, parameters);
  const effect = await took(bench, reply);
  await bench.settle();
  const replaced = (await look(bench, to))?.md5 === md5Of(text);
  const words = `${wordsOf(reply)}${effect === false ? ', then failed' : ''}, ${replaced ? 'replaced' : 'not replaced'}`;
  return { replaced, words };
}
