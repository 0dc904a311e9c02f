import { LRUCache } from 'lru-cache';
import { pause } from '../async/pause.ts';
import type { Priority, Urgency } from '../async/urgency.ts';
import { Failure, failedWith } from '../errors.ts';
import type { Api } from './api.ts';
import { dataUrl } from './hosts.ts';
import { type Exchange, exchange } from './http.ts';
import { type KeptLink, Links, type RemoteContent, type Show, versionKey, type WhereIs } from './links.ts';
import { Pace } from './pace.ts';
import { classifyRangeReply, type RangeReply } from './range-reply.ts';

const mostRedirects = 5;
/**
 * Nothing new begins when this long has passed without `progressBytes` of progress: after a connection that fell silent (3 s) another one, after
 * one that could not be made (4 s) none. With the two seconds of a look at the folder before it, a read fails within ten.
 */
const stalledBudgetMs = 3_500;
/** No byte for this long on a connection that should send: as good as broken. */
const silenceMs = 3_000;
/** The kernel asks again for what failed; it is not to wait as long a second time. */
const givenUpMs = 2_000;
const mostGivenUp = 1_000;
/** Tries in a row that bring less than `progressBytes`. */
const fruitlessAttempts = 8;
const progressBytes = 64 << 10;
/** Cheaper to read to its end than to open a new connection. */
const cheapRestBytes = 64 << 10;

/**
 * Byte ranges of files, from the data hosts: over kept links and kept connections, resumed where they broke.
 * What comes is of the right length and, as far as data hosts tell, of the right version; hashes are checked by who reads.
 */
export class Downloads {
  readonly #api: Api;
  readonly #links: Links;
  /** False once an ETag differed although the Disk showed the same version: then ETags tell nothing here. */
  #etagsTell = true;
  /** True once an ETag was the md5 of the file: then another md5 is another file. */
  #etagsAreMd5 = false;
  readonly #suspected = new LRUCache<string, true>({ max: mostGivenUp });
  /** What reads of a version gave up with: for a moment others of the same version fail with it at once. */
  readonly #gaveUp = new LRUCache<string, Failure>({ max: mostGivenUp, ttl: givenUpMs });

  /** Of all ranges that are read here; kept by who reads them. */
  readonly pace = new Pace();

  constructor(api: Api, whereIs: WhereIs = () => undefined, show?: Show) {
    this.#api = api;
    this.#links = new Links(api, whereIs, show);
  }

  /**
   * Bytes [start, end) of one version, in order, exactly as many.
   * @throws Failure 'stale' when the Disk holds another version, 'offline', 'server', 'damaged' or 'nonsense' when the bytes are
   * not to be had.
   */
  async *read(
    content: RemoteContent,
    start: number,
    end: number,
    signal: AbortSignal,
    priority: Priority | Urgency = 'user',
  ): AsyncGenerator<Uint8Array> {
    const gaveUp = this.#gaveUp.get(versionKey(content));
    if (gaveUp) throw gaveUp;
    let position = start;
    let fruitless = 0;
    let progressAtMs = performance.now();
    let mark = start;
    while (position < end) {
      if (this.#api.contact.isAway && !signal.aborted) await this.#api.contact.check();
      try {
        for await (const chunk of this.#attempt(content, position, end, signal, priority)) {
          position += chunk.length;
          yield chunk;
        }
      } catch (error) {
        if (position - mark >= progressBytes) {
          fruitless = 0;
          mark = position;
          progressAtMs = performance.now();
        }
        fruitless++;
        this.#api.contact.noteFailure(error);
        // Where one kept connection died unnoticed, the others did.
        if (failedWith(error, 'offline')) this.#api.data.connections.dropIdle();
        const worthwhile = failedWith(error, 'offline', 'server', 'busy', 'damaged', 'nonsense');
        const inTime = performance.now() - progressAtMs < stalledBudgetMs;
        if (!worthwhile || !inTime || fruitless >= fruitlessAttempts) {
          if (failedWith(error, 'offline')) this.#gaveUp.set(versionKey(content), error);
          throw error;
        }
        await pause(fruitless === 1 ? 0 : 50 * 2 ** (fruitless - 2), signal);
      }
    }
  }

  /** A link came with a listing; it is remembered for whoever reads that version. */
  rememberLink(content: RemoteContent): void {
    this.#links.remember(content);
  }

  /** Whether reading needs no question to the Disk itself. */
  hasLink(content: RemoteContent): boolean {
    return this.#links.has(content);
  }

  /** Whether a limit of bytes a second is set. */
  get limited(): boolean {
    return this.#api.data.bandwidth.down.limit > 0;
  }

  /** The bytes that came were wrong: the next read asks the Disk again for version and link. */
  distrust(content: RemoteContent): void {
    this.#links.discard(content);
  }

  /** Whether the Disk still shows this version; a fresh link is kept on the way. @throws Failure 'stale' when not. */
  async revalidate(content: RemoteContent, signal: AbortSignal): Promise<void> {
    await this.#links.renew(content, signal);
  }

  /** Drops the kept connections. */
  close(): void {
    this.#api.data.close();
  }

  async *#attempt(
    content: RemoteContent,
    start: number,
    end: number,
    signal: AbortSignal,
    priority: Priority | Urgency,
  ): AsyncGenerator<Uint8Array> {
    const link = await this.#links.of(content, signal);
    const { data } = this.#api;
    const leave = await data.enter('down', signal, priority);
    let reply: Exchange | undefined;
    try {
      const opened = await this.#open(link, content, start, end, signal);
      reply = opened.reply;
      await this.#checkEtag(link, content, opened.head.etag, signal);
      yield* this.#wanted(reply, opened.head, { content, start, end }, signal);
    } finally {
      reply?.close();
      leave();
    }
  }

