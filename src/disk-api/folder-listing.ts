import { pause } from '../async/retry.ts';
import { Failure } from '../errors.ts';
import type { Api, CallOptions } from './api.ts';
import type { DiskPath } from './paths.ts';
import {
  folderPageFieldsParameter,
  folderPageReply,
  type ResourceReply,
  resourceFieldsParameter,
  resourceReply,
} from './replies.ts';

export interface FolderListing {
  readonly folder: ResourceReply;
  readonly entries: readonly ResourceReply[];
}

/** No maximum is documented; 1000 is what rclone asks for, and 10,000 was seen to time out on big folders. */
const pageLimit = 1000;
/** A folder that changes all the time is listed again this often before we give up. */
const listingAttempts = 8;

interface Page {
  readonly folder: ResourceReply;
  readonly items: readonly ResourceReply[];
  /** How many entries the server says there are; a hint, since nobody knows whether it is always exact. */
  readonly total: number | undefined;
}

/** One resource by its path, without its entries. */
export function readResource(api: Api, path: DiskPath, options?: CallOptions): Promise<ResourceReply> {
  const parameters = { path, limit: '0', fields: resourceFieldsParameter };
  return api.read('/resources', parameters, resourceReply, `show ${path}`, options);
}

/**
 * A folder with all its entries, complete and of one moment as far as the API can tell.
 *
 * Paging by offset is not a snapshot: an entry that comes or goes moves all behind it. So pages are asked for under a fixed sort,
 * each begins with the last entry of the one before, and all must tell the same total; otherwise the listing starts again. The
 * end is where a page comes back short; the total only tells how many pages to ask for at once.
 * @throws Failure 'not-a-folder' for a file, 'unsettled' when the folder never held still.
 */
export async function listFolder(
  api: Api,
  path: DiskPath,
  options: CallOptions = {},
): Promise<FolderListing> {
  for (let attempt = 1; attempt <= listingAttempts; attempt++) {
    const listing = await tryListing(api, path, options);
    if (listing) return listing;
    await pause(50 * attempt, options.signal);
  }
  throw new Failure(
    'unsettled',
    `The folder changed each of the ${listingAttempts} times that it was listed`,
    {
      path,
      hint: 'Somebody is changing it at this moment; try again a little later.',
    },
  );
}

/** Undefined when the pages do not fit together. */
async function tryListing(
  api: Api,
  path: DiskPath,
  options: CallOptions,
): Promise<FolderListing | undefined> {
  const first = await readPage(api, path, 0, pageLimit, options);
  // A server that gives fewer than we ask for is asked for that many from then on.
  const limit = first.items.length < (first.total ?? 0) ? Math.max(2, first.items.length) : pageLimit;
  const step = limit - 1;
  const offsets: number[] = [];
  for (let offset = step; offset < (first.total ?? 0) - 1; offset += step) offsets.push(offset);
  const pages = [
    first,
    ...(await Promise.all(offsets.map((offset) => readPage(api, path, offset, limit, options)))),
  ];
  while ((pages.at(-1)?.items.length ?? 0) >= limit) {
    pages.push(await readPage(api, path, pages.length * step, limit, options));
  }
  const entries = joinPages(pages, limit);
  return entries && { folder: first.folder, entries };
}

/** The entries of pages that overlap by one; undefined when something moved between two of them. */
function joinPages(pages: readonly Page[], limit: number): ResourceReply[] | undefined {
  const entries: ResourceReply[] = [];
  let ended = false;
  for (const page of pages) {
    if (page.total !== pages[0]?.total) return undefined;
    if (ended ? page.items.length > 0 : entries.length > 0 && !continues(entries, page)) return undefined;
    for (const item of entries.length > 0 ? page.items.slice(1) : page.items) entries.push(item);
    ended = page.items.length < limit;
  }
  const names = new Set(entries.map((entry) => entry.name));
  return names.size === entries.length ? entries : undefined;
}

function continues(entries: readonly ResourceReply[], page: Page): boolean {
  const last = entries.at(-1);
  const overlap = page.items[0];
  return last !== undefined && overlap?.name === last.name && overlap.resource_id === last.resource_id;
}

async function readPage(
  api: Api,
  path: DiskPath,
  offset: number,
  limit: number,
  options: CallOptions,
): Promise<Page> {
  const parameters = {
    path,
    limit: String(limit),
    offset: String(offset),
    sort: 'name',
    fields: folderPageFieldsParameter,
  };
  const reply = await api.read('/resources', parameters, folderPageReply, `list ${path}`, options);
  const { _embedded: embedded, ...folder } = reply;
  if (!embedded) throw new Failure('not-a-folder', `Not a folder on the Disk: ${path}`, { path });
  return { folder, items: embedded.items, total: embedded.total };
}
