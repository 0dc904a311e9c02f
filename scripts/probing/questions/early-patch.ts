import type { DiskPath } from '../../../src/disk-api/paths.ts';
import type { Bench, Reply } from '../bench.ts';
import { operationEnd } from '../operations.ts';
import type { Answer, Question } from '../question.ts';
import { look, patch } from '../resources.ts';
import { put, uploadLink } from '../uploads.ts';

/** How long after the upload's answer the property is set, on a file of its own each. Several at once: of some it may be lost, of some not. */
const delaysMs = [0, 0, 0, 0, 0, 0, 0, 500, 1000, 1500, 2000, 3000, 5000];

type Fate = 'kept' | 'drop' | 'error';

/** How often a file that is not in sight yet (404) is asked for once more: that is another lag. */
const sightTries = 20;

interface Trial {
  readonly name: string;
  /** From the upload to the PATCH: within these. */
  readonly earliestMs: number;
  readonly latestMs: number;
  readonly status: number | undefined;
}

export const earlyPatch: Question = {
  id: 'early-patch',
  title: 'How soon after an upload is a property kept?',
  settings: ['patchBeforeFinal', 'finalAfterMs'],
  promises: ['mtime-reaches-server', 'dates-and-modes-survive'],
  requests: 160,
  uploadBytes: 2000,
  async ask(bench, answer) {
    const trials: Trial[] = [];
    for (const [index, delayMs] of delaysMs.entries())
      trials.push(await trial(bench, `after-${delayMs}-${index}.txt`, delayMs));
    const afterSuccess = await patchAfterOperation(bench);
    await bench.settle();
    const fates: { trial: Trial; fate: Fate }[] = [];
    for (const each of trials) fates.push({ trial: each, fate: await fateOf(bench, each) });
    noteFates(answer, fates);
    answer.say(`a property set right after the upload's operation said success was ${await afterSuccess()}`);
  },
};

async function trial(bench: Bench, name: string, delayMs: number): Promise<Trial> {
  const link = await uploadLink(bench, bench.path(name));
  await bench.breathe();
  const uploaded = await put(bench, link, bench.text());
  await bench.wait(delayMs);
  const patched = await patchWhenSeen(bench, bench.path(name));
  return {
    name,
    earliestMs: patched.sentAtMs - uploaded.answeredAtMs,
    latestMs: patched.answeredAtMs - uploaded.sentAtMs,
    status: patched.status,
  };
}

async function patchWhenSeen(bench: Bench, path: DiskPath): Promise<Reply> {
  for (let attempt = 1; ; attempt++) {
    const reply = await patch(bench, path, { probe: 'early' });
    if (reply.status !== 404 || attempt >= sightTries) return reply;
    await bench.wait(bench.pace.pollMs);
  }
}

async function fateOf(bench: Bench, { name, status }: Trial): Promise<Fate> {
  if (status !== 200) return 'error';
  const resource = await look(bench, bench.path(name));
  return resource?.custom_properties?.['probe'] === 'early' ? 'kept' : 'drop';
}

function noteFates(answer: Answer, fates: readonly { readonly trial: Trial; readonly fate: Fate }[]): void {
  const lost = fates.filter(({ fate }) => fate !== 'kept');
  const kept = fates.filter(({ fate }) => fate === 'kept');
  const kinds = new Set(lost.map(({ fate }) => fate));
  const statuses = [
    ...new Set(lost.filter(({ fate }) => fate === 'error').map(({ trial: { status } }) => status)),
  ];
  if (lost.length === 0) {
    answer.is('patchBeforeFinal', 'keep', 'nothing was lost, however early');
    answer.measured('finalAfterMs', {
      atLeast: 0,
      atMost: Math.min(...kept.map(({ trial: { latestMs } }) => latestMs)),
    });
    return;
  }
  const counts = `of ${fates.length} trials ${lost.length} were lost${statuses.length > 0 ? `, refused with ${statuses.join(', ')}` : ''}`;
  answer.is('patchBeforeFinal', kinds.size === 2 ? 'mixed' : kinds.has('drop') ? 'drop' : 'error', counts);
  const atLeast = Math.max(...lost.map(({ trial: { earliestMs } }) => earliestMs));
  const later = kept.map(({ trial: { latestMs } }) => latestMs).filter((latestMs) => latestMs > atLeast);
  answer.measured('finalAfterMs', { atLeast, atMost: later.length > 0 ? Math.min(...later) : null });
}

/** What the product does: it waits for the operation, then sets the property. */
async function patchAfterOperation(bench: Bench): Promise<() => Promise<string>> {
  const path = bench.path('after-success.txt');
  const link = await uploadLink(bench, path);
  await bench.breathe();
  const uploaded = await put(bench, link, bench.text());
  if (link.operationId !== undefined) await operationEnd(bench, link.operationId, uploaded);
  const { status } = await patchWhenSeen(bench, path);
  return async () => {
    if (status !== 200) return `answered ${status}`;
    return (await look(bench, path))?.custom_properties?.['probe'] === 'early' ? 'kept' : 'lost';
  };
}
