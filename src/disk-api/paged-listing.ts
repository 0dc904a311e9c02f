import { pause } from '../async/pause.ts';
import { Failure } from '../errors.ts';

/** One page of a folder, as one reply showed it. */
export interface Page<Entry> {
  readonly items: readonly Entry[];
  /** How many entries the server says there are; a hint, since nobody knows whether it is always exact. */
  readonly total: number | undefined;
  /** How many entries the server would have given; it may be fewer than were asked for. */
  readonly limit: number | undefined;
}

interface Listing<Entry> {
  readonly path: string;
  readPage(offset: number, limit: number): Promise<Page<Entry>>;
  /** What no two entries share: their name, or in the trash, their path. */
  keyOf(entry: Entry): string;
  /** What an entry keeps when it is renamed. */
  idOf(entry: Entry): string | undefined;
  /** Waited for before the second page is asked for, with the total that the first one told. */
  readonly beforeMore?: ((total: number) => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** No maximum is documented; 1000 is what rclone asks for, and 10,000 was seen to time out on big folders. */
const pageLimit = 1000;
/** Pages asked for at once, when the server says that there are so many. */
const pagesAtOnce = 8;
/** Nobody has so many in one folder; a server that never ends is not listened to for ever. */
const mostEntries = 5_000_000;
/** A folder that changes all the time is listed again this often before we give up. */
const listingAttempts = 8;

/**
 * All entries of a folder, complete and of one moment as far as the API can tell.
 *
 * Paging by offset is not a snapshot: an entry that comes or goes moves all behind it. So pages are asked for under a fixed sort,
 * each begins with the last entry of the one before, and all must tell the same total; otherwise the listing starts again. The
 * end is where a page comes back short; the total only tells how many pages to ask for at once.
 * @throws Failure 'unsettled' when the folder never held still.
 */
export async function listAll<Entry>(listing: Listing<Entry>): Promise<Entry[]> {
  for (let attempt = 1; attempt <= listingAttempts; attempt++) {
    const entries = await tryListing(listing);
    if (entries) return entries;
    await pause(50 * attempt, listing.signal);
  }
  throw new Failure(
    'unsettled',
    `The folder changed each of the ${listingAttempts} times that it was listed`,
    {
      path: listing.path,
      hint: 'Somebody is changing it at this moment; try again a little later.',
    },
  );
}

/** Undefined when the pages do not fit together. */
async function tryListing<Entry>(listing: Listing<Entry>): Promise<Entry[] | undefined> {
  const joined = new JoinedPages(listing);
  const first = await listing.readPage(0, pageLimit);
  if (!joined.begin(first)) return undefined;
  let limit = pageLimit;
  let last = first;
  for (;;) {
    const follows = whatFollows(last, limit, joined.entries.length);
    if (follows === 'nothing') return joined.entries;
    if (last === first) await listing.beforeMore?.(first.total ?? 0);
    if (follows === 'unsure') {
      const next = await listing.readPage(joined.nextOffset, limit);
      const before = joined.entries.length;
      if (!joined.add(next)) return undefined;
      if (joined.entries.length === before) return joined.entries;
      // So many it gives at a time, whatever it says.
      limit = Math.max(2, next.items.length);
      last = { ...next, limit };
      continue;
    }
    limit = Math.max(2, Math.min(limit, last.limit ?? limit));
    let ended = false;
    for (const page of await readAhead(listing, joined.nextOffset, limit, first.total)) {
      if (ended ? page.items.length > 0 : !joined.add(page)) return undefined;
      if (ended) continue;
      last = page;
      ended = !isFull(page, limit);
    }
  }
}

/** The pages from an offset on, as many at once as the total lets us expect; one at least. */
function readAhead<Entry>(
  listing: Listing<Entry>,
  offset: number,
  limit: number,
  total: number | undefined,
): Promise<Page<Entry>[]> {
  const step = limit - 1;
  const expected = Math.ceil(((total ?? 0) - offset - 1) / step);
  const count = Math.min(pagesAtOnce, Math.max(1, expected));
  return Promise.all(
    Array.from({ length: count }, (_, index) => listing.readPage(offset + index * step, limit)),
  );
}

function isFull<Entry>(page: Page<Entry>, asked: number): boolean {
  return page.items.length >= Math.max(1, Math.min(asked, page.limit ?? asked));
}

/** A full page says that there may be more. A short one is the end, unless the total or a missing limit casts doubt on that. */
function whatFollows<Entry>(
  page: Page<Entry>,
  asked: number,
  listedCount: number,
): 'more' | 'nothing' | 'unsure' {
  if (isFull(page, asked)) return 'more';
  if (page.total === undefined) return page.limit === undefined ? 'unsure' : 'nothing';
  return page.total > listedCount ? 'unsure' : 'nothing';
}

/** Entries of pages that overlap by one. */
class JoinedPages<Entry> {
  readonly entries: Entry[] = [];
  readonly #listing: Listing<Entry>;
  readonly #keys = new Set<string>();
  readonly #ids = new Set<string>();
  #total: number | undefined;

  constructor(listing: Listing<Entry>) {
    this.#listing = listing;
  }

  /** Where the next page begins: with the last entry that we have. */
  get nextOffset(): number {
    return Math.max(0, this.entries.length - 1);
  }

  begin(page: Page<Entry>): boolean {
    this.#total = page.total;
    return this.#append(page.items);
  }

  /** False when the page does not follow what came before. */
  add(page: Page<Entry>): boolean {
    if (page.total !== this.#total) return false;
    const last = this.entries.at(-1);
    if (last === undefined) return this.#append(page.items);
    const overlap = page.items[0];
    if (overlap === undefined) return false;
    const { keyOf, idOf } = this.#listing;
    if (keyOf(last) !== keyOf(overlap) || idOf(last) !== idOf(overlap)) return false;
    return this.#append(page.items.slice(1));
  }

  /** False when an entry shows up twice: it moved from one page to another, and what it changed places with may be missing. */
  #append(entries: readonly Entry[]): boolean {
    for (const entry of entries) {
      const key = this.#listing.keyOf(entry);
      const id = this.#listing.idOf(entry);
      if (this.#keys.has(key) || (id !== undefined && this.#ids.has(id))) return false;
      this.#keys.add(key);
      if (id !== undefined) this.#ids.add(id);
      this.entries.push(entry);
    }
    if (this.entries.length > mostEntries)
      throw new Failure('nonsense', `A folder of more than ${mostEntries} entries`, {
        path: this.#listing.path,
      });
    return true;
  }
}
