import type { Question } from '../question.ts';
import { found, makeFolder, setProperty, transferred } from '../resources.ts';
import { upload } from '../uploads.ts';

export const moveEffects: Question = {
  id: 'move-effects',
  title: 'What does a move change: identity, dates, properties, revision, kind?',
  settings: [
    'moveKeepsResourceId',
    'moveKeepsProperties',
    'moveKeepsCreated',
    'moveKeepsModified',
    'moveMovesRevision',
    'moveMovesRevisionBeneath',
    'moveReclassifies',
  ],
  promises: ['rename-is-no-new-file', 'rename-keeps-dates', 'fresh-within-15s', 'upload-speed'],
  requests: 50,
  uploadBytes: 500,
  async ask(bench, answer) {
    // Without an extension first: uploaded under a neutral name, then moved to its own.
    await upload(bench, bench.path('note'), bench.text());
    await makeFolder(bench, bench.path('folder'));
    await upload(bench, bench.path('folder', 'inner.txt'), bench.text());
    await bench.settle();
    const marked = await setProperty(bench, bench.path('note'), 'probe', 'set before');
    const before = await found(bench, bench.path('note'));
    const innerBefore = await found(bench, bench.path('folder', 'inner.txt'));
    await bench.tick();

    await transferred(bench, 'move', bench.path('note'), bench.path('note.txt'));
    await transferred(bench, 'move', bench.path('folder'), bench.path('renamed'));
    const after = await found(bench, bench.path('note.txt'));
    const innerAfter = await found(bench, bench.path('renamed', 'inner.txt'));

    answer.is('moveKeepsResourceId', before.resource_id === after.resource_id);
    answer.is('moveKeepsCreated', before.created === after.created);
    answer.is('moveKeepsModified', before.modified === after.modified);
    answer.is('moveMovesRevision', before.revision !== after.revision);
    answer.is('moveMovesRevisionBeneath', innerBefore.revision !== innerAfter.revision);
    answer.is(
      'moveReclassifies',
      before.media_type !== after.media_type || before.mime_type !== after.mime_type,
      `media_type was ${before.media_type}, then ${after.media_type}`,
    );
    if (marked) answer.is('moveKeepsProperties', after.custom_properties?.['probe'] === 'set before');
    else answer.cannotTell('moveKeepsProperties', 'no property could be set in the first place');
  },
};
