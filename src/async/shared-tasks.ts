import { abortFailure } from '../errors.ts';

interface Task<V> {
  readonly promise: Promise<V>;
  readonly controller: AbortController;
  waiting: number;
}

/**
 * Runs one task per key for everybody who asks while it runs.
 *
 * INVARIANT: a task is in the map exactly while it runs and somebody waits; the last one to give up aborts it.
 */
export class SharedTasks<K, V> {
  readonly #tasks = new Map<K, Task<V>>();

  /** Joins the running task of `key`, or starts it. Rejects at once when `signal` fires, without disturbing the others. */
  async run(key: K, start: (signal: AbortSignal) => Promise<V>, signal?: AbortSignal): Promise<V> {
    if (signal?.aborted) throw abortFailure(signal);
    let task = this.#tasks.get(key);
    if (!task) {
      const controller = new AbortController();
      const started: Task<V> = { controller, waiting: 0, promise: start(controller.signal) };
      this.#tasks.set(key, started);
      const forget = () => {
        if (this.#tasks.get(key) === started) this.#tasks.delete(key);
      };
      started.promise.then(forget, forget);
      task = started;
    }
    task.waiting++;
    try {
      return await untilAborted(task.promise, signal);
    } finally {
      task.waiting--;
      if (task.waiting === 0 && this.#tasks.get(key) === task) {
        this.#tasks.delete(key);
        task.controller.abort();
      }
    }
  }
}

/** The promise's outcome, or a rejection as soon as the signal fires. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  if (signal.aborted) {
    promise.catch(() => {});
    return Promise.reject(abortFailure(signal));
  }
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(abortFailure(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
