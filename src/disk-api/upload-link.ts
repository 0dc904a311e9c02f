import type { Api, CallOptions } from './api.ts';
import { uploadLinkFields } from './fields.ts';
import { dataUrl } from './hosts.ts';
import type { DiskPath } from './paths.ts';
import { uploadLinkReply } from './replies.ts';

/** Where the bytes of one upload go: good for one PUT, some minutes long. */
export interface UploadLink {
  readonly url: URL;
  /** Tells when the file is in place. */
  readonly operationId: string | undefined;
}

/**
 * Asks for a link to upload with. Nothing changes by that, so it is asked again like any call that reads.
 * @throws Failure 'no-parent', 'is-a-folder', 'exists' (without `overwrite`), 'no-space', 'too-large', 'allowance-spent', 'locked'
 */
export async function requestUploadLink(
  api: Api,
  path: DiskPath,
  overwrite: boolean,
  options?: CallOptions,
): Promise<UploadLink> {
  const parameters = { path, overwrite: String(overwrite), fields: uploadLinkFields };
  const { href, operation_id: operationId } = await api.read(
    '/resources/upload',
    parameters,
    uploadLinkReply,
    `take ${path}`,
    options,
  );
  return { url: dataUrl(href, api.url), operationId };
}
