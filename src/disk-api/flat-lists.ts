import type { Api, CallOptions } from './api.ts';
import { flatListFields, publishedListFields } from './fields.ts';
import { flatListReply, type ResourceReply } from './replies.ts';

/** What the Disk takes a file for, by its name and content [doc]. */
export const mediaTypes = [
  'audio',
  'backup',
  'book',
  'compressed',
  'data',
  'development',
  'diskimage',
  'document',
  'encoded',
  'executable',
  'flash',
  'font',
  'image',
  'settings',
  'spreadsheet',
  'text',
  'unknown',
  'video',
  'web',
] as const;
export type MediaType = (typeof mediaTypes)[number];

interface FilesOptions extends CallOptions {
  /** Only files of these kinds. */
  readonly mediaTypes?: readonly MediaType[] | undefined;
}

const pageLimit = 1000;

/**
 * All files of the Disk, wherever they lie. There is no total and no snapshot: a file that comes or goes meanwhile may be
 * missing; none is given twice.
 */
export function readFiles(api: Api, options: FilesOptions = {}): AsyncGenerator<ResourceReply> {
  const { mediaTypes: kinds } = options;
  const parameters = { sort: 'path', fields: flatListFields, ...(kinds && { media_type: kinds.join(',') }) };
  return readPages(api, '/resources/files', parameters, 'list all files', options);
}

/** All that is published, the newest publication first. */
export function readPublished(
  api: Api,
  options: CallOptions & { readonly type?: 'file' | 'dir' | undefined } = {},
): AsyncGenerator<ResourceReply> {
  const parameters = { fields: publishedListFields, ...(options.type && { type: options.type }) };
  return readPages(api, '/resources/public', parameters, 'list what is published', options);
}

/** The files that were uploaded last, newest first; at most `limit` of them. */
export async function readLastUploaded(
  api: Api,
  limit: number,
  options: FilesOptions = {},
): Promise<readonly ResourceReply[]> {
  const { mediaTypes: kinds } = options;
  const parameters = {
    limit: String(limit),
    fields: flatListFields,
    ...(kinds && { media_type: kinds.join(',') }),
  };
  const what = 'list the last uploads';
  const { items } = await api.read('/resources/last-uploaded', parameters, flatListReply, what, options);
  return items;
}

/** Pages overlap by one entry and go on as long as they bring something new. */
async function* readPages(
  api: Api,
  route: string,
  parameters: Readonly<Record<string, string>>,
  what: string,
  options: CallOptions,
): AsyncGenerator<ResourceReply> {
  const given = new Set<string>();
  let listedCount = 0;
  for (;;) {
    const offset = Math.max(0, listedCount - 1);
    const page = await api.read(
      route,
      { ...parameters, limit: String(pageLimit), offset: String(offset) },
      flatListReply,
      what,
      options,
    );
    let newCount = 0;
    for (const item of page.items) {
      const key = item.resource_id ?? item.path ?? item.name;
      if (given.has(key)) continue;
      given.add(key);
      newCount++;
      yield item;
    }
    listedCount = offset + page.items.length;
    // A server that gives fewer than were asked for, and says so, has more; one that brings nothing new has not.
    if (newCount === 0 || page.items.length < (page.limit ?? 1)) return;
  }
}
