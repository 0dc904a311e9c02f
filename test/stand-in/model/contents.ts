import type { Content } from '../content/content.ts';

interface Retired {
  readonly id: number;
  readonly atMs: number;
  readonly sizeBytes: number;
}

/** Most bytes that are kept of versions that no file has any more. */
const retiredMaxBytes = 512 * 1024 * 1024;

/**
 * Versions of bytes by number, so that a download link can go on serving the version that it was made for.
 * A version that no file has any more is forgotten when no link to it can be alive, or when there are too many.
 */
export class Contents {
  readonly #contents = new Map<number, Content>();
  readonly #users = new Map<number, number>();
  #retired: Retired[] = [];
  #retiredBytes = 0;
  #next = 1;

  /** Takes a content in, with one user. */
  add(content: Content): number {
    const id = this.#next;
    this.#next += 1;
    this.#contents.set(id, content);
    this.#users.set(id, 1);
    return id;
  }

  get(id: number): Content | undefined {
    return this.#contents.get(id);
  }

  /** One more file has this content. */
  share(id: number): void {
    if (id !== 0) this.#users.set(id, (this.#users.get(id) ?? 0) + 1);
  }

  /** One file less has it. */
  release(id: number, nowMs: number, linkLifeMs: number): void {
    const users = (this.#users.get(id) ?? 0) - 1;
    const content = this.#contents.get(id);
    if (id === 0 || !content) return;
    this.#users.set(id, users);
    if (users > 0) return;
    this.#retired.push({ id, atMs: nowMs, sizeBytes: content.sizeBytes });
    this.#retiredBytes += content.sizeBytes;
    while (this.#retired.length > 0) {
      const oldest = this.#retired[0];
      if (!oldest || (oldest.atMs + linkLifeMs > nowMs && this.#retiredBytes <= retiredMaxBytes)) break;
      this.#retired.shift();
      this.#retiredBytes -= oldest.sizeBytes;
      if ((this.#users.get(oldest.id) ?? 0) <= 0) {
        this.#contents.delete(oldest.id);
        this.#users.delete(oldest.id);
      }
    }
  }
}
