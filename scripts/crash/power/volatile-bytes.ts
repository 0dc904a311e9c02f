import type { Random } from '../../../test/stand-in/random.ts';

/** What a disk writes whole or not at all. */
export const pageBytes = 4096;

/** The bytes of a file: as programs see them, and as they were synced last. */
export class VolatileBytes {
  #seen = Buffer.alloc(0);
  #synced = Buffer.alloc(0);
  /** Longer buffers are kept than are used: files grow bit by bit. */
  #seenBytes = 0;
  #syncedBytes = 0;
  /** Pages in which the two differ. */
  readonly #dirty = new Set<number>();

  get sizeBytes(): number {
    return this.#seenBytes;
  }

  read(target: Buffer, at: number): number {
    if (at >= this.#seenBytes) return 0;
    return this.#seen.copy(target, 0, at, Math.min(this.#seenBytes, at + target.length));
  }

  write(source: Buffer, at: number): void {
    const end = at + source.length;
    this.#seen = roomy(this.#seen, end);
    source.copy(this.#seen, at);
    this.#touch(Math.min(at, this.#seenBytes), end);
    this.#seenBytes = Math.max(this.#seenBytes, end);
  }

  truncate(sizeBytes: number): void {
    this.#seen = roomy(this.#seen, sizeBytes);
    this.#touch(Math.min(sizeBytes, this.#seenBytes), Math.max(sizeBytes, this.#seenBytes));
    // What is made longer again later must read as zeros.
    this.#seen.fill(0, Math.min(sizeBytes, this.#seenBytes));
    this.#seenBytes = sizeBytes;
  }

  sync(): void {
    this.#synced = roomy(this.#synced, this.#seen.length);
    for (const page of this.#dirty) this.#copyPage(page, this.#seen, this.#synced);
    this.#syncedBytes = this.#seenBytes;
    this.#dirty.clear();
  }

  /** Power is lost. */
  cut(random: Pick<Random, 'below' | 'fraction'>): void {
    const fate = random.below(3);
    const survives = () => (fate === 2 ? random.fraction() < 0.5 : fate === 1);
    this.#synced = roomy(this.#synced, this.#seen.length);
    this.#seen = roomy(this.#seen, this.#synced.length);
    const sizeBytes = survives() ? this.#seenBytes : this.#syncedBytes;
    for (const page of this.#dirty) {
      if (survives()) this.#copyPage(page, this.#seen, this.#synced);
      else this.#copyPage(page, this.#synced, this.#seen);
    }
    this.#dirty.clear();
    this.#seen.fill(0, sizeBytes);
    this.#synced.fill(0, sizeBytes);
    this.#seenBytes = sizeBytes;
    this.#syncedBytes = sizeBytes;
  }

  #touch(start: number, end: number): void {
    for (let page = Math.floor(start / pageBytes); page * pageBytes < end; page++) this.#dirty.add(page);
  }

  #copyPage(page: number, from: Buffer, to: Buffer): void {
    const [start, end] = [page * pageBytes, (page + 1) * pageBytes];
    to.fill(0, start, Math.min(end, to.length));
    if (start < from.length) from.copy(to, start, start, Math.min(end, from.length));
  }
}

/** The buffer, or a longer one with zeros behind it. */
function roomy(buffer: Buffer<ArrayBuffer>, sizeBytes: number): Buffer<ArrayBuffer> {
  if (buffer.length >= sizeBytes) return buffer;
  const longer = Buffer.alloc(Math.max(sizeBytes, pageBytes, buffer.length * 2));
  buffer.copy(longer);
  return longer;
}
