import { pause } from '../async/pause.ts';
import { steadyDateMs } from '../async/steady-date.ts';
import type { Tree } from '../tree/tree.ts';

/** A file that left one folder may turn up in another for so long, with its number, its pins and its blocks. */
const lostMs = 3600_000;
const tidyIntervalMs = 60_000;
/** Nobody has looked into any folder for so long: the mount is idle. */
const idleMs = 5 * 60_000;
/** Between two listings of folders that nobody asked for. */
const fillIntervalMs = 2_000;

/**
 * What a mount does when nobody wants anything of it: forgets what was lost, and lists folders that it does not know yet, slowly, so that
 * the first `find` of a user is already warm.
 */
export class Housekeeping {
  readonly #tree: Tree;
  readonly #wait: typeof pause;
  /** Folders up to this number were listed, or cannot be. */
  #filledTo = 0;

  /** @param wait a clock of one's own, for tests */
  constructor(tree: Tree, wait: typeof pause = pause) {
    this.#tree = tree;
    this.#wait = wait;
  }

  /** Until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#tidy(signal), this.#fillIn(signal)]).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  /** A store that fails now may do later. */
  async #tidy(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#wait(tidyIntervalMs, signal);
      try {
        while (this.#tree.forgetLost(steadyDateMs() - lostMs)) await this.#wait(10, signal);
      } catch (error) {
        if (signal.aborted) throw error;
      }
    }
  }

  async #fillIn(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#wait(fillIntervalMs, signal);
      if (this.#tree.inUse.idleMs < idleMs) continue;
      try {
        if (await this.#listNext(signal)) continue;
      } catch (error) {
        if (signal.aborted) throw error;
        continue;
      }
      // Folders that come later have higher numbers, but those that could not be listed may be listed by then.
      this.#filledTo = 0;
      await this.#wait(idleMs, signal);
    }
  }

  /** @returns whether there was a folder to list */
  async #listNext(signal: AbortSignal): Promise<boolean> {
    const folder = this.#tree.unlistedFolder(this.#filledTo);
    if (!folder) return false;
    this.#filledTo = folder.id;
    await this.#tree.relist(folder, 'ahead', signal);
    return true;
  }
}
