import type { Question } from '../question.ts';
import { found, setProperty, transferred } from '../resources.ts';
import { upload } from '../uploads.ts';

export const copyEffects: Question = {
  id: 'copy-effects',
  title: 'Does a server-side copy take the properties along?',
  settings: ['copyKeepsProperties'],
  promises: ['server-side-copy', 'dates-and-modes-survive'],
  requests: 30,
  uploadBytes: 300,
  async ask(bench, answer) {
    const path = bench.path('original.txt');
    await upload(bench, path, bench.text());
    await bench.settle();
    const marked = await setProperty(bench, path, 'probe', 'set before');
    const original = await found(bench, path);
    await bench.tick();
    await transferred(bench, 'copy', path, bench.path('copy.txt'));
    await bench.settle();
    const copy = await found(bench, bench.path('copy.txt'));
    if (marked) answer.is('copyKeepsProperties', copy.custom_properties?.['probe'] === 'set before');
    else answer.cannotTell('copyKeepsProperties', 'no property could be set in the first place');
    answer.say(
      `the copy's created is ${copy.created === original.created ? 'that of the original' : 'its own'}`,
    );
    answer.say(
      `the copy's modified is ${copy.modified === original.modified ? 'that of the original' : 'its own'}`,
    );
  },
};
