import { SerialTasks } from '../async/serial-tasks.ts';
import { ByteRanges } from './byte-ranges.ts';
import type { DraftDescription } from './draft-description.ts';
import type { DraftFolder } from './draft-folder.ts';
import type { SparseFile } from './sparse-file.ts';

/** The part of a description that changes while a draft is open. */
export type DescribedState = Pick<DraftDescription, 'path' | 'missing' | 'isBaseGone'>;

/** The description of one open draft as it lies on the disk, kept up with what it describes. */
export class WrittenDescription {
  readonly #folder: DraftFolder;
  readonly #name: string;
  readonly #bootId: string;
  /** One at a time, so that the last one written is the newest. */
  readonly #turns = new SerialTasks();
  #last: DraftDescription;
  #isRemoved = false;

  constructor(folder: DraftFolder, name: string, last: DraftDescription, bootId: string) {
    this.#folder = folder;
    this.#name = name;
    this.#last = last;
    this.#bootId = bootId;
  }

  /** How far what is missing reaches, as it is written. */
  get missingEnd(): number {
    return Math.max(this.#last.missing.at(-1) ?? 0, this.#last.missingSynced?.at(-1) ?? 0);
  }

  /** Makes it say what `now` says, if it does not. */
  save(now: () => DescribedState): Promise<void> {
    return this.#turns.run(() => this.#write(now(), this.#last.missingSynced));
  }

  /** Makes sure that nothing is said to be missing behind `endBytes`, where the file is about to be made longer. */
  saveCut(now: () => DescribedState, endBytes: number): Promise<void> {
    return this.#turns.run(() => {
      const synced = this.#last.missingSynced;
      return this.#write(now(), synced && cut(synced, endBytes));
    });
  }

  /** Syncs the bytes, then what is written of them. */
  sync(now: () => DescribedState, file: SparseFile): Promise<void> {
    return this.#turns.run(async () => {
      const { missing } = now();
      await file.sync();
      await this.#write(now(), missing);
    });
  }

  /** Nothing is written any more. */
  stop(): Promise<void> {
    return this.#turns.run(() => {
      this.#isRemoved = true;
    });
  }

  /** What was synced once is replaced by what is synced only: a description torn by a loss of power would take it along. */
  async #write(now: DescribedState, missingSynced: readonly number[] | undefined): Promise<void> {
    if (this.#isRemoved) return;
    const next: DraftDescription = { base: this.#last.base, bootId: this.#bootId, ...now, missingSynced };
    if (isSame(next, this.#last)) return;
    await this.#folder.describe(this.#name, next, { isSynced: missingSynced !== undefined });
    this.#last = next;
  }
}

/** What is missing in a file of this size, when `bootId` is that of the machine's start now. */
export function missingNow(description: DraftDescription, sizeBytes: number, bootId: string): ByteRanges {
  const { missing, missingSynced } = description;
  const isOfThisStart = description.bootId === bootId;
  return ByteRanges.fromEdges(cut(isOfThisStart ? missing : (missingSynced ?? missing), sizeBytes));
}

function cut(edges: readonly number[], endBytes: number): readonly number[] {
  const ranges = ByteRanges.fromEdges(edges);
  ranges.remove(endBytes, Number.POSITIVE_INFINITY);
  return ranges.edges;
}

function isSame(one: DraftDescription, other: DraftDescription): boolean {
  return (
    one.path === other.path &&
    one.isBaseGone === other.isBaseGone &&
    one.bootId === other.bootId &&
    (one.missingSynced === undefined) === (other.missingSynced === undefined) &&
    sameEdges(one.missing, other.missing) &&
    sameEdges(one.missingSynced ?? [], other.missingSynced ?? [])
  );
}

function sameEdges(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((edge, index) => edge === other[index]);
}
