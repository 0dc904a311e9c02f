import type { ContentName } from '../content/content-key.ts';
import type { Shelf } from '../content/shelf.ts';
import type { Contact } from '../disk-api/contact.ts';
import type { RemoteContent } from '../disk-api/links.ts';
import { Failure, type FailureCode, failedWith } from '../errors.ts';
import type { PinStanding } from './pin-report.ts';
import type { PinnedFile } from './pin-walk.ts';

interface FetcherParts {
  /** Brings all of a content onto the shelf. @throws Failure */
  readonly keep: (content: RemoteContent, signal: AbortSignal) => Promise<void>;
  readonly shelf: Pick<Shelf, 'holdsAll' | 'want' | 'unwant'>;
  readonly contact: Pick<Contact, 'isAway'>;
  /** What is known of a folder is not believed any more. */
  readonly distrust: (folderId: number) => void;
}

interface Failed {
  readonly message: string;
  readonly tries: number;
  /** Monotonic. */
  readonly againAtMs: number;
}

/** Nobody waits for it: two connections for small files, more for each large one by its ranges. */
const atOnce = 2;
const firstRetryMs = 15_000;
const longestRetryMs = 3600_000;
/** How soon it is looked whether there is room, or a login, again. */
const hinderedMs = 30_000;
/** After so long it is looked anew at what is to be here, which may have changed. A file that has been begun is brought to its end. */
const longestRoundMs = 60_000;
/** What is on the shelf is looked through again after so long: a part that was found damaged has gone. */
const believedMs = 10 * 60_000;

/** These hinder all, not one file. */
const hindrances: Partial<Record<FailureCode, 'waiting' | 'no-room'>> = {
  offline: 'waiting',
  'login-needed': 'waiting',
  'no-space': 'no-room',
};

/** Brings files onto the shelf, a few at a time, and remembers which are there and which cannot be had. */
export class PinFetcher {
  readonly #parts: FetcherParts;
  readonly #here = new Set<string>();
  readonly #failed = new Map<string, Failed>();
  #hindrance: PinStanding['hindrance'];
  #believedUntilMs = 0;

  constructor(parts: FetcherParts) {
    this.#parts = parts;
  }

  get standing(): PinStanding {
    const { isAway } = this.#parts.contact;
    return {
      isHere: (name) => this.#here.has(name.key),
      failureOf: ({ key }) => this.#failed.get(key)?.message,
      hindrance:
        isAway && !this.#hindrance ? { state: 'waiting', message: 'The Disk is away' } : this.#hindrance,
    };
  }

  /** Of others nothing is remembered. */
  forgetAllBut(keys: { has(key: string): boolean }): void {
    for (const key of this.#here) if (!keys.has(key)) this.#here.delete(key);
    for (const key of this.#failed.keys()) if (!keys.has(key)) this.#failed.delete(key);
  }

  /** @returns when to come again, in milliseconds; undefined when nothing is left. @throws Failure when the signal fires */
  async fetch(files: readonly PinnedFile[], signal: AbortSignal): Promise<number | undefined> {
    const nowMs = performance.now();
    if (nowMs >= this.#believedUntilMs) {
      this.#here.clear();
      this.#believedUntilMs = nowMs + believedMs;
    }
    this.#hindrance = undefined;
    const missing = this.missing(files);
    const left = [...missing.values()]
      .filter(({ name }) => (this.#failed.get(name.key)?.againAtMs ?? 0) <= nowMs)
      .values();
    const work = () => this.#work(left, nowMs + longestRoundMs, signal);
    await Promise.all(Array.from({ length: atOnce }, work));
    signal.throwIfAborted();
    if (this.#hindrance) return hinderedMs;
    if (!left.next().done) return 0;
    const againAtMs = Math.min(
      ...[...missing.keys()].flatMap((key) => this.#failed.get(key)?.againAtMs ?? []),
    );
    return Number.isFinite(againAtMs) ? Math.max(0, againAtMs - performance.now()) : undefined;
  }

  /** Those that are not here, by their keys. */
  missing(files: readonly PinnedFile[]): Map<string, PinnedFile> {
    return new Map(files.filter(({ name }) => !this.#isHere(name)).map((file) => [file.name.key, file]));
  }

  async #work(left: Iterator<PinnedFile>, untilMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#hindrance && performance.now() < untilMs) {
      const next = left.next();
      if (next.done) return;
      const { name, content, parentId } = next.value;
      const { shelf, keep } = this.#parts;
      shelf.want(name.key);
      try {
        await keep(content, signal);
        this.#here.add(name.key);
        this.#failed.delete(name.key);
      } catch (error) {
        shelf.unwant(name.key);
        if (signal.aborted || !(error instanceof Failure)) throw error;
        if (error.code === 'stale') this.#parts.distrust(parentId);
        this.#onFailed(name, error);
      }
    }
  }

  #isHere(name: ContentName): boolean {
    if (this.#here.has(name.key)) return true;
    if (!this.#parts.shelf.holdsAll(name)) return false;
    this.#parts.shelf.want(name.key);
    this.#here.add(name.key);
    return true;
  }

  #onFailed({ key }: ContentName, error: Failure): void {
    const state = hindrances[error.code];
    if (state) {
      this.#hindrance = { state, message: error.message };
      return;
    }
    const tries = (this.#failed.get(key)?.tries ?? 0) + 1;
    // Another version is there by now: the next look at its folder shows it.
    const waitMs = failedWith(error, 'stale')
      ? firstRetryMs
      : Math.min(firstRetryMs * 2 ** (tries - 1), longestRetryMs);
    this.#failed.set(key, { message: error.message, tries, againAtMs: performance.now() + waitMs });
  }
}
