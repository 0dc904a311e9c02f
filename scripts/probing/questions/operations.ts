import type { Bench, Reply } from '../bench.ts';
import { operationEnd, operationId, operationStatus, took } from '../operations.ts';
import type { Answer, Question, Range } from '../question.ts';
import { linkShape } from '../replies.ts';
import { look, makeFolder, prepared, transfer } from '../resources.ts';
import { upload } from '../uploads.ts';

/** Each doubling copies the tree so far twice into a new folder: n resources become 2n + 1. */
const doublings = 4;
const smallItems = 2;
const afterwardsMs = 15_000;

export const operations: Question = {
  id: 'operations',
  title:
    'How long do changes with an operation take, when does their effect show, and how are they addressed?',
  settings: ['operationHref', 'operationEffect', 'operationMs', 'operationMsPerItem'],
  promises: ['operations-are-waited-for', 'delete-is-one-request'],
  requests: 150,
  uploadBytes: 300,
  async ask(bench, answer) {
    await makeFolder(bench, bench.path('tree-0'));
    await upload(bench, bench.path('tree-0', 'file.txt'), bench.text());
    await bench.settle();
    const large = await grow(bench);
    await bench.settle();
    const small = await timedMove(bench, bench.path('tree-0'), bench.path('small-moved'));
    if (!small) {
      answer.cannotTell('operationMs', 'moving a folder with a file took no operation');
      return;
    }
    noteAddress(bench, answer, small.reply);
    const big = await timedMove(bench, bench.path(`tree-${doublings}`), bench.path('large-moved'));
    noteDurations(answer, small.after, big?.after, large);
    const effects = [small.effect, big?.effect].filter((effect) => effect !== undefined);
    const [effect] = effects;
    if (effect !== undefined) answer.is('operationEffect', effect);
    else answer.cannotTell('operationEffect', 'the operations ended too soon to look in between');
    await bench.wait(afterwardsMs);
    const later = await operationStatus(bench, operationId(small.reply));
    answer.say(
      `${Math.round(afterwardsMs / 1000)} s after its end the operation is ${later ?? 'not known any more'}`,
    );
  },
};

/** How many resources the last tree holds. */
async function grow(bench: Bench): Promise<number> {
  let items = smallItems;
  for (let level = 1; level <= doublings; level++) {
    await makeFolder(bench, bench.path(`tree-${level}`));
    for (const half of ['left', 'right']) {
      const [from, to] = [bench.path(`tree-${level - 1}`), bench.path(`tree-${level}`, half)];
      await took(bench, await prepared(bench, 'a copy', () => transfer(bench, 'copy', from, to)));
    }
    items = 2 * items + 1;
  }
  return items;
}

interface TimedMove {
  readonly reply: Reply;
  readonly after: Range;
  readonly effect: 'start' | 'end' | undefined;
}

/** Undefined when the move took no operation. */
async function timedMove(bench: Bench, from: string, to: string): Promise<TimedMove | undefined> {
  await bench.breathe();
  const reply = await prepared(bench, 'a move', () => transfer(bench, 'move', from, to));
  if (reply.status !== 202) return undefined;
  const id = operationId(reply);
  // First the effect, then the state: an effect that is seen before the end was there before the end.
  const there = (await look(bench, to)) !== undefined;
  const unfinished = (await operationStatus(bench, id)) === 'in-progress';
  const { after } = await operationEnd(bench, id, reply);
  return { reply, after, effect: unfinished ? (there ? 'start' : 'end') : undefined };
}

function noteAddress(bench: Bench, answer: Answer, reply: Reply): void {
  const href = new URL(linkShape.parse(reply.json).href);
  const downgraded = href.protocol === 'http:' && bench.apiUrl.protocol === 'https:';
  if (href.searchParams.has('id')) answer.is('operationHref', 'query');
  else answer.is('operationHref', downgraded ? 'http' : 'path');
}

function noteDurations(answer: Answer, small: Range, big: Range | undefined, items: number): void {
  if (!big || small.atMost === null || big.atMost === null) {
    answer.cannotTell('operationMsPerItem', 'one of the operations took none, or did not end');
    answer.measured('operationMs', small);
    return;
  }
  const more = items - smallItems;
  const perItem = {
    atLeast: Math.max(0, (big.atLeast - small.atMost) / more),
    atMost: Math.max(0, (big.atMost - small.atLeast) / more),
  };
  answer.measured('operationMsPerItem', perItem, `from ${smallItems} and ${items} resources`);
  answer.measured('operationMs', {
    atLeast: small.atLeast - smallItems * perItem.atMost,
    atMost: small.atMost,
  });
}
