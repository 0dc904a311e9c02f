import { createHash, type Hash } from 'node:crypto';
import type { Content, Digest } from './content.ts';

/** Bytes that somebody gave us, held as the pieces in which they came. */
class StoredContent implements Content {
  readonly origin = 'stored';
  readonly sizeBytes: number;
  readonly digest: Digest;
  readonly #parts: readonly Buffer[];
  readonly #starts: readonly number[];

  constructor(parts: readonly Buffer[], digest: Digest) {
    const starts: number[] = [];
    let sizeBytes = 0;
    for (const part of parts) {
      starts.push(sizeBytes);
      sizeBytes += part.length;
    }
    this.#parts = parts;
    this.#starts = starts;
    this.sizeBytes = sizeBytes;
    this.digest = digest;
  }

  hash(): Promise<Digest> {
    return Promise.resolve(this.digest);
  }

  read(start: number, end: number): Buffer {
    const taken: Buffer[] = [];
    for (let index = this.#partAt(start); index < this.#parts.length; index += 1) {
      const partStart = this.#starts[index] ?? 0;
      if (partStart >= end) break;
      const part = this.#parts[index] ?? Buffer.alloc(0);
      taken.push(part.subarray(Math.max(0, start - partStart), Math.min(part.length, end - partStart)));
    }
    const only = taken.length === 1 ? taken[0] : undefined;
    return only ?? Buffer.concat(taken);
  }

  /** Index of the part that holds this offset. */
  #partAt(offset: number): number {
    let low = 0;
    let high = this.#parts.length;
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** Collects a body as it comes in, hashing on the way. */
export class ContentWriter {
  readonly #md5: Hash = createHash('md5');
  readonly #sha256: Hash = createHash('sha256');
  readonly #parts: Buffer[] = [];
  #small: Buffer[] = [];
  #smallBytes = 0;
  sizeBytes = 0;

  write(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#md5.update(bytes);
    this.#sha256.update(bytes);
    this.sizeBytes += bytes.length;
    this.#small.push(bytes);
    this.#smallBytes += bytes.length;
    if (this.#smallBytes >= 1 << 20) this.#pack();
  }

  /** What was collected so far; more may follow, for an upload in parts. */
  content(): Content {
    this.#pack();
    const digest = { md5: this.#md5.copy().digest('hex'), sha256: this.#sha256.copy().digest('hex') };
    return new StoredContent([...this.#parts], digest);
  }

  /** Copies small pieces together: a socket's pieces may keep far larger buffers alive. */
  #pack(): void {
    if (this.#smallBytes === 0) return;
    this.#parts.push(Buffer.concat(this.#small));
    this.#small = [];
    this.#smallBytes = 0;
  }
}

/** Content of the given bytes; text is stored as UTF-8. */
export function storedContent(bytes: Buffer | Uint8Array | string): Content {
  const writer = new ContentWriter();
  writer.write(Buffer.from(bytes));
  return writer.content();
}
