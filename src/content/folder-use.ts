import { Failure, failedWith } from '../errors.ts';
import { BlockFolder, localFailure } from './block-folder.ts';
import type { BlockIndex } from './block-index.ts';

export interface FolderOptions {
  /** Ours alone; made when it is missing. */
  readonly folder: string;
  /** Room that blocks may take; the index comes on top: some 150 bytes an extent or small file. */
  readonly limitBytes: number;
  /** Room that is left to others; when they need it, blocks go, if they may. */
  readonly minFreeBytes: number;
  /** Whether blocks go when room is short; without it, no more are taken. */
  readonly evicts?: boolean;
  /** The folder is not used for now, or was begun anew: said once, until it works again. */
  readonly onTrouble: (failure: Failure) => void;
  /** It works again. */
  readonly onRecovered: () => void;
  /** How long after trouble it is tried again; 30 s. */
  readonly retryMs?: number;
}

const usualRetryMs = 30_000;
/** An index needs room too, and a file system that is full to the brim is slow. */
const leastFreeBytes = 8 << 20;
/** The disk is asked for free room this often while we write … */
const surveyMs = 1_000;
const surveyBytes = 64 << 20;
/** What is evicted beyond need, of all room: many small files then cost one look for the oldest, not one each. */
const evictedShare = 1 / 128;
/** … and this often when not. Uses are written then. */
const idleSurveyMs = 30_000;
/** The start belongs to the user. */
const sweepDelayMs = 10_000;

/**
 * The cache folder as far as it can be used, and room in it.
 *
 *   opening ──▶ in use ──(the folder fails, is damaged, is gone)──▶ out of use ──(retryMs later, when asked)──▶ opening
 *                 └──(the disk is full)──▶ for reading only, for retryMs
 */
export class FolderUse {
  readonly #options: FolderOptions;
  readonly #shape: string;
  readonly #retryMs: number;
  readonly #closing = new AbortController();
  readonly #timer: NodeJS.Timeout;
  /** Told when what was put can no longer be written. */
  readonly #onLeft: () => void;
  #folder: BlockFolder | undefined;
  #entering: Promise<void> | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  #retryAtMs = 0;
  #writableAtMs = 0;
  #troubled = false;
  #reservedBytes = 0;
  #surveyedAtMs = Number.NEGATIVE_INFINITY;
  #sinceSurveyBytes = 0;
  #roomBytes: number;

  constructor(options: FolderOptions, shape: string, onLeft: () => void) {
    this.#options = options;
    this.#shape = shape;
    this.#onLeft = onLeft;
    this.#retryMs = options.retryMs ?? usualRetryMs;
    this.#roomBytes = options.limitBytes;
    this.#timer = setInterval(() => this.#lookAfter(), idleSurveyMs).unref();
  }

  /** The folder if it is in use; otherwise, now and then, a new try is begun. */
  get folder(): BlockFolder | undefined {
    if (!this.#folder && !this.#entering && performance.now() >= this.#retryAtMs) void this.enter();
    return this.#folder;
  }

  get isWritable(): boolean {
    return this.folder !== undefined && performance.now() >= this.#writableAtMs;
  }

  /** Opens the folder. Does not fail: one that cannot be used is tried again later. */
  enter(): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.resolve();
    this.#retryAtMs = performance.now() + this.#retryMs;
    return this.#busyWith(this.#open());
  }

  /** A question to the index; undefined when it cannot be asked. */
  ask<T>(question: (index: BlockIndex) => T): T | undefined {
    const { folder } = this;
    if (!folder) return undefined;
    try {
      return question(folder.index);
    } catch (error) {
      this.leave(folder, error);
      return undefined;
    }
  }

