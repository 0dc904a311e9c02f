import { LRUCache } from 'lru-cache';
import { type Content, type Digest, hashNow, hashSlowly } from './content.ts';

/*
 * Synthetic content is a function of (seed, offset): any size, any range, no memory. A block of random
 * words is made from the seed once; block number k of the file is that block with every word XORed with a
 * scrambled k. So blocks differ, bytes look random, and a wrong offset or length shows.
 */

const blockBytes = 64 * 1024;
const blockWords = blockBytes / 4;
const hashAtOnceBytes = 512 * 1024;
/** Below it, making bytes and hashes again costs less than keeping them: listing a million of them takes a quarter less time. */
const keptFromBytes = 1024;

const baseBlocks = new LRUCache<string, Uint32Array>({ max: 256 });
const digests = new LRUCache<string, Digest>({ max: 100_000 });
const hashesUnderWay = new Map<string, Promise<Digest>>();

/** FNV-1a, to make a number of a seed. */
function seedNumber(seed: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < seed.length; index += 1) {
    hash = Math.imul(hash ^ seed.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** A good mix of the bits of a 32-bit number (the finisher of MurmurHash3). */
function scramble(number: number): number {
  let value = number >>> 0;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

function makeBaseBlock(seed: string, words: number): Uint32Array {
  const block = new Uint32Array(words);
  let state = seedNumber(seed);
  for (let index = 0; index < words; index += 1) {
    state = (state + 0x9e3779b9) | 0;
    block[index] = scramble(state);
  }
  return block;
}

class SyntheticContent implements Content {
  readonly origin = 'synthetic';
  readonly sizeBytes: number;
  readonly seed: string;
  readonly #key: string;
  /** Of a tiny file, whose hashes are kept nowhere else. */
  #own: Digest | null = null;

  constructor(seed: string, sizeBytes: number) {
    this.seed = seed;
    this.sizeBytes = sizeBytes;
    this.#key = `${sizeBytes}:${seed}`;
  }

  get digest(): Digest | null {
    return this.#own ?? digests.get(this.#key) ?? null;
  }

  hash(): Promise<Digest> {
    const known = this.digest;
    if (known) return Promise.resolve(known);
    if (this.sizeBytes <= hashAtOnceBytes) {
      const digest = hashNow(this);
      if (this.sizeBytes < keptFromBytes) this.#own = digest;
      else digests.set(this.#key, digest);
      return Promise.resolve(digest);
    }
    const underWay = hashesUnderWay.get(this.#key) ?? this.#startHash();
    return underWay;
  }

  read(start: number, end: number): Buffer {
    const from = Math.max(0, start);
    const until = Math.min(end, this.sizeBytes);
    if (until <= from) return Buffer.alloc(0);
    const base = this.#baseBlock();
    const firstWord = Math.floor(from / 4);
    const words = new Uint32Array(Math.ceil(until / 4) - firstWord);
    let filled = 0;
    while (filled < words.length) {
      const word = firstWord + filled;
      const block = Math.floor(word / blockWords);
      const offset = word - block * blockWords;
      const length = Math.min(blockWords - offset, words.length - filled);
      const mask = block === 0 ? 0 : scramble(block);
      for (let index = 0; index < length; index += 1) {
        words[filled + index] = (base[offset + index] ?? 0) ^ mask;
      }
      filled += length;
    }
    return Buffer.from(words.buffer, from - firstWord * 4, until - from);
  }

  #baseBlock(): Uint32Array {
    const words = Math.min(blockWords, Math.ceil(this.sizeBytes / 4));
    if (this.sizeBytes < keptFromBytes) return makeBaseBlock(this.seed, words);
    const key = `${words}:${this.seed}`;
    let block = baseBlocks.get(key);
    if (!block) {
      block = makeBaseBlock(this.seed, words);
      baseBlocks.set(key, block);
    }
    return block;
  }

  #startHash(): Promise<Digest> {
    const hash = hashSlowly(this).then((digest) => {
      digests.set(this.#key, digest);
      hashesUnderWay.delete(this.#key);
      return digest;
    });
    hashesUnderWay.set(this.#key, hash);
    return hash;
  }
}

/**
 * Content that is computed, not stored.
 * @param known its true hashes, where the caller has them from an earlier run: saves hashing a large one.
 */
export function syntheticContent(seed: string, sizeBytes: number, known?: Digest): Content {
  if (known) digests.set(`${sizeBytes}:${seed}`, known);
  return new SyntheticContent(seed, sizeBytes);
}
