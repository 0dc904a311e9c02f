import type { ContentWriter } from '../content/stored.ts';
import type { Disk } from '../model/disk.ts';
import { mediaKind } from '../model/media.ts';
import type { Operation, Operations } from '../model/operations.ts';
import type { DiskPath } from '../model/path.ts';
import type { Hosts } from './hosts.ts';

/** An upload that was asked for. */
export interface Upload {
  readonly id: string;
  readonly href: string;
  readonly path: DiskPath;
  readonly overwrite: boolean;
  readonly operation: Operation;
  readonly issuedMs: number;
  /** Decided when the link is issued: its bytes come slowly. */
  readonly throttled: boolean;
  state: 'fresh' | 'receiving' | 'used' | 'expired';
  /** What an upload in parts has got so far. */
  partial: ContentWriter | null;
}

/** Upload links and what became of them. */
export class Uploads {
  readonly #disk: Disk;
  readonly #hosts: Hosts;
  readonly #operations: Operations;
  readonly #uploads = new Map<string, Upload>();

  constructor(disk: Disk, hosts: Hosts, operations: Operations) {
    this.#disk = disk;
    this.#hosts = hosts;
    this.#operations = operations;
  }

  /** Issues a link for a file at a path. */
  issue(path: DiskPath, overwrite: boolean, userAgent: string): Upload {
    const { clock, random, settings, timeline } = this.#disk;
    const issuedMs = clock.now();
    const { protocol, hostname, port } = new URL(this.#hosts.any('uploader'));
    const origin = `${protocol}//${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`;
    const unit = /^uploader([^.]+)/.exec(hostname)?.[1] ?? '1j';
    const id = `${moscowTime(issuedMs)}.utd.${random.word(25)}-k${unit}.${random.below(90_000_000)}`;
    const ownClient = settings.throttleSparesOwnClient && userAgent.startsWith('Yandex.Disk');
    const { mediaType } = mediaKind(path.names.at(-1) ?? '');
    const upload: Upload = {
      id,
      href: `${origin}/upload-target/${id}`,
      path,
      overwrite,
      operation: this.#operations.open('upload'),
      issuedMs,
      throttled: settings.throttledMediaTypes.includes(mediaType) && !ownClient,
      state: 'fresh',
      partial: null,
    };
    this.#uploads.set(id, upload);
    timeline.at(issuedMs + settings.uploadLinkLifeMs, () => {
      if (upload.state !== 'used') this.#expire(upload);
    });
    return upload;
  }

  /** The upload that a request to the uploader is for. */
  find(pathname: string): Upload | undefined {
    return this.#uploads.get(/^\/upload-target\/([^/]+)$/.exec(pathname)?.[1] ?? '');
  }

  /** Kills the links that were not used yet. */
  expire(): void {
    for (const upload of this.#uploads.values()) if (upload.state !== 'used') this.#expire(upload);
  }

  #expire(upload: Upload): void {
    upload.state = 'expired';
    upload.partial = null;
    if (this.#disk.settings.abandonedUpload === 'forgotten') this.#operations.forget(upload.operation);
    else this.#operations.finish(upload.operation, 'failed');
  }
}

/**
 * Recorded: the link names its port, even the usual one; then comes the time of issue in Moscow,
 * `20240706T222249.730`; at its end it names its host again.
 */
function moscowTime(ms: number): string {
  const text = new Date(ms + 3 * 3600_000).toISOString();
  return text.slice(0, 23).replaceAll(/[-:]/g, '');
}
