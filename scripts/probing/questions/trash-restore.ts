import { wordsOf } from '../bench.ts';
import { took } from '../operations.ts';
import { watch } from '../polling.ts';
import type { Question } from '../question.ts';
import { found, look, setProperty, trash } from '../resources.ts';
import { trashedFrom } from '../trash.ts';
import { md5Of, upload } from '../uploads.ts';

export const trashRestore: Question = {
  id: 'trash-restore',
  title: 'What does restoring from the trash bring back, and what if the name is taken?',
  settings: ['restoreOntoExisting', 'restoreKeepsModified'],
  promises: ['trash-restore'],
  requests: 40,
  uploadBytes: 500,
  async ask(bench, answer) {
    const path = bench.path('restored.txt');
    const text = bench.text();
    await upload(bench, path, text);
    await bench.settle();
    const marked = await setProperty(bench, path, 'probe', 'set before');
    const before = await found(bench, path, md5Of(text));
    await bench.tick();
    const deleted = await trash(bench, path);
    await took(bench, deleted);
    const { value: item } = await watch(bench, deleted, async () => {
      const [newest] = await trashedFrom((...call) => bench.api(...call), path);
      return newest;
    });
    if (!item) throw new Error('the deleted file did not come into sight in the trash');
    const { path: trashed } = item;
    await upload(bench, path, bench.text());
    await bench.settle();

    const restore = (parameters: Readonly<Record<string, string>>) =>
      bench.api('PUT', '/trash/resources/restore', { path: trashed, ...parameters });
    const taken = await restore({ overwrite: 'false' });
    if (taken.status === 409) answer.is('restoreOntoExisting', 'conflict', wordsOf(taken));
    else if (taken.status === 423) answer.is('restoreOntoExisting', 'locked', wordsOf(taken));
    else answer.cannotTell('restoreOntoExisting', `it was answered ${wordsOf(taken)}`);
    if (await took(bench, taken)) {
      bench.trashed.delete(path);
      return;
    }

    await bench.tick();
    const other = bench.path('restored-elsewhere.txt');
    const restored = await restore({ name: other.slice('disk:'.length), overwrite: 'false' });
    if (!(await took(bench, restored))) {
      answer.cannotTell(
        'restoreKeepsModified',
        `restoring under another name was answered ${wordsOf(restored)}`,
      );
      return;
    }
    bench.trashed.delete(path);
    await bench.settle();
    const after = await look(bench, other);
    if (!after) throw new Error('what was restored did not come into sight');
    answer.is('restoreKeepsModified', after.modified === before.modified);
    const property = after.custom_properties?.['probe'] === 'set before' ? 'kept' : 'lost';
    answer.say(
      `restored to another path: created ${after.created === before.created ? 'stays' : 'is new'}, resource_id ${after.resource_id === before.resource_id ? 'stays' : 'is new'}` +
        (marked ? `, its property was ${property}` : ''),
    );
  },
};
