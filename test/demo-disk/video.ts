import { type Content, type Digest, hashSlowly } from '../stand-in/content/content.ts';
import { syntheticContent } from '../stand-in/content/synthetic.ts';

/** A film that takes no memory: the two boxes that begin an MP4 file, then computed bytes. What programs that look at
 * its beginning call MP4; there is nothing to play. Source: ISO/IEC 14496-12, sections 4.2, 4.3 and 8.1.1. */
export function syntheticVideo(seed: string, sizeBytes: number, knownDigest?: Digest): Content {
  const brand = Buffer.concat([box('ftyp', 24), Buffer.from('isom\0\0\x02\0isommp42', 'latin1')]);
  const media = Buffer.alloc(16);
  media.writeUInt32BE(1, 0); // the length follows as 64 bits
  media.write('mdat', 4, 'latin1');
  media.writeBigUInt64BE(BigInt(sizeBytes - brand.length), 8);
  return new HeadedContent(Buffer.concat([brand, media]), syntheticContent(seed, sizeBytes), knownDigest);
}

/** Content whose first bytes are replaced. */
class HeadedContent implements Content {
  readonly origin = 'synthetic';
  readonly #head: Buffer;
  readonly #body: Content;
  #digest: Digest | null;

  constructor(head: Buffer, body: Content, knownDigest?: Digest) {
    this.#head = head;
    this.#body = body;
    this.#digest = knownDigest ?? null;
  }

  get sizeBytes(): number {
    return this.#body.sizeBytes;
  }

  get digest(): Digest | null {
    return this.#digest;
  }

  async hash(): Promise<Digest> {
    this.#digest ??= await hashSlowly(this);
    return this.#digest;
  }

  read(start: number, end: number): Buffer {
    const head = this.#head.subarray(start, end);
    const body = this.#body.read(Math.max(start, this.#head.length), end);
    return head.length === 0 ? body : Buffer.concat([head, body]);
  }
}

function box(name: string, sizeBytes: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(sizeBytes, 0);
  head.write(name, 4, 'latin1');
  return head;
}
