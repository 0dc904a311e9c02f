import type { Api, CallOptions } from './api.ts';
import { linkFields } from './fields.ts';
import { dataUrl } from './hosts.ts';
import type { DiskPath } from './paths.ts';
import { linkReply } from './replies.ts';

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
