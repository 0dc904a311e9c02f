import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import type { Settings } from '../settings.ts';

type RevisionSettings = Pick<Settings, 'diskRevisionMoves' | 'diskRevisionLagMs'>;

/** Revisions: microseconds since the epoch, always growing. Recorded. */
export class RevisionCounter {
  readonly #settings: RevisionSettings;
  readonly #clock: Clock;
  readonly #random: Random;
  #last = 0;
  /** What the Disk as a whole has said of itself, oldest first. */
  #told: { readonly atMs: number; readonly revision: number }[] = [];

  constructor(settings: RevisionSettings, clock: Clock, random: Random) {
    this.#settings = settings;
    this.#clock = clock;
    this.#random = random;
  }

  /** A new revision, newer than all before. */
  next(): number {
    const nowMs = this.#clock.now();
    this.#last = Math.max(this.#last + 1, nowMs * 1000 + this.#random.below(1000));
    return this.#last;
  }

  /** Never below this again; for a Disk that is put into a described state. */
  atLeast(revision: number): void {
    this.#last = Math.max(this.#last, revision);
  }

  /** The Disk as a whole now has this revision, unless it is one that misses changes. */
  tell(revision: number): void {
    const { diskRevisionMoves } = this.#settings;
    if (diskRevisionMoves === 'never' && this.#told.length > 0) return;
    if (diskRevisionMoves === 'sometimes' && this.#random.fraction() < 0.5) return;
    const nowMs = this.#clock.now();
    const oldMs = nowMs - this.#settings.diskRevisionLagMs;
    const firstNeeded = this.#told.findLastIndex(({ atMs }) => atMs <= oldMs);
    this.#told = [...this.#told.slice(Math.max(0, firstNeeded)), { atMs: nowMs, revision }];
  }

  /** What the Disk as a whole says now. */
  told(): number {
    const oldMs = this.#clock.now() - this.#settings.diskRevisionLagMs;
    const newest = this.#told.findLast(({ atMs }) => atMs <= oldMs) ?? this.#told[0];
    return newest?.revision ?? this.#last;
  }
}
