import { type Bench, type Reply, wordsOf } from '../bench.ts';
import { operationEnd, operationId, operationStatus } from '../operations.ts';
import { watch } from '../polling.ts';
import type { Question } from '../question.ts';
import { makeFolder, prepared, transfer } from '../resources.ts';
import { upload } from '../uploads.ts';

const tries = 4;

export const locks: Question = {
  id: 'locks',
  title: 'Is a change refused (423) while another holds the folder, and for how long?',
  settings: ['locks'],
  promises: ['locked-is-retried', 'operations-are-waited-for'],
  requests: 40,
  uploadBytes: 300,
  async ask(bench, answer) {
    await makeFolder(bench, bench.path('held'));
    await upload(bench, bench.path('held', 'file.txt'), bench.text());
    await bench.settle();
    for (let attempt = 1; attempt <= tries; attempt++) {
      const said = await changeDuringCopy(bench, attempt);
      if (!said) continue;
      answer.is('locks', said.locked, said.words);
      return;
    }
    answer.cannotTell('locks', `in ${tries} tries the first change had ended before the second one came`);
  },
};

/** Undefined when nothing can be said because the copy ended too soon. */
async function changeDuringCopy(
  bench: Bench,
  attempt: number,
): Promise<{ readonly locked: boolean; readonly words: string } | undefined> {
  await bench.breathe();
  const asynchronous = { force_async: 'true' };
  const copy = await prepared(bench, 'a copy', () =>
    transfer(bench, 'copy', bench.path('held'), bench.path(`copy-${attempt}`), asynchronous),
  );
  if (copy.status !== 202) return undefined;
  const id = operationId(copy);
  const change = (): Promise<Reply> =>
    bench.api('PUT', '/resources', { path: bench.path('held', `during-${attempt}`) });
  const during = await change();
  if (during.status === 423) {
    const { after } = await watch(bench, during, async () =>
      (await change()).status === 423 ? undefined : true,
    );
    const lastedMs = `${Math.round(after.atLeast)}–${Math.round(after.atMost ?? after.atLeast)} ms`;
    await operationEnd(bench, id, copy);
    return { locked: true, words: `${wordsOf(during)}; it lasted another ${lastedMs}` };
  }
  const unfinished = (await operationStatus(bench, id)) === 'in-progress';
  await operationEnd(bench, id, copy);
  return unfinished
    ? { locked: false, words: `the change was answered ${wordsOf(during)} meanwhile` }
    : undefined;
}
