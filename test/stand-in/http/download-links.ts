import { createHash } from 'node:crypto';
import type { Digest } from '../content/content.ts';
import type { Disk } from '../model/disk.ts';
import type { FileNode, Node } from '../model/nodes.ts';
import type { Hosts } from './hosts.ts';

/** What a link to bytes stands for. */
export interface LinkTarget {
  readonly kind: 'file' | 'folder' | 'preview';
  readonly serial: number;
  readonly contentId: number;
  /** Number of the link in order of issue. */
  readonly issue: number;
  readonly hop: number;
}

/** Why a link is not followed. */
export type DeadLink = 'damaged' | 'expired';

/**
 * Whose link it is: the owner's own, or one got through a public resource. Recorded: `uid` is 0 then; what is shown of
 * a public resource also has `owner_uid=0`, and a public link that was asked for has a `hash` and no `etag`.
 */
export interface LinkAudience {
  readonly publicHash?: string;
  readonly owner?: boolean;
}

/**
 * Makes links to bytes and reads them again. All that a link stands for is in it and signed, so that a
 * listing of a million files leaves nothing behind.
 */
export class DownloadLinks {
  readonly #disk: Disk;
  readonly #hosts: Hosts;
  readonly #secret: string;
  #issued = 0;
  /** Links up to this number are dead: all, and those of one resource. */
  #deadUpTo = 0;
  readonly #deadUpToOf = new Map<number, number>();

  constructor(disk: Disk, hosts: Hosts) {
    this.#disk = disk;
    this.#hosts = hosts;
    this.#secret = disk.random.hex(32);
  }

  /** A link to the bytes that a file holds now. */
  fileHref(file: FileNode, digest: Digest, audience: LinkAudience = {}): string {
    const { uid } = this.#disk.settings;
    const isPublic = audience.publicHash !== undefined || audience.owner === false;
    const parameters = [
      `uid=${isPublic ? 0 : uid}`,
      `filename=${encodeURIComponent(file.name)}`,
      'disposition=attachment',
      `hash=${encodeURIComponent(audience.publicHash ?? '')}`,
      'limit=0',
      `content_type=${encodeURIComponent(file.mimeType)}`,
      `owner_uid=${audience.owner === false ? 0 : uid}`,
      `fsize=${file.content.sizeBytes}`,
      `hid=${createHash('md5').update(`${digest.md5}:${file.content.sizeBytes}`).digest('hex')}`,
      `media_type=${file.mediaType}`,
      'tknv=v3',
    ];
    if (audience.publicHash === undefined) parameters.push(`etag=${digest.md5}`);
    return this.#href('disk', 'file', file, file.contentId, parameters);
  }

  /** A link to a whole folder as a zip. */
  folderHref(folder: Node, name: string, publicHash = ''): string {
    const parameters = [
      `uid=${publicHash === '' ? this.#disk.settings.uid : 0}`,
      `filename=${encodeURIComponent(`${name}.zip`)}`,
      'disposition=attachment',
      `hash=${encodeURIComponent(publicHash)}`,
      'limit=0',
      'content_type=application%2Fzip',
      `owner_uid=${this.#disk.settings.uid}`,
      'tknv=v3',
    ];
    return this.#href('zip', 'folder', folder, 0, parameters);
  }

  /** A link to a preview; recorded: it does not expire. */
  previewHref(file: FileNode, size: string | null, crop: boolean): string {
    const parameters = [
      `uid=${this.#disk.settings.uid}`,
      `filename=${encodeURIComponent(file.name)}`,
      'disposition=inline',
      'hash=',
      'limit=0',
      'content_type=image%2Fjpeg',
      `owner_uid=${this.#disk.settings.uid}`,
      'tknv=v3',
    ];
    if (size !== null) parameters.push(`size=${encodeURIComponent(size)}`, `crop=${crop ? 1 : 0}`);
    return this.#href('preview', 'preview', file, file.contentId, parameters);
  }

  /** Where the link's next redirect leads. */
  nextHop(target: LinkTarget, pathname: string, search: string): string {
    const [, , , expiry = '0'] = pathname.split('/');
    const token = encodeTarget({ ...target, hop: target.hop + 1 });
    return `${this.#hosts.any('storage')}/rdisk/${this.#sign(expiry, token)}/${expiry}/${token}${search}`;
  }

  /** What a link's path stands for, whether it is alive or not; null if it is none of ours. */
  peek(pathname: string): LinkTarget | null {
    const [, , , , token = ''] = pathname.split('/');
    return decodeTarget(token);
  }

  /** What a link stands for, or why it is dead. */
  open(pathname: string): LinkTarget | DeadLink {
    const [, , signature = '', expiry = '', token = ''] = pathname.split('/');
    const target = decodeTarget(token);
    if (!target || signature !== this.#sign(expiry, token)) return 'damaged';
    const deadUpTo = Math.max(this.#deadUpTo, this.#deadUpToOf.get(target.serial) ?? 0);
    if (target.issue <= deadUpTo) return 'expired';
    if (expiry !== 'inf' && Number.parseInt(expiry, 16) * 1000 <= this.#disk.clock.now()) return 'expired';
    return target;
  }

  /** Kills every link issued so far, or every one to this resource. */
  expire(serial?: number): void {
    if (serial === undefined) this.#deadUpTo = this.#issued;
    else this.#deadUpToOf.set(serial, this.#issued);
  }

  #href(
    top: string,
    kind: LinkTarget['kind'],
    node: Node,
    contentId: number,
    parameters: readonly string[],
  ): string {
    const { clock, settings } = this.#disk;
    this.#issued += 1;
    const endSeconds = Math.floor((clock.now() + settings.downloadLinkLifeMs) / 1000);
    const expiry = kind === 'preview' ? 'inf' : endSeconds.toString(16);
    const token = encodeTarget({ kind, serial: node.serial, contentId, issue: this.#issued, hop: 0 });
    const signature = this.#sign(expiry, token);
    return `${this.#hosts.main('downloader')}/${top}/${signature}/${expiry}/${token}?${parameters.join('&')}`;
  }

  #sign(expiry: string, token: string): string {
    return createHash('sha256').update(`${this.#secret}/${expiry}/${token}`).digest('hex');
  }
}

const targetPattern = /^(file|folder|preview)\.(\d+)\.(\d+)\.(\d+)\.(\d+)$/;

function encodeTarget({ kind, serial, contentId, issue, hop }: LinkTarget): string {
  return Buffer.from(`${kind}.${serial}.${contentId}.${issue}.${hop}`).toString('base64url');
}

function decodeTarget(token: string): LinkTarget | null {
  const match = targetPattern.exec(Buffer.from(token, 'base64url').toString('latin1'));
  if (!match) return null;
  const [, kind, serial, contentId, issue, hop] = match;
  return {
    kind: kind === 'folder' || kind === 'preview' ? kind : 'file',
    serial: Number(serial),
    contentId: Number(contentId),
    issue: Number(issue),
    hop: Number(hop),
  };
}