  /** The folder cannot be used any longer. A damaged index is thrown away, with its blocks. */
  leave(folder: BlockFolder, error: unknown): void {
    if (this.#folder !== folder) return;
    this.#folder = undefined;
    clearTimeout(this.#sweepTimer);
    folder.close(false);
    this.#onLeft();
    const failure = localFailure(error, this.#options.folder);
    this.#tell(failure);
    if (failedWith(failure, 'damaged-store'))
      void this.#busyWith(BlockFolder.discard(this.#options.folder).catch(() => {}));
  }

  /** It could be written. */
  recovered(): void {
    if (!this.#troubled) return;
    this.#troubled = false;
    this.#options.onRecovered();
  }

  /** Runs a task that takes `bytes` of room, which are made first; not at all when there can be none. @throws as the task */
  async withRoom(folder: BlockFolder, bytes: number, task: () => Promise<void>): Promise<void> {
    this.#reservedBytes += bytes;
    this.#sinceSurveyBytes += bytes;
    try {
      if (await this.#makeRoom(folder)) await task();
    } finally {
      this.#reservedBytes -= bytes;
    }
  }

  /** Room that blocks may yet take, as the local disk says now; 0 while the folder cannot be used. */
  async spareBytes(): Promise<number> {
    const { folder } = this;
    if (!folder) return 0;
    const { limitBytes } = this.#options;
    try {
      const spareBytes = (await folder.freeBytes()) - this.#leftBytes - this.#reservedBytes;
      return Math.max(0, Math.min(spareBytes, limitBytes - folder.index.usedBytes));
    } catch (error) {
      this.leave(folder, error);
      return 0;
    }
  }

  /** What was to be written could not be. */
  async onWriteFailure(folder: BlockFolder, error: unknown): Promise<void> {
    const isThere = await folder.isIntact().catch(() => true);
    if (this.#folder !== folder) return;
    const failure = localFailure(error, this.#options.folder);
    if (!isThere) await this.#beginAnew(folder);
    else if (failure !== error && failedWith(failure, 'no-space')) {
      // A file did not fit, the index is whole: what is there can still be read, and some of it goes so that the index may grow.
      this.#writableAtMs = performance.now() + this.#retryMs;
      this.#onLeft();
      this.#tell(failure);
      this.suspect();
      await this.#makeRoom(folder).catch((other: unknown) => this.leave(folder, other));
    } else this.leave(folder, failure);
  }

  /** Takes files of extents away that the index does not have any more. */
  async removeFiles(folder: BlockFolder, files: readonly number[]): Promise<void> {
    try {
      await Promise.all(files.map((file) => folder.files.remove(file)));
    } catch (error) {
      this.leave(folder, error);
    }
  }

  /** Perhaps the folder is not what it was: it is looked at before the next write. */
  suspect(): void {
    this.#surveyedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** `written`: nothing is under way. */
  async close(written: Promise<boolean>): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#sweepTimer);
    this.#closing.abort();
    await this.#entering;
    this.#folder?.close(await written);
    this.#folder = undefined;
  }

  get #leftBytes(): number {
    return Math.max(this.#options.minFreeBytes, leastFreeBytes);
  }

  #busyWith(task: Promise<void>): Promise<void> {
    const entering = task.finally(() => {
      if (this.#entering === entering) this.#entering = undefined;
    });
    this.#entering = entering;
    return entering;
  }

  async #open(): Promise<void> {
    try {
      const folder = await BlockFolder.open(this.#options.folder, this.#shape);
      this.#folder = folder;
      this.suspect();
      // What it cannot remove is left for the next start.
      const sweep = () => folder.sweep(this.#closing.signal).catch(() => {});
      this.#sweepTimer = setTimeout(sweep, sweepDelayMs).unref();
    } catch (error) {
      this.#tell(localFailure(error, this.#options.folder));
    }
  }

  #tell(failure: Failure): void {
    if (this.#troubled || this.#closing.signal.aborted) return;
    this.#troubled = true;
    this.#options.onTrouble(failure);
  }

  /** Evicts until all that is reserved fits; false when it cannot. */
  async #makeRoom(folder: BlockFolder): Promise<boolean> {
    const isDue = performance.now() - this.#surveyedAtMs >= surveyMs || this.#sinceSurveyBytes >= surveyBytes;
    if (isDue) await this.#survey(folder);
    for (;;) {
      if (this.#folder !== folder) return false;
      const excessBytes = folder.index.usedBytes + this.#reservedBytes - this.#roomBytes;
      if (excessBytes <= 0) return true;
      if (this.#options.evicts === false) return false;
      const files = folder.index.evict(excessBytes + this.#roomBytes * evictedShare);
      if (files.length === 0) return false;
      await this.removeFiles(folder, files);
    }
  }

  /** Is the folder still the one that we opened, and how much room does the disk leave us? */
  async #survey(folder: BlockFolder): Promise<void> {
    this.#surveyedAtMs = performance.now();
    this.#sinceSurveyBytes = 0;
    if (!(await folder.isIntact())) {
      await this.#beginAnew(folder);
      return;
    }
    const spareBytes = (await folder.freeBytes()) - this.#leftBytes;
    this.#roomBytes = Math.min(this.#options.limitBytes, folder.index.usedBytes + spareBytes);
  }

  async #beginAnew(folder: BlockFolder): Promise<void> {
    if (this.#folder !== folder) return;
    const path = this.#options.folder;
    this.leave(
      folder,
      new Failure('local', 'The folder of the cache was deleted; it is begun anew', { path }),
    );
    await this.enter();
  }

  /** Gives way to others, and notices a folder that is gone, while nothing is written. */
  #lookAfter(): void {
    const { folder } = this;
    if (!folder) return;
    this.ask((index) => index.writeTouched());
    this.suspect();
    this.#makeRoom(folder).catch((error: unknown) => this.leave(folder, error));
  }
}
