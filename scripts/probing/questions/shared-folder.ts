import { parseDiskPath } from '../../../src/disk-api/paths.ts';
import { type Bench, wordsOf } from '../bench.ts';
import { took } from '../operations.ts';
import { watch } from '../polling.ts';
import type { Answer, Question } from '../question.ts';
import { list, look, remove } from '../resources.ts';
import { upload } from '../uploads.ts';

const waitForOwnerMs = 180_000;
const quotaBytes = 256 << 10;

/** About one folder that somebody else shares with this account. */
export function sharedFolder(shared: string | undefined): Question {
  return {
    id: 'shared-folder',
    title:
      'In a folder shared by somebody else: do their changes move our revision, whose room is used, what may we do?',
    settings: ['sharedChangesMoveRevision'],
    promises: ['shared-folders', 'cheap-poll', 'limits-are-told'],
    needs: 'shared',
    requests: 240,
    uploadBytes: quotaBytes,
    async ask(bench, answer) {
      const folder = parseDiskPath(shared ?? '');
      const resource = await look(bench, folder);
      if (!resource?.share) throw new Error('this folder is not shared, or not to be seen');
      const rights = String(resource.share['rights'] ?? 'unknown');
      answer.say(`share: is_owned ${resource.share['is_owned']}, rights ${rights}`);
      await noteWriting(bench, answer, folder);
      await noteOwnersChange(bench, answer, folder);
    },
  };
}

/** Makes a folder of its own in the shared one, if it may, and takes it away again. */
async function noteWriting(bench: Bench, answer: Answer, folder: string): Promise<void> {
  const own = `${folder}/${bench.folder.split('/')[1]}`;
  bench.borrowed.add(own);
  const made = await bench.api('PUT', '/resources', { path: own });
  answer.say(`making a folder in it was answered ${wordsOf(made)}`);
  if (made.status !== 201) return;
  const before = (await bench.disk()).used_space;
  await upload(bench, `${own}/file.bin`, Buffer.alloc(quotaBytes, bench.text()));
  await bench.settle();
  const after = (await bench.disk()).used_space;
  const ours = (after ?? 0) - (before ?? 0) >= quotaBytes;
  answer.say(`a file of ${quotaBytes} bytes in it ${ours ? 'took room of ours' : 'took no room of ours'}`);
  await took(bench, await remove(bench, own));
}

async function noteOwnersChange(bench: Bench, answer: Answer, folder: string): Promise<void> {
  if (!bench.person.present) {
    answer.cannotTell(
      'sharedChangesMoveRevision',
      'nobody is there who could ask the owner to change something',
    );
    return;
  }
  await bench.settle();
  const before = (await bench.disk()).revision;
  const namesBefore = (await list(bench, folder)).names.join('/');
  bench.person.tell(
    `Please let the owner of ${folder} put something into it, or rename something in it, within the next ${waitForOwnerMs / 60_000} minutes.`,
  );
  const nowMs = bench.clock.nowMs();
  const { value } = await watch(
    bench,
    { sentAtMs: nowMs, answeredAtMs: nowMs },
    async () => ((await list(bench, folder)).names.join('/') === namesBefore ? undefined : true),
    { atMostMs: waitForOwnerMs },
  );
  if (!value) {
    answer.cannotTell('sharedChangesMoveRevision', 'nothing changed in it meanwhile');
    return;
  }
  await bench.settle();
  answer.is('sharedChangesMoveRevision', (await bench.disk()).revision !== before);
}
