import { createHash } from 'node:crypto';

/** The two hashes that the Disk tells of a file, in lower-case hex. */
export interface Digest {
  readonly md5: string;
  readonly sha256: string;
}

/** The bytes of one version of a file. Never changes. */
export interface Content {
  readonly sizeBytes: number;
  /** Bytes that somebody gave us, or bytes that are computed. */
  readonly origin: 'stored' | 'synthetic';
  /** The hashes, if they are known already. */
  readonly digest: Digest | null;
  /** The hashes; reads everything once if need be, in steps that let others run. */
  hash(): Promise<Digest>;
  /** Bytes [start, end). The caller must not change them. */
  read(start: number, end: number): Buffer;
}

const streamChunkBytes = 256 * 1024;

/** Bytes [start, end) in pieces, each made when it is asked for. */
export function* pieces(content: Content, start = 0, end = content.sizeBytes): Generator<Buffer> {
  for (let at = start; at < end; at += streamChunkBytes) {
    yield content.read(at, Math.min(end, at + streamChunkBytes));
  }
}

/** Hashes without a pause; for what is small. */
export function hashNow(content: Content): Digest {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  for (const piece of pieces(content)) {
    md5.update(piece);
    sha256.update(piece);
  }
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}

/** Hashes with a pause after each piece (about a millisecond of work), for what is large. */
export async function hashSlowly(content: Content): Promise<Digest> {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  for (const piece of pieces(content)) {
    md5.update(piece);
    sha256.update(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}
