import { untilAborted } from '../async/shared-tasks.ts';
import type { SendQueue } from '../sync/queue-report.ts';

/**
 * What is sent between the end of a mount and that of its process, for whoever asked for it before: nothing can be changed any more then, so
 * that nothing is left.
 */
export class LastSending {
  readonly #queue: Pick<SendQueue, 'flush'>;
  readonly #stopping: AbortSignal;
  readonly #asked = new Set<Promise<void>>();
  readonly #unmounted: Promise<void>;
  #onUnmounted: () => void = () => {};

  /** @param stopping fires when the queue stops */
  constructor(queue: Pick<SendQueue, 'flush'>, stopping: AbortSignal) {
    this.#queue = queue;
    this.#stopping = stopping;
    this.#unmounted = new Promise((resolve) => {
      this.#onUnmounted = resolve;
    });
  }

  /** Resolves when nothing is mounted any more and everything is sent. @throws Failure as `SendQueue.flush` */
  async ask(signal: AbortSignal): Promise<void> {
    const sent = this.#sendAfterUnmount(AbortSignal.any([signal, this.#stopping]));
    this.#asked.add(sent);
    try {
      await sent;
    } finally {
      this.#asked.delete(sent);
    }
  }

  /** Nothing is mounted any more: resolves when nobody waits for the queue. Whoever is not served is told himself. */
  async afterUnmount(): Promise<void> {
    this.#onUnmounted();
    await Promise.allSettled(this.#asked);
  }

  async #sendAfterUnmount(signal: AbortSignal): Promise<void> {
    await untilAborted(this.#unmounted, signal);
    await this.#queue.flush([], signal);
  }
}
