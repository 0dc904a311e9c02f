/** When a listing was asked for, and which revision of the whole Disk had been read before that. */
export interface Stamp {
  readonly revision: number | undefined;
  /** Monotonic; before all time for what was listed by an earlier process. */
  readonly askedAtMs: number;
}

/** Of what is not believed any more. */
export const distrusted: Stamp = { revision: undefined, askedAtMs: Number.NEGATIVE_INFINITY };

/**
 * Listings may show the state before a change although the revision is that after it. So one that was asked for less than a
 * minute after a change was seen is asked for again, at these ages of the change.
 */
const lookAgainMs = [5_000, 15_000, 60_000];
/** A revision that does not follow what listings show for so many polls does not tell anything. */
const pollsToConfirm = 2;
/** A listing that is good by the revision is checked when somebody looks at it, if it is older than this. */
const provenCheckAgeMs = 30_000;

/**
 *   unproven ──(moved, and listings with it)──▶ proven
 *      │  ▲                                       │
 *      │  └──────(moved after all: a lag)─────────┤
 *      ▼                                          ▼
 *   suspected  (a listing had changed, and the revision had not) ──(still not, polls later)──▶ useless
 */
type Trust = 'unproven' | 'proven' | 'suspected' | 'useless';

/**
 * Whether what was listed is still what the Disk holds: the Disk's `revision` says whether anything changed at all, if it can be
 * believed; that is found out by watching.
 *
 * A listing is good for revision R only if it was asked for after R was read. In shared folders, and where the revision does not tell
 * anything, listings are good for the poll interval.
 */
export class Freshness {
  readonly #intervalMs: number;
  readonly #now: () => number;
  #revision: number | undefined;
  #readAtMs: number | undefined;
  #changedAtMs = Number.NEGATIVE_INFINITY;
  #trust: Trust = 'unproven';
  #pollsSinceSuspicion = 0;

  constructor(options: { readonly intervalMs: number; readonly now?: () => number }) {
    this.#intervalMs = options.intervalMs;
    this.#now = options.now ?? (() => performance.now());
  }

  get trust(): Trust {
    return this.#trust;
  }

  /** The revision that was read last. */
  get revision(): number | undefined {
    return this.#revision;
  }

  /** When it was read, by the clock of the wall. */
  get revisionReadAtMs(): number | undefined {
    return this.#readAtMs;
  }

  /** For a listing that is about to be asked for. */
  stamp(): Stamp {
    return { revision: this.#revision, askedAtMs: this.#now() };
  }

  /** The revision was read. @returns whether it is another one than before */
  noteRevision(revision: number | undefined): boolean {
    const moved = revision !== undefined && this.#revision !== undefined && revision !== this.#revision;
    this.#revision = revision;
    if (revision !== undefined) this.#readAtMs = Date.now();
    if (moved) {
      this.#changedAtMs = this.#now();
      if (this.#trust === 'suspected') this.#trust = 'unproven';
    } else if (this.#trust === 'suspected' && ++this.#pollsSinceSuspicion >= pollsToConfirm) {
      this.#trust = 'useless';
    }
    return moved;
  }

  /** A folder was listed anew that had been listed at `before`, and was found changed or not. */
  noteListing(before: Stamp, changed: boolean): void {
    if (!changed || this.#trust === 'useless' || this.#revision === undefined) return;
    if (before.revision !== this.#revision) {
      if (this.#trust === 'unproven' && before.revision !== undefined) this.#trust = 'proven';
      return;
    }
    // Listings that lag behind the revision change after it, too.
    if (this.#now() - this.#changedAtMs < (lookAgainMs.at(-1) ?? 0) || this.#trust === 'suspected') return;
    this.#trust = 'suspected';
    this.#pollsSinceSuspicion = 0;
  }

  /**
   * Of a listing that was compared with what we ourselves had changed, and showed it: it did not lag. It is looked at once more all the same,
   * since others may have changed something in the same moments, but only at the last of the ages.
   */
  confirmed(stamp: Stamp): Stamp {
    return { ...stamp, askedAtMs: stamp.askedAtMs + (lookAgainMs.at(-2) ?? 0) };
  }

  isGood(stamp: Stamp, shared: boolean): boolean {
    const ageMs = this.#now() - stamp.askedAtMs;
    if (shared || !this.#tells) return ageMs < this.#intervalMs;
    return stamp.revision === this.#revision && !this.#maybeBehind(stamp);
  }

  /** Good by the revision, but old enough to see once in a while whether the revision speaks the truth. */
  isWorthChecking(stamp: Stamp): boolean {
    const ageMs = this.#now() - stamp.askedAtMs;
    return this.#tells && ageMs >= (this.#trust === 'proven' ? provenCheckAgeMs : this.#intervalMs);
  }

  get #tells(): boolean {
    return this.#revision !== undefined && this.#trust !== 'useless';
  }

  #maybeBehind(stamp: Stamp): boolean {
    const askedAgeMs = stamp.askedAtMs - this.#changedAtMs;
    if (!(askedAgeMs >= 0)) return false;
    const next = lookAgainMs.find((ageMs) => ageMs > askedAgeMs);
    return next !== undefined && this.#now() - this.#changedAtMs >= next;
  }
}
