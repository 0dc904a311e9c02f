import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { RemoteContent } from '../disk-api/links.ts';

/** A running hash of the kind that the server told for this version; undefined when it told none. */
function runningHash(content: RemoteContent): Hash | undefined {
  if (content.sha256 !== undefined) return createHash('sha256');
  if (content.md5 !== undefined) return createHash('md5');
  return undefined;
}

/** Whether the digest is the one that the server told. Ends the hash. */
function digestMatches(hash: Hash, content: RemoteContent): boolean {
  return hash.digest('hex') === (content.sha256 ?? content.md5)?.toLowerCase();
}

/**
 * Hash of a file from its first block on, as blocks become known.
 *
 * Remembers a CRC of each block that went into the hash, so that a block fetched a second time can be told from the first:
 * after the hash matched, the sums stand for it, block by block.
 *
 * INVARIANT: blocks [0, hashed) are in the hash, and `#sums[i]` is the CRC of block i for i < hashed.
 */
export class BlockDigest {
  readonly #content: RemoteContent;
  #hash: Hash | undefined;
  readonly #sums: number[];
  #verified: boolean;

  /** `proof`: the sums of all blocks, when a hash over them was right before. */
  constructor(content: RemoteContent, proof?: Uint32Array) {
    this.#content = content;
    this.#sums = proof ? [...proof] : [];
    this.#verified = proof !== undefined;
    this.#hash = proof ? undefined : runningHash(content);
  }

  /** How many blocks from the start are in the hash. */
  get hashed(): number {
    return this.#sums.length;
  }

  /** True once the hash over all blocks was the server's. */
  get verified(): boolean {
    return this.#verified;
  }

  /** CRC-32 of each block that is in the hash. */
  get sums(): Uint32Array {
    return Uint32Array.from(this.#sums);
  }

  /** False when the server told no hash: there is nothing to check against. */
  get possible(): boolean {
    return this.#verified || this.#hash !== undefined;
  }

  /** Takes the next block, the one with index `hashed`. */
  add(block: Uint8Array): void {
    this.#hash?.update(block);
    this.#sums.push(crc32(block));
  }

  /** False when this block is known by its sum and is not the same as before. */
  agrees(index: number, block: Uint8Array): boolean {
    const sum = this.#sums[index];
    return sum === undefined || sum === crc32(block);
  }

  /** Ends the hash. True when it is the server's. */
  finish(): boolean {
    const hash = this.#hash;
    this.#hash = undefined;
    this.#verified = hash !== undefined && digestMatches(hash, this.#content);
    return this.#verified;
  }
}
