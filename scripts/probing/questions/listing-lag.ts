import { type Bench, type Span, wordsOf } from '../bench.ts';
import { watch } from '../polling.ts';
import type { Question, Range } from '../question.ts';
import { type Listing, list, makeFolder, remove } from '../resources.ts';

export const listingLag: Question = {
  id: 'listing-lag',
  title: 'How soon do a listing and its total show a change?',
  settings: ['listingLagMs', 'totalLagMs'],
  promises: ['fresh-within-15s', 'own-lag-is-no-news', 'listing-is-complete'],
  requests: 60,
  uploadBytes: 0,
  async ask(bench, answer) {
    const folder = bench.path('listed');
    await makeFolder(bench, folder);
    await makeFolder(bench, bench.path('listed', 'first'));
    // What lags must have caught up before the next change is timed.
    await bench.wait(bench.pace.patienceMs);
    const made = await makeFolder(bench, bench.path('listed', 'second'));
    const come = await lagsOf(bench, folder, made, (page) => page.names.includes('second'), 2);
    await bench.wait(bench.pace.settleMs);
    const removed = await remove(bench, bench.path('listed', 'second'));
    if (removed.status !== 204) {
      answer.say(`deleting an empty folder was answered ${wordsOf(removed)}; its lag was not timed`);
      report(come);
      return;
    }
    const gone = await lagsOf(bench, folder, removed, (page) => !page.names.includes('second'), 1);
    report(later(come, gone));

    function report({ entries, total }: Lags): void {
      answer.measured('listingLagMs', entries);
      if (total === undefined) answer.cannotTell('totalLagMs', 'the service tells no total');
      else if (total === 'with the entries')
        answer.measured('totalLagMs', { atLeast: 0, atMost: 0 }, 'the total is that of the entries');
      else answer.measured('totalLagMs', total);
    }
  },
};

interface Lags {
  readonly entries: Range;
  /** Its own lag, where it comes later than the entries do. */
  readonly total: Range | 'with the entries' | undefined;
}

async function lagsOf(
  bench: Bench,
  folder: string,
  event: Span,
  shows: (page: Listing) => boolean,
  total: number,
): Promise<Lags> {
  let totalWithEntries: boolean | undefined;
  const entries = await watch(bench, event, async () => {
    const page = await list(bench, folder);
    if (!shows(page)) return undefined;
    totalWithEntries = page.total === undefined ? undefined : page.total === total;
    return page;
  });
  if (entries.value?.total === undefined) return { entries: entries.after, total: undefined };
  if (totalWithEntries) return { entries: entries.after, total: 'with the entries' };
  const late = await watch(bench, event, async () => {
    const page = await list(bench, folder);
    return page.total === total ? page : undefined;
  });
  return { entries: entries.after, total: late.after };
}

function later(one: Lags, other: Lags): Lags {
  const total = typeof one.total === 'object' ? one.total : other.total;
  const entries = one.entries.atLeast >= other.entries.atLeast ? one.entries : other.entries;
  return { entries, total };
}
