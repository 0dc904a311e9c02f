import { LRUCache } from 'lru-cache';
import { SharedTasks } from '../async/shared-tasks.ts';
import { Failure, failedWith } from '../errors.ts';
import type { Api } from './api.ts';
import { readWithLink } from './download-link.ts';
import { dataUrl } from './hosts.ts';
import type { DiskPath } from './paths.ts';
import type { ResourceReply } from './replies.ts';

/** One version of a file as one reply of the Disk described it. */
export interface RemoteContent {
  readonly path: DiskPath;
  readonly resourceId?: string | undefined;
  readonly sizeBytes: number;
  readonly md5: string | undefined;
  readonly sha256: string | undefined;
  /** Tells this version from others where there is no hash: resource and revision. */
  readonly versionTag: string;
  /** The signed download link of that reply; undefined where it was left out, to be remembered by `Links` alone. */
  readonly link: ToldLink | undefined;
}

/** A link as a reply told it, and when it came (monotonic milliseconds). */
interface ToldLink {
  readonly url: string;
  readonly obtainedAtMs: number;
}

/**
 * A way to the bytes of one version.
 * `target` is where the redirects of `url` ended; ranges after the first go there straight.
 */
export interface KeptLink {
  readonly url: URL;
  readonly obtainedAtMs: number;
  target: URL | undefined;
  /** ETag of the first answer; undefined until there was one. */
  etag: string | undefined;
}

/** Where a resource is by what is known: it may have been moved since its content was described. */
export type WhereIs = (resourceId: string) => DiskPath | undefined;

/** How the Disk shows what is at a path; behind a public link that is another call than on one's own Disk. */
export type Show = (
  api: Api,
  path: DiskPath,
  options: { readonly signal: AbortSignal },
) => Promise<ResourceReply>;

/** Links live 4 h [rec, 7 of 7]; we stop trusting one a little earlier. */
const linkLifeMs = 3.5 * 3600_000;
/** Some 900 bytes each. */
const keptLinks = 20_000;

/**
 * Download links: those that came with listings, and those by which something was read, until they expire or fail. They would be most of
 * what is known of a file; so only the last ones are remembered, and here alone.
 */
export class Links {
  readonly #api: Api;
  readonly #whereIs: WhereIs;
  readonly #show: Show;
  readonly #told = new LRUCache<string, ToldLink>({ max: keptLinks });
  readonly #kept = new LRUCache<string, KeptLink | 'dead'>({ max: keptLinks });
  readonly #renewals = new SharedTasks<string, KeptLink>();

  constructor(api: Api, whereIs: WhereIs, show: Show = readWithLink) {
    this.#api = api;
    this.#whereIs = whereIs;
    this.#show = show;
  }

  /** The kept link, the one that came with the listing, or a new one. @throws Failure as `renew`. */
  async of(content: RemoteContent, signal: AbortSignal): Promise<KeptLink> {
    const kept = this.#kept.get(versionKey(content));
    if (kept === 'dead') return this.renew(content, signal);
    if (kept && young(kept.obtainedAtMs)) return kept;
    const told = content.link ?? this.#told.get(versionKey(content));
    if (told && young(told.obtainedAtMs)) return this.#keep(content, told.url, told.obtainedAtMs);
    return this.renew(content, signal);
  }

  /** A link came with a listing. */
  remember(content: RemoteContent): void {
    if (!content.link) return;
    const key = versionKey(content);
    this.#told.set(key, content.link);
    if (this.#kept.peek(key) === 'dead') this.#kept.delete(key);
  }

  /** Whether there is one that can be used without asking the Disk. */
  has(content: RemoteContent): boolean {
    const key = versionKey(content);
    const kept = this.#kept.peek(key);
    if (kept === 'dead') return false;
    const link = kept ?? content.link ?? this.#told.peek(key);
    return link !== undefined && young(link.obtainedAtMs);
  }

  /**
   * Asks the Disk for a fresh link to the same version.
   * @throws Failure 'stale' when the path holds another version, or nothing.
   */
  renew(content: RemoteContent, signal: AbortSignal): Promise<KeptLink> {
    return this.#renewals.run(versionKey(content), (shared) => this.#ask(content, shared), signal);
  }

  /** The next reader asks the Disk for a new link; the one of the listing is not used again either. */
  discard(content: RemoteContent): void {
    const key = versionKey(content);
    this.#told.delete(key);
    this.#kept.set(key, 'dead');
  }

  async #ask(content: RemoteContent, signal: AbortSignal): Promise<KeptLink> {
    this.discard(content);
    const obtainedAtMs = performance.now();
    const shown =
      (await this.#look(content, content.path, signal)) ?? (await this.#lookElsewhere(content, signal));
    if (!shown) throw staleFailure(content);
    if (shown.file === undefined) {
      throw new Failure('refused', 'The Disk gives no link to download this file', { path: content.path });
    }
    return this.#keep(content, shown.file, obtainedAtMs);
  }

  /** What is at the path, if it is this version. */
  async #look(
    content: RemoteContent,
    path: DiskPath,
    signal: AbortSignal,
  ): Promise<ResourceReply | undefined> {
    try {
      const shown = await this.#show(this.#api, path, { signal });
      return isSameVersion(shown, content) ? shown : undefined;
    } catch (error) {
      if (failedWith(error, 'not-found')) return undefined;
      throw error;
    }
  }

  async #lookElsewhere(content: RemoteContent, signal: AbortSignal): Promise<ResourceReply | undefined> {
    const path = content.resourceId === undefined ? undefined : this.#whereIs(content.resourceId);
    return path === undefined || path === content.path ? undefined : this.#look(content, path, signal);
  }

  #keep(content: RemoteContent, url: string, obtainedAtMs: number): KeptLink {
    const link: KeptLink = {
      url: dataUrl(url, this.#api.url),
      obtainedAtMs,
      target: undefined,
      etag: undefined,
    };
    this.#kept.set(versionKey(content), link);
    return link;
  }
}

function young(obtainedAtMs: number): boolean {
  return performance.now() - obtainedAtMs < linkLifeMs;
}

/** One for each version of what is at a path. */
export function versionKey(content: RemoteContent): string {
  return `${content.sha256 ?? content.md5 ?? content.versionTag}:${content.sizeBytes}:${content.path}`;
}

/** Tells a version from others of the same resource where there is no hash. */
export function versionTagOf(reply: ResourceReply, path: DiskPath): string {
  return `${reply.resource_id ?? path}@${reply.revision ?? reply.modified ?? ''}`;
}

/** Whether a reply shows the same bytes: size and every hash that both tell; without any hash, the very same version. */
function isSameVersion(reply: ResourceReply, content: RemoteContent): boolean {
  if (reply.type === 'dir' || reply.size !== content.sizeBytes) return false;
  const told = [
    { here: content.md5, there: reply.md5 },
    { here: content.sha256, there: reply.sha256 },
  ].filter(({ here, there }) => here !== undefined && there !== undefined);
  if (told.length === 0) return versionTagOf(reply, content.path) === content.versionTag;
  return told.every(({ here, there }) => here?.toLowerCase() === there?.toLowerCase());
}

function staleFailure(content: RemoteContent): Failure {
  return new Failure('stale', 'The version that was opened is gone from the Disk', {
    path: content.path,
    hint: 'Open the file again to get the version that is there now.',
  });
}
