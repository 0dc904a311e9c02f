/**
 * Who goes first. `urgent`: something is held open until it is answered. `user`: somebody waits for it. `background`: work that
 * is due, and `ahead`: what is done in the hope that somebody will ask; these two leave a share of the places to the others.
 */
export type Priority = (typeof priorities)[number];

/** From the first to the last. */
export const priorities = ['urgent', 'user', 'background', 'ahead'] as const;

/** How urgent something is, for as long as it takes: it may become more urgent while it waits, because somebody joins it. */
export class Urgency {
  #priority: Priority;
  readonly #listeners = new Set<() => void>();

  constructor(priority: Priority) {
    this.#priority = priority;
  }

  get priority(): Priority {
    return this.#priority;
  }

  /** Does nothing where it is as urgent already. */
  raise(priority: Priority): void {
    if (priorities.indexOf(priority) >= priorities.indexOf(this.#priority)) return;
    this.#priority = priority;
    for (const listener of [...this.#listeners]) listener();
  }

  /** @returns how to stop listening */
  onRaise(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
