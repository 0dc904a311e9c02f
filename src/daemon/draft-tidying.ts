import type { Drafts } from '../content/drafts.ts';
import type { LocalChange } from '../tree/local-change.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import { type Log, loggable } from './log.ts';

/** Drafts that nobody names any more go together, a moment later. */
const tidyDelayMs = 1_000;

/**
 * Removes the bytes of drafts that no node names any more.
 *
 * INVARIANT: a draft is removed only after the change that forgot it is synced: a loss of power must not bring back the name without the bytes.
 */
export class DraftTidying {
  readonly #local: LocalTree;
  readonly #drafts: Drafts;
  readonly #log: Log;
  readonly #names = new Map<number, string>();
  readonly #dropped = new Set<string>();
  readonly #unlisten: () => void;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(local: LocalTree, drafts: Drafts, log: Log) {
    this.#local = local;
    this.#drafts = drafts;
    this.#log = log;
    for (const node of local.all()) if (node.draft) this.#names.set(node.id, node.draft.name);
    this.#unlisten = local.onChange((change) => this.#note(change));
  }

  /** What an earlier process had forgotten and not removed. */
  async removeLeftovers(): Promise<void> {
    const named = new Set(this.#names.values());
    for (const name of await this.#drafts.names()) if (!named.has(name)) this.#dropped.add(name);
    this.#later();
  }

  /** What is to go goes now. */
  async close(): Promise<void> {
    this.#unlisten();
    clearTimeout(this.#timer);
    await this.#running;
    await this.#remove();
  }

  #note({ put = [], remove = [] }: LocalChange): void {
    for (const id of remove) this.#name(id, undefined);
    for (const { id, draft } of put) this.#name(id, draft?.name);
  }

  #name(id: number, name: string | undefined): void {
    const before = this.#names.get(id);
    if (before === name) return;
    if (name === undefined) this.#names.delete(id);
    else this.#names.set(id, name);
    if (before === undefined) return;
    this.#dropped.add(before);
    this.#later();
  }

  #later(): void {
    if (this.#dropped.size === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#running = this.#remove();
    }, tidyDelayMs).unref();
  }

  async #remove(): Promise<void> {
    const dropped = [...this.#dropped];
    this.#dropped.clear();
    if (dropped.length === 0) return;
    try {
      await this.#local.sync();
      for (const name of dropped) await this.#drafts.remove(name);
    } catch (error) {
      // They go at the next start.
      this.#log.warn(loggable(error), 'drafts that are not needed any more could not be removed');
    }
  }
}
