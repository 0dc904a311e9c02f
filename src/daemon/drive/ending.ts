import { setMaxListeners } from 'node:events';
import type { Failure } from '../../errors.ts';

/**
 * How what was built from the bottom up comes to its end: whatever is under way hears of it, then all that must be brought to an end while
 * everything still stands is, then everything is closed; both from the top down. What fails is told, and keeps nothing else from its end.
 */
export class Ending {
  readonly #controller = new AbortController();
  readonly #finishers: (() => Promise<unknown>)[] = [];
  readonly #closers: (() => void)[] = [];
  readonly #onFault: (error: unknown) => void;

  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
    // All that is under way listens, and that may be any number.
    setMaxListeners(0, this.signal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** To be done at the end, and waited for, while everything that is closed stands. */
  finishBy(finish: () => Promise<unknown>): void {
    this.#finishers.push(finish);
  }

  /** To be closed at the end. */
  closeBy(close: () => void): void {
    this.#closers.push(close);
  }

  /** Fires the signal, and no more. */
  stop(reason: Failure): void {
    this.#controller.abort(reason);
  }

  async end(reason: Failure): Promise<void> {
    this.stop(reason);
    for (const finish of this.#finishers.splice(0).reverse()) await finish().catch(this.#onFault);
    for (const close of this.#closers.splice(0).reverse()) {
      try {
        close();
      } catch (error) {
        this.#onFault(error);
      }
    }
  }
}
