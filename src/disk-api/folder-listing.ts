import { Failure } from '../errors.ts';
import type { Api, CallOptions } from './api.ts';
import { folderPageFields, folderTotalFields, resourceFields } from './fields.ts';
import { listAll } from './paged-listing.ts';
import type { DiskPath } from './paths.ts';
import { askedReply, folderPageReply, folderTotalReply, type ResourceReply } from './replies.ts';

export interface FolderListing {
  readonly folder: ResourceReply;
  readonly entries: readonly ResourceReply[];
}

interface ListingOptions extends CallOptions {
  /** What is kept of each entry, as soon as it is here; all of it unless told. */
  readonly keep?: ((entry: ResourceReply) => ResourceReply) | undefined;
  /** Waited for before the pages after the first are asked for, with the number of all entries that the Disk tells. */
  readonly beforeMore?: ((total: number) => Promise<void>) | undefined;
}

/** One resource by its path, without its entries. */
export function readResource(api: Api, path: DiskPath, options?: CallOptions): Promise<ResourceReply> {
  const parameters = { path, limit: '0', fields: resourceFields };
  return api.read('/resources', parameters, askedReply, `show ${path}`, options);
}

/** Whether nothing is in a folder. @throws Failure 'not-a-folder' for a file, and as any call that reads */
export async function isEmptyFolder(api: Api, path: DiskPath, options?: CallOptions): Promise<boolean> {
  const parameters = { path, limit: '0', fields: folderTotalFields };
  const { _embedded: embedded } = await api.read(
    '/resources',
    parameters,
    folderTotalReply,
    `list ${path}`,
    options,
  );
  if (!embedded) throw new Failure('not-a-folder', `Not a folder on the Disk: ${path}`, { path });
  return embedded.total === 0;
}

/**
 * A folder with all its entries.
 * @throws Failure 'not-a-folder' for a file, and as `listAll`
 */
export async function listFolder(
  api: Api,
  path: DiskPath,
  options: ListingOptions = {},
): Promise<FolderListing> {
  const { keep, beforeMore, ...call } = options;
  let folder: ResourceReply | undefined;
  const entries = await listAll<ResourceReply>({
    path,
    keyOf: (entry) => entry.name,
    idOf: (entry) => entry.resource_id,
    signal: options.signal,
    beforeMore,
    readPage: async (offset, limit) => {
      const parameters = {
        path,
        limit: String(limit),
        offset: String(offset),
        sort: 'name',
        fields: folderPageFields,
      };
      const reply = await api.read('/resources', parameters, folderPageReply, `list ${path}`, call);
      const { _embedded: embedded, ...shown } = reply;
      if (!embedded) throw new Failure('not-a-folder', `Not a folder on the Disk: ${path}`, { path });
      if (offset === 0) folder = shown;
      const items = keep ? embedded.items.map(keep) : embedded.items;
      return { items, total: embedded.total, limit: embedded.limit };
    },
  });
  if (!folder) throw new Failure('nonsense', 'A listing without a first page', { path });
  return { folder, entries };
}
