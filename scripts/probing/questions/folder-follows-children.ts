import type { Bench, Reply, Span } from '../bench.ts';
import { watch } from '../polling.ts';
import type { Question } from '../question.ts';
import type { Resource } from '../replies.ts';
import { found, look, makeFolder, remove } from '../resources.ts';
import { md5Of, upload } from '../uploads.ts';

const waitForFolderMs = 6000;

export const folderFollowsChildren: Question = {
  id: 'folder-follows-children',
  title: 'Do revision and modified of a folder move when something in it changes?',
  settings: ['folderRevisionFollowsChildren', 'folderModifiedFollowsChildren'],
  promises: ['folder-skipping', 'fresh-within-15s'],
  requests: 80,
  uploadBytes: 500,
  async ask(bench, answer) {
    const folder = bench.path('folder');
    await makeFolder(bench, folder);
    const added = await effectOf(bench, folder, async () => {
      const reply = await upload(bench, bench.path('folder', 'child.txt'), bench.text());
      await found(bench, bench.path('folder', 'child.txt'));
      return reply;
    });
    const replaced = await effectOf(bench, folder, async () => {
      const text = bench.text();
      const reply = await upload(bench, bench.path('folder', 'child.txt'), text, true);
      await found(bench, bench.path('folder', 'child.txt'), md5Of(text));
      return reply;
    });
    const removed = await effectOf(bench, folder, () => remove(bench, bench.path('folder', 'child.txt')));
    answer.is(
      'folderRevisionFollowsChildren',
      added.revision,
      `added: ${moves(added.revision)}, replaced: ${moves(replaced.revision)}, deleted: ${moves(removed.revision)}`,
    );
    answer.is(
      'folderModifiedFollowsChildren',
      added.modified,
      `added: ${moves(added.modified)}, replaced: ${moves(replaced.modified)}, deleted: ${moves(removed.modified)}`,
    );
  },
};

const moves = (it: boolean) => (it ? 'moves' : 'stays');

/** Whether the folder's own revision and date moved within some seconds after the change. */
async function effectOf(
  bench: Bench,
  folder: string,
  change: () => Promise<Reply | Span>,
): Promise<{ readonly revision: boolean; readonly modified: boolean }> {
  await bench.tick();
  const before = await found(bench, folder);
  await bench.tick();
  const event = await change();
  const moved = (after: Resource) => ({
    revision: after.revision !== before.revision,
    modified: after.modified !== before.modified,
  });
  const { value } = await watch(
    bench,
    event,
    async () => {
      const after = await look(bench, folder);
      return after && (moved(after).revision || moved(after).modified) ? after : undefined;
    },
    { atMostMs: waitForFolderMs },
  );
  if (!value) return { revision: false, modified: false };
  // One may come a moment before the other.
  await bench.breathe();
  return moved(await found(bench, folder));
}
