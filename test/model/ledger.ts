import { createHash } from 'node:crypto';

/** One content that somebody made. No two are the same, but where the very same bytes are made on purpose. */
interface Entry {
  /** How it begins: enough to know it by. */
  readonly text: string;
  readonly author: string;
  /** Whoever made it was told that it is safe. */
  isAcknowledged: boolean;
  /** Somebody who saw it has put something else in its place, or deleted it. */
  end: string | undefined;
}

/** Who made what, and what became of it with open eyes. What is not accounted for must be somewhere in the end. */
export class Ledger {
  readonly #byHash = new Map<string, Entry>();
  #made = 0;

  /** A text that nobody has made yet. */
  make(author: string, isLong: boolean): string {
    const text = `${author} ${++this.#made}`;
    return isLong ? `${text} ${'.'.repeat(70_000)}` : text;
  }

  note(author: string, text: string, isAcknowledged: boolean): void {
    this.noteBytes(author, md5(text), text.slice(0, 30), isAcknowledged);
  }

  /** @param text how they begin */
  noteBytes(author: string, hash: string, text: string, isAcknowledged: boolean): void {
    const known = this.#byHash.get(hash);
    // Made once more, it is to be there once more.
    if (known && isAcknowledged) known.end = undefined;
    if (known) known.isAcknowledged ||= isAcknowledged;
    else this.#byHash.set(hash, { text, author, isAcknowledged, end: undefined });
  }

  /** Whoever made these bytes has been told that they are safe. What has become of them since stays so. */
  acknowledge(hash: string): void {
    const known = this.#byHash.get(hash);
    if (known) known.isAcknowledged = true;
  }

  /** Somebody saw it, and has put something else in its place. @returns whether that is news */
  end(hash: string | undefined, how: string): boolean {
    const entry = hash === undefined ? undefined : this.#byHash.get(hash);
    if (!entry || entry.end !== undefined) return false;
    entry.end = how;
    return true;
  }

  authorOf(hash: string): string | undefined {
    return this.#byHash.get(hash)?.author;
  }

  /** In words. */
  nameOf(hash: string | undefined): string {
    if (hash === undefined) return 'nothing';
    return this.#byHash.get(hash)?.text ?? hash;
  }

  /** Acknowledged, given up by nobody, and not among these. */
  missing(found: ReadonlySet<string>): string[] {
    return [...this.#byHash]
      .filter(([hash, { isAcknowledged, end }]) => isAcknowledged && end === undefined && !found.has(hash))
      .map(([, { text }]) => text);
  }
}

export function md5(text: string | Buffer): string {
  return createHash('md5').update(text).digest('hex');
}
