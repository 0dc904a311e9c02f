import { createHash } from 'node:crypto';
import { Failure } from '../errors.ts';

/** Hashes as the Disk tells them: lower case hexadecimal. */
export interface Digest {
  readonly md5: string;
  readonly sha256: string;
}

/** Of a file this small nothing is sent before the rest may go. */
export const heldBytes = 64 << 10;

/**
 * The bytes of a file on their way out, of which the last are held back: when `beginning` is through, everything has been read and
 * hashed, and `rest` holds what was not given out.
 */
export class UploadBody {
  readonly #open: () => AsyncIterable<Uint8Array>;
  readonly #sizeBytes: number;
  readonly #rest: Buffer;
  readonly #hashes = { md5: createHash('md5'), sha256: createHash('sha256') };
  #digest: Digest | undefined;

  /** @param open called when the reading begins: a stream that nobody reads would keep its file open */
  constructor(open: () => AsyncIterable<Uint8Array>, sizeBytes: number) {
    this.#open = open;
    this.#sizeBytes = sizeBytes;
    this.#rest = Buffer.alloc(Math.min(sizeBytes, heldBytes));
  }

  /**
   * All but the last bytes, in pieces of at most `pieceBytes()`.
   * @throws Failure 'local' when the source has not exactly as many bytes as were announced
   */
  async *beginning(pieceBytes: () => number): AsyncGenerator<Uint8Array> {
    const restStart = this.#sizeBytes - this.#rest.length;
    let position = 0;
    for await (const chunk of this.#open()) {
      if (position + chunk.length > this.#sizeBytes) throw this.#changed();
      let taken = 0;
      while (taken < chunk.length) {
        const piece = chunk.subarray(taken, taken + pieceBytes());
        this.#hashes.md5.update(piece);
        this.#hashes.sha256.update(piece);
        const given = piece.subarray(0, Math.max(0, restStart - position));
        this.#rest.set(piece.subarray(given.length), Math.max(0, position - restStart));
        if (given.length > 0) yield given;
        position += piece.length;
        taken += piece.length;
      }
    }
    if (position < this.#sizeBytes) throw this.#changed();
    this.#digest = { md5: this.#hashes.md5.digest('hex'), sha256: this.#hashes.sha256.digest('hex') };
  }

  /** What was held back. */
  get rest(): Uint8Array {
    return this.#rest;
  }

  /** Of everything. */
  get digest(): Digest {
    if (!this.#digest) throw new Failure('local', 'The hash was asked for before all bytes had been read');
    return this.#digest;
  }

  #changed(): Failure {
    return new Failure('local', `The bytes to upload are not the ${this.#sizeBytes} that were announced`);
  }
}
