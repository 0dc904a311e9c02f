import type { DiskPath } from '../disk-api/paths.ts';
import type { ResourceReply } from '../disk-api/replies.ts';

/** A file or folder of the Disk, as commands show it. What the Disk did not tell is undefined. */
export interface DiskEntry {
  readonly path: DiskPath;
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly sizeBytes: number | undefined;
  /** ISO 8601 */
  readonly modified: string | undefined;
  readonly mediaType: string | undefined;
  readonly md5: string | undefined;
  readonly sha256: string | undefined;
  /** Where everybody may see it. */
  readonly publicUrl: string | undefined;
}

/** @param path where it is, for replies that do not say so */
export function diskEntryOf(reply: ResourceReply, path: DiskPath = reply.path ?? reply.name): DiskEntry {
  return {
    path,
    name: reply.name,
    kind: reply.type === 'dir' ? 'folder' : 'file',
    sizeBytes: reply.size,
    modified: reply.modified,
    mediaType: reply.media_type,
    md5: reply.md5,
    sha256: reply.sha256,
    publicUrl: reply.public_url,
  };
}
