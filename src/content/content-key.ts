import type { RemoteContent } from '../disk-api/links.ts';

/**
 * What names the bytes of a version: the same key means the same bytes, under whatever path.
 *
 * The server's hash where it has told one. Until then the version itself stands in (resource and revision), which is never
 * shared between two files and never outlives a change.
 */
export function contentKeyOf(content: RemoteContent): string {
  if (content.sha256 !== undefined) return `sha256-${content.sha256}-${content.sizeBytes}`;
  if (content.md5 !== undefined) return `md5-${content.md5}-${content.sizeBytes}`;
  return `version-${content.versionTag}-${content.sizeBytes}`;
}
