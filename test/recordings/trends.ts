/**
 * How numbers of one resource moved from reply to reply. Recorded revisions and times cannot come again, but whether
 * they grew can.
 */
export class Trends {
  readonly #last = new Map<string, { readonly recorded: number; readonly live: number }>();

  /** @param what a field of a resource, by recorded names. @returns what is wrong, or null. */
  note(what: string, recorded: number, live: number): string | null {
    const last = this.#last.get(what);
    this.#last.set(what, { recorded, live });
    if (!last) return null;
    const [wanted, found] = [way(last.recorded, recorded), way(last.live, live)];
    return wanted === found ? null : `it ${wanted} (${last.recorded}, ${recorded}), here it ${found}`;
  }
}

function way(before: number, after: number): 'grew' | 'shrank' | 'stayed' {
  if (after === before) return 'stayed';
  return after > before ? 'grew' : 'shrank';
}
