import { setAside } from '../database/set-aside.ts';
import { Failure, failedWith } from '../errors.ts';
import { TreeStore } from './tree-store.ts';

export interface MendableStoreOptions {
  readonly storeFile: string;
  /** Told when the store turned out to be damaged, and under which name it was set aside; undefined where it had to stay. */
  readonly onDamage: (failure: Failure, aside: string | undefined) => void;
  /** Told now and then while something cannot be written into the store. */
  readonly onUnwritten: (failure: Failure) => void;
}

interface MendableStoreHooks {
  /** What is wanted of a store from the first moment on. */
  readonly load: (store: TreeStore) => void;
  /** A new store was begun while this one was in use: ids of the one before mean nothing any more. */
  readonly onBegun: () => void;
  /** Something that was written is not in the store after all. */
  readonly onRolledBack: () => void;
}

/** A full disk refuses each listing of a walk: that is said no more often than this. */
const tellAgainMs = 60_000;

/**
 * The store, and what becomes of it when it is damaged: it is set aside, never deleted, and a new one begun; where that cannot be, one in memory
 * until the next start.
 */
export class MendableStore {
  readonly #options: MendableStoreOptions;
  readonly #hooks: MendableStoreHooks;
  #store: TreeStore;
  #era = 0;
  #rollbacks = 0;
  #toldUnwrittenMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  /** @throws Failure 'too-new' */
  constructor(options: MendableStoreOptions, hooks: MendableStoreHooks) {
    this.#options = options;
    this.#hooks = hooks;
    let store: TreeStore | undefined;
    try {
      store = new TreeStore(options.storeFile, this.#onRolledBack);
      hooks.load(store);
      this.#store = store;
    } catch (error) {
      this.#store = this.#begun(error, store);
    }
  }

  /** Counts stores. */
  get era(): number {
    return this.#era;
  }

  /** Counts what the store took back after it had been written: what was read of it before that may not be there any more. */
  get rollbacks(): number {
    return this.#rollbacks;
  }

  /** @throws Failure 'damaged-store' after a new store was begun; 'local' */
  read<T>(task: (store: TreeStore) => T): T {
    try {
      return task(this.#store);
    } catch (error) {
      if (failedWith(error, 'damaged-store')) this.#begin(error);
      throw error;
    }
  }

  /** Writes what is in memory, too: there it stays when it cannot be written, and that is told. */
  quietly(task: (store: TreeStore) => void): void {
    try {
      task(this.#store);
    } catch (error) {
      this.#notWritten(error);
    }
  }

  /** The same for what takes a while. @returns what the task returns; undefined when not all was written */
  async written<T>(task: (store: TreeStore) => Promise<T>): Promise<T | undefined> {
    const era = this.#era;
    try {
      return await task(this.#store);
    } catch (error) {
      if (era === this.#era) this.#notWritten(error);
      return undefined;
    }
  }

  /** What is written after that is not kept. */
  close(): void {
    this.quietly((store) => store.close());
    this.#isClosed = true;
  }

  readonly #onRolledBack = (failure: Failure): void => {
    this.#rollbacks++;
    this.#hooks.onRolledBack();
    this.#tellUnwritten(failure);
  };

  #notWritten(error: unknown): void {
    if (this.#isClosed) return;
    if (failedWith(error, 'damaged-store')) this.#begin(error);
    else if (error instanceof Failure) this.#tellUnwritten(error);
    else throw error;
  }

  #tellUnwritten(failure: Failure): void {
    const now = performance.now();
    if (now - this.#toldUnwrittenMs < tellAgainMs) return;
    this.#toldUnwrittenMs = now;
    this.#options.onUnwritten(failure);
  }

  #begin(failure: Failure): void {
    this.#store = this.#begun(failure, this.#store);
    this.#era++;
    this.#hooks.onBegun();
  }

  /** A store in place of one that is damaged, or cannot be used. @throws what is no matter of the store, and Failure 'too-new' */
  #begun(error: unknown, unusable?: TreeStore): TreeStore {
    const { storeFile } = this.#options;
    try {
      if (!failedWith(error, 'damaged-store')) {
        unusable?.close();
        throw error;
      }
      this.#setAside(error, unusable);
      return new TreeStore(storeFile, this.#onRolledBack);
    } catch (hindrance) {
      if (!failedWith(hindrance, 'local', 'no-space', 'damaged-store')) throw hindrance;
      this.#tellUnwritten(hindrance);
      return new TreeStore(':memory:', this.#onRolledBack);
    }
  }

  #setAside(failure: Failure, damaged: TreeStore | undefined): void {
    let aside: string | undefined;
    try {
      aside = damaged ? damaged.setAside() : setAside(this.#options.storeFile);
    } finally {
      this.#options.onDamage(failure, aside);
    }
  }
}
