import type { Api } from './api.ts';
import { calls } from './calls.ts';
import { type ChangeOptions, change } from './changes.ts';
import { type DiskPath, requireEntry } from './paths.ts';

/**
 * Has the server download an address of the net into the Disk, and waits until it is there. A name that is taken may end in
 * another one (unproven); a failed download is not tried again by the server.
 * @throws Failure 'operation-failed' when the server could not have it, 'in-doubt' after a lost reply
 */
export async function saveUrl(
  api: Api,
  url: string,
  path: DiskPath,
  options: ChangeOptions & { readonly followRedirects?: boolean } = {},
): Promise<void> {
  requireEntry(path);
  const parameters = { url, path, disable_redirects: String(!(options.followRedirects ?? true)) };
  // The address may hold a secret: it is not told in messages.
  await change(api, calls.saveUrl, { parameters, what: `download into ${path}`, path }, options);
}
