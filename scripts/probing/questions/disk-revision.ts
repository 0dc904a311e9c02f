import type { Bench, Span } from '../bench.ts';
import { watch } from '../polling.ts';
import type { Question, Range } from '../question.ts';
import { makeFolder, patch, remove, transferred } from '../resources.ts';
import { upload } from '../uploads.ts';

const waitForRevisionMs = 10_000;
/** Once a change was missed, later ones are not waited for as long: so long, or twice the longest lag that was seen. */
const waitAfterMissMs = 2500;
const idleMs = 3000;

export const diskRevision: Question = {
  id: 'disk-revision',
  title: 'Does the revision of the Disk move with every change, and how soon?',
  settings: ['diskRevisionMoves', 'diskRevisionLagMs'],
  promises: ['cheap-poll', 'fresh-within-15s'],
  requests: 170,
  uploadBytes: 500,
  async ask(bench, answer) {
    // What was done before may be told late.
    await bench.wait(bench.pace.patienceMs);
    const first = await revisionOf(bench);
    await bench.wait(idleMs);
    if ((await revisionOf(bench)) !== first) {
      const reason = 'the revision moves although nothing was asked for: somebody else is changing this Disk';
      answer.cannotTell('diskRevisionMoves', reason);
      answer.cannotTell('diskRevisionLagMs', reason);
      return;
    }
    const lags: Range[] = [];
    const missed: string[] = [];
    let before = first;
    for (const [kind, change] of changesIn(bench)) {
      const event = await change();
      const longestMs = Math.max(0, ...lags.map(({ atMost }) => atMost ?? 0));
      const atMostMs = missed.length === 0 ? waitForRevisionMs : Math.max(waitAfterMissMs, 2 * longestMs);
      const { value, after } = await watch(bench, event, () => movedRevision(bench, before), { atMostMs });
      if (value === undefined) missed.push(kind);
      else {
        before = value;
        lags.push(after);
      }
    }
    const moves = missed.length === 0 ? 'always' : lags.length === 0 ? 'never' : 'sometimes';
    answer.is(
      'diskRevisionMoves',
      moves,
      missed.length > 0 ? `not moved by: ${missed.join(', ')}` : undefined,
    );
    if (lags.length === 0) answer.cannotTell('diskRevisionLagMs', 'it never moved');
    else answer.measured('diskRevisionLagMs', spread(lags), `over ${lags.length} changes`);
  },
};

async function revisionOf(bench: Bench): Promise<number | undefined> {
  return (await bench.disk()).revision;
}

async function movedRevision(bench: Bench, before: number | undefined): Promise<number | undefined> {
  const now = await revisionOf(bench);
  return now === before ? undefined : now;
}

/** The changes in order; each has been answered, and has taken effect, when its promise resolves. */
function changesIn(bench: Bench): [string, () => Promise<Span>][] {
  const folder = bench.path('folder');
  const file = bench.path('folder', 'file.txt');
  return [
    ['a new folder', () => makeFolder(bench, folder)],
    ['an upload', () => upload(bench, file, bench.text())],
    ['a property of a folder', () => patch(bench, folder, { probe: 'revision' })],
    ['an upload over a file', () => upload(bench, file, bench.text(), true)],
    ['a second folder', () => makeFolder(bench, bench.path('second'))],
    ['a copy', () => transferred(bench, 'copy', file, bench.path('copy.txt'))],
    ['a move', () => transferred(bench, 'move', bench.path('copy.txt'), bench.path('moved.txt'))],
    ['a property once more', () => patch(bench, folder, { probe: 'once more' })],
    ['a deleted file', () => remove(bench, bench.path('moved.txt'))],
    ['a deleted folder', () => remove(bench, bench.path('second'))],
  ];
}

/** Lags differ: from the least that was possible to the most that was seen. */
function spread(lags: readonly Range[]): Range {
  return {
    atLeast: Math.max(...lags.map(({ atLeast }) => atLeast)),
    atMost: Math.max(...lags.map(({ atMost }) => atMost ?? 0)),
  };
}
