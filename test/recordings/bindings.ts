/**
 * Recorded names (ids, keys, tokens, links) and the stand-in's own that take their places. One for one, so that what
 * was one thing in a recording is one thing here, and what was two is two.
 */
export class Bindings {
  readonly #live = new Map<string, string>();
  readonly #recorded = new Map<string, string>();
  readonly #addresses = new Map<string, string>();

  /** Binds two names, or checks an earlier binding. @returns what is wrong, or null. */
  bind(recorded: string, live: string): string | null {
    const boundLive = this.#live.get(recorded);
    const boundRecorded = this.#recorded.get(live);
    if (boundLive === undefined && boundRecorded === undefined) {
      this.#live.set(recorded, live);
      this.#recorded.set(live, recorded);
      return null;
    }
    if (boundLive === live) return null;
    return boundLive === undefined
      ? `${live} stood for ${boundRecorded} and now stands for ${recorded}`
      : `${recorded} was ${boundLive} and now is ${live}`;
  }

  /** What a request has to say in place of a recorded name; the name itself where nothing took its place. */
  live(recorded: string): string {
    return this.#live.get(recorded) ?? recorded;
  }

  /** Remembers where what a recorded address led to is found. */
  bindAddress(identity: string, live: string): void {
    this.#addresses.set(identity, live);
  }

  /** @throws when no reply named such an address. */
  liveAddress(identity: string): string {
    const live = this.#addresses.get(identity);
    if (live === undefined) throw new Error(`no reply gave the address of ${identity}`);
    return live;
  }
}
