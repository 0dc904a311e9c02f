import type { Api, CallOptions } from './api.ts';
import { linkFields } from './fields.ts';
import { readResource } from './folder-listing.ts';
import { dataUrl } from './hosts.ts';
import type { DiskPath } from './paths.ts';
import { linkReply, type ResourceReply } from './replies.ts';

/** A link to download a file of one's own with, good for some four hours and for whoever has it; of a folder, a zip. */
export async function readDownloadLink(api: Api, path: DiskPath, options?: CallOptions): Promise<URL> {
  const parameters = { path, fields: linkFields };
  const { href } = await api.read(
    '/resources/download',
    parameters,
    linkReply,
    `give a link to ${path}`,
    options,
  );
  return dataUrl(href, api.url);
}

/**
 * A resource with a link to download it by, asked for apart where the reply has none: a file always comes with one in the recordings, and nothing
 * promises that.
 */
export async function readWithLink(api: Api, path: DiskPath, options?: CallOptions): Promise<ResourceReply> {
  const shown = await readResource(api, path, options);
  if (shown.file !== undefined || shown.type === 'dir') return shown;
  const link = await readDownloadLink(api, path, options);
  const linked = { ...shown, file: link.href };
  // Recorded links name the md5 of what they lead to.
  if (shown.md5 !== undefined && link.searchParams.get('etag') === shown.md5.toLowerCase()) return linked;
  // The file may have been replaced between the two replies: it is the same before and after the link, or the link may be of another version.
  const after = await readResource(api, path, options);
  return isUnchanged(shown, after) ? linked : after;
}

function isUnchanged(before: ResourceReply, after: ResourceReply): boolean {
  return (['type', 'resource_id', 'revision', 'modified', 'size', 'md5', 'sha256'] as const).every(
    (field) => before[field] === after[field],
  );
}
