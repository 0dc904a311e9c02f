import { createCipheriv, createHash } from 'node:crypto';

/**
 * What is in a file, said in a few words: pieces of endless streams of bytes, one stream a seed, one behind the other. The model of a crash
 * test holds these in place of bytes, and makes the bytes when they are to be compared.
 */
export type Content = readonly Piece[];

export interface Piece {
  /** Names the stream; 0 is nothing but zeros, as holes are. */
  readonly seed: number;
  /** Where in the stream it begins. */
  readonly from: number;
  readonly lengthBytes: number;
}

export function sizeOf(content: Content): number {
  return content.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
}

/** The content after a write: what was beyond the end before it reads as zeros. */
export function overwritten(content: Content, at: number, piece: Piece): Content {
  const end = at + piece.lengthBytes;
  return joined([
    ...part(resized(content, Math.max(sizeOf(content), at)), 0, at),
    piece,
    ...part(content, end),
  ]);
}

/** Cut off, or made longer by zeros. */
export function resized(content: Content, lengthBytes: number): Content {
  const missing = lengthBytes - sizeOf(content);
  if (missing <= 0) return part(content, 0, lengthBytes);
  return joined([...content, { seed: 0, from: 0, lengthBytes: missing }]);
}

function part(content: Content, start: number, end = Number.POSITIVE_INFINITY): Content {
  const found: Piece[] = [];
  let at = 0;
  for (const { seed, from, lengthBytes } of content) {
    const [first, last] = [Math.max(at, start), Math.min(at + lengthBytes, end)];
    if (first < last)
      found.push({ seed, from: seed === 0 ? 0 : from + first - at, lengthBytes: last - first });
    at += lengthBytes;
  }
  return found;
}

/** The same bytes in one form only, so that equal contents look equal. */
function joined(content: Content): Content {
  const result: Piece[] = [];
  for (const piece of content) {
    if (piece.lengthBytes === 0) continue;
    const before = result.at(-1);
    const goesOn =
      before?.seed === piece.seed && (piece.seed === 0 || before.from + before.lengthBytes === piece.from);
    if (before && goesOn)
      result.splice(-1, 1, { ...before, lengthBytes: before.lengthBytes + piece.lengthBytes });
    else result.push(piece);
  }
  return result;
}

export function bytesOf(content: Content): Buffer {
  return Buffer.concat(content.map(bytesOfPiece));
}

const blockBytes = 16;

/** AES in counter mode: any stretch of any stream at once, and fast. */
export function bytesOfPiece({ seed, from, lengthBytes }: Piece): Buffer {
  if (seed === 0) return Buffer.alloc(lengthBytes);
  const key = Buffer.alloc(16);
  key.writeUIntBE(seed, 10, 6);
  const counter = Buffer.alloc(16);
  counter.writeUIntBE(Math.floor(from / blockBytes), 10, 6);
  const skipped = from % blockBytes;
  const stream = createCipheriv('aes-128-ctr', key, counter).update(Buffer.alloc(skipped + lengthBytes));
  return stream.subarray(skipped);
}

const hashes = new Map<string, string>();
/** Of some thousand files. */
const hashesKept = 5_000;

/** MD5 of the bytes. */
export function hashOf(content: Content): string {
  const name = JSON.stringify(content);
  let hash = hashes.get(name);
  if (hash === undefined) {
    const sum = createHash('md5');
    for (const piece of content) sum.update(bytesOfPiece(piece));
    hash = sum.digest('hex');
    if (hashes.size >= hashesKept) hashes.clear();
    hashes.set(name, hash);
  }
  return hash;
}
