import { withPatience } from '../../async/patience.ts';
import { type Log, loggable } from '../log.ts';
import type { Ending } from './ending.ts';

const endingGraceMs = 1_000;

/** What goes on by itself until the drive ends. */
export class Background {
  readonly #signal: AbortSignal;
  readonly #log: Log;
  readonly #running: Promise<void>[] = [];

  constructor(ending: Ending, log: Log) {
    this.#signal = ending.signal;
    this.#log = log;
    // A renewal of the token that hangs hears no signal; nobody waits for it.
    ending.finishBy(() => withPatience(Promise.all(this.#running), endingGraceMs, () => []));
  }

  start(...tasks: readonly { run(signal: AbortSignal): Promise<void> }[]): void {
    for (const task of tasks)
      this.#running.push(
        task
          .run(this.#signal)
          .catch((error: unknown) => this.#log.error(loggable(error), 'a task in the background ended')),
      );
  }
}
