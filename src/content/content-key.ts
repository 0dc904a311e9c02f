import type { RemoteContent } from '../disk-api/links.ts';

/** What names the bytes of a version: the same key means the same bytes, under whatever path. */
export interface ContentName {
  readonly key: string;
  readonly sizeBytes: number;
  /** Whether the key is a hash: good for ever and on every Disk. Only then may blocks outlive the process. */
  readonly lasting: boolean;
}

/**
 * The server's hash where it has told one. Until then the version itself stands in (resource and revision), which is never
 * shared between two files and never outlives a change. Blocks under such a key stay in memory: nothing could vouch for them
 * later, and another Disk may use the same words for other bytes.
 */
export function contentNameOf(content: RemoteContent): ContentName {
  const { sizeBytes } = content;
  if (content.sha256 !== undefined)
    return { key: `sha256-${content.sha256.toLowerCase()}-${sizeBytes}`, sizeBytes, lasting: true };
  if (content.md5 !== undefined)
    return { key: `md5-${content.md5.toLowerCase()}-${sizeBytes}`, sizeBytes, lasting: true };
  return { key: `version-${content.versionTag}-${sizeBytes}`, sizeBytes, lasting: false };
}
