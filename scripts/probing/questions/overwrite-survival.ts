import type { Question } from '../question.ts';
import { found, setProperty } from '../resources.ts';
import { md5Of, upload } from '../uploads.ts';

export const overwriteSurvival: Question = {
  id: 'overwrite-survival',
  title: 'What does an upload over an existing file leave as it was?',
  settings: ['overwriteKeepsResourceId', 'overwriteKeepsProperties', 'overwriteKeepsCreated'],
  promises: ['same-file-after-replacing', 'dates-and-modes-survive', 'created-is-kept'],
  requests: 40,
  uploadBytes: 500,
  async ask(bench, answer) {
    const path = bench.path('replaced.txt');
    await upload(bench, path, bench.text());
    await bench.settle();
    const marked = await setProperty(bench, path, 'probe', 'set before');
    const before = await found(bench, path);
    await bench.tick();
    const second = bench.text();
    await upload(bench, path, second, true);
    await found(bench, path, md5Of(second));
    // Not earlier: what was seen right after an upload may vanish again.
    await bench.settle();
    const after = await found(bench, path, md5Of(second));

    if (before.resource_id === undefined || after.resource_id === undefined)
      answer.cannotTell('overwriteKeepsResourceId', 'the service tells no resource_id');
    else answer.is('overwriteKeepsResourceId', before.resource_id === after.resource_id);
    answer.is('overwriteKeepsCreated', before.created === after.created);
    if (marked) answer.is('overwriteKeepsProperties', after.custom_properties?.['probe'] === 'set before');
    else answer.cannotTell('overwriteKeepsProperties', 'no property could be set in the first place');
    answer.say(`modified ${before.modified === after.modified ? 'stays' : 'moves'}`);
  },
};
