/** Runs tasks one after the other, in the order in which they were given. One that fails does not hold up the next. */
export class SerialTasks {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(task: () => T | Promise<T>): Promise<T> {
    const outcome = this.#last.then(task);
    this.#last = outcome.catch(() => {});
    return outcome;
  }
}
