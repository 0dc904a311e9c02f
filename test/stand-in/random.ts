import { createHash } from 'node:crypto';

/** Repeatable randomness: the same seed gives the same ids, links and choices in the same order. */
export interface Random {
  /** A number in [0, 1). */
  fraction(): number;
  /** An integer in [0, below). */
  below(below: number): number;
  hex(length: number): string;
  /** Letters and digits. */
  word(length: number): string;
  /** Standard base64 of so many random bytes. */
  base64(byteLength: number): string;
}

const wordLetters = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** A stream of SHA-256 blocks over (seed, counter): slow beside other generators, plain, and the same everywhere. */
export function seededRandom(seed: string): Random {
  let counter = 0;
  let pool = Buffer.alloc(0);
  const bytes = (length: number): Buffer => {
    while (pool.length < length) {
      const block = createHash('sha256').update(`${seed}:${counter}`).digest();
      counter += 1;
      pool = Buffer.concat([pool, block]);
    }
    const taken = pool.subarray(0, length);
    pool = pool.subarray(length);
    return taken;
  };
  const fraction = () => bytes(6).readUIntBE(0, 6) / 2 ** 48;
  const below = (limit: number) => Math.floor(fraction() * limit);
  return {
    fraction,
    below,
    hex: (length) =>
      bytes(Math.ceil(length / 2))
        .toString('hex')
        .slice(0, length),
    word: (length) =>
      Array.from(bytes(length), (byte) => wordLetters.charAt(byte % wordLetters.length)).join(''),
    base64: (byteLength) => bytes(byteLength).toString('base64'),
  };
}