  /** The bytes of the range, out of a body that may hold more. */
  async *#wanted(
    reply: Exchange,
    head: Extract<RangeReply, { kind: 'bytes' }>,
    range: { readonly content: RemoteContent; readonly start: number; readonly end: number },
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const { path } = range.content;
    let toSkipBytes = head.skipBytes;
    let missingBytes = range.end - range.start;
    let surplusBytes = head.surplusBytes;
    for await (const chunk of reply.body) {
      if (this.limited) await this.#api.data.bandwidth.down.take(chunk.length, signal);
      const skippedBytes = Math.min(toSkipBytes, chunk.length);
      toSkipBytes -= skippedBytes;
      const wanted = chunk.subarray(skippedBytes, skippedBytes + missingBytes);
      missingBytes -= wanted.length;
      surplusBytes -= chunk.length - skippedBytes - wanted.length;
      if (surplusBytes < 0) throw new Failure('damaged', 'More bytes came than the file has', { path });
      if (wanted.length > 0) yield wanted;
      // A body read to its end leaves a connection that can be used again; a long rest is not worth that.
      if (missingBytes === 0 && surplusBytes > cheapRestBytes) return;
    }
    if (missingBytes > 0)
      throw new Failure('offline', 'The connection ended before all bytes had come', { path });
  }

  /** Follows redirects to the bytes. Whatever goes wrong steps back: from the target to the link, from the link to a new one. */
  async #open(link: KeptLink, content: RemoteContent, start: number, end: number, signal: AbortSignal) {
    let url = link.target ?? link.url;
    for (let hop = 0; hop <= mostRedirects; hop++) {
      this.#api.counts.data++;
      const reply = await exchange(url, {
        method: 'GET',
        headers: { range: `bytes=${start}-${end - 1}` },
        agents: this.#api.data.connections.agents,
        compressed: false,
        silenceMs,
        signal,
      }).catch((error: unknown) => {
        link.target = undefined;
        throw error;
      });
      const head = classifyRangeReply(reply.status, reply.headers, {
        start,
        end,
        sizeBytes: content.sizeBytes,
      });
      if (head.kind === 'bytes') {
        this.#api.contact.noteAnswer();
        link.target = url;
        return { reply, head };
      }
      await drop(reply);
      if (head.kind !== 'redirect') {
        this.#stepBack(link, content, head);
        throw head.failure;
      }
      url = this.#follow(head.location, url, link, content);
    }
    this.#links.discard(content);
    throw new Failure('nonsense', `More than ${mostRedirects} redirects on the way to the bytes`, {
      path: content.path,
    });
  }

  /** @throws Failure 'nonsense' for a host that is not one of the Disk's; then the link is not used again. */
  #follow(location: string, from: URL, link: KeptLink, content: RemoteContent): URL {
    try {
      return dataUrl(location, this.#api.url, from);
    } catch (error) {
      link.target = undefined;
      this.#links.discard(content);
      throw error;
    }
  }

  #stepBack(
    link: KeptLink,
    content: RemoteContent,
    head: Exclude<RangeReply, { kind: 'bytes' | 'redirect' }>,
  ): void {
    const viaTarget = link.target !== undefined;
    link.target = undefined;
    if (head.kind === 'mismatch' || (!viaTarget && head.failure.code !== 'busy'))
      this.#links.discard(content);
  }

  /**
   * An ETag that changed, or is an md5 and not ours, is a reason to ask the Disk whether the version is still there; the reply that
   * raised the suspicion is not used. If a fresh link raises it again, and the Disk still shows the version, ETags tell nothing here,
   * unless one of them was once the md5 of its file.
   */
  async #checkEtag(
    link: KeptLink,
    content: RemoteContent,
    etag: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    if (!this.#etagsTell || etag === undefined) return;
    const isOurMd5 = etag === content.md5;
    this.#etagsAreMd5 ||= isOurMd5;
    const looksLikeMd5 = content.md5 !== undefined && /^[0-9a-f]{32}$/.test(etag) && !isOurMd5;
    if (looksLikeMd5 || (link.etag !== undefined && etag !== link.etag)) {
      const key = versionKey(content);
      const isSecond = this.#suspected.get(key) === true;
      this.#suspected.set(key, true);
      await this.#links.renew(content, signal);
      if (!isSecond || (this.#etagsAreMd5 && looksLikeMd5))
        throw new Failure('damaged', 'Other bytes than those of the version were offered', {
          path: content.path,
        });
      this.#etagsTell = false;
    }
    link.etag = etag;
  }
}

/** Lets go of a body that nobody wants; a short one is read to its end, which keeps the connection. */
async function drop(reply: Exchange): Promise<void> {
  let droppedBytes = 0;
  try {
    for await (const chunk of reply.body) {
      droppedBytes += chunk.length;
      if (droppedBytes > cheapRestBytes) return;
    }
  } catch {
    // It was not wanted anyway.
  }
}
