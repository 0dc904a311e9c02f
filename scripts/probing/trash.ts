import { z } from 'zod';
import type { DiskPath } from '../../src/disk-api/paths.ts';
import type { Reply } from './bench.ts';
import { resourceShape } from './replies.ts';

type ApiCall = (
  method: string,
  route: string,
  parameters: Readonly<Record<string, string>>,
) => Promise<Reply>;

const trashPage = z.object({ _embedded: z.object({ items: z.array(resourceShape) }) });
const pageLimit = 100;
const mostPages = 20;

/** Something in the trash, and where it was before. */
export interface TrashedItem {
  readonly path: DiskPath;
  readonly origin: DiskPath;
}

/** What came from a folder or from beneath it. */
export function trashedFrom(call: ApiCall, folder: DiskPath): Promise<TrashedItem[]> {
  return trashedItems(call, (origin) => origin === folder || origin.startsWith(`${folder}/`));
}

/**
 * What is in the trash and came from a place of ours. Of all else that is there nothing is kept. Newest first where the
 * service knows that order, so that one or two pages are enough.
 */
export async function trashedItems(
  call: ApiCall,
  isOurs: (origin: DiskPath) => boolean,
): Promise<TrashedItem[]> {
  const found: TrashedItem[] = [];
  let sort: string | undefined = '-deleted';
  for (let page = 0; page < mostPages; page++) {
    const reply = await call('GET', '/trash/resources', {
      path: 'trash:/',
      limit: String(pageLimit),
      offset: String(page * pageLimit),
      ...(sort !== undefined && { sort }),
      fields: '_embedded.items.path,_embedded.items.origin_path',
    });
    if (reply.status === 400 && sort !== undefined) {
      sort = undefined;
      page = -1;
      continue;
    }
    const listed = trashPage.safeParse(reply.json);
    if (!listed.success) return found;
    const { items } = listed.data._embedded;
    const ours = items.flatMap(({ path, origin_path: origin }) =>
      path !== undefined && origin !== undefined && isOurs(origin) ? { path, origin } : [],
    );
    found.push(...ours);
    // Sorted, ours are among the newest: a whole page without any of them is the end.
    if (items.length < pageLimit || (sort !== undefined && ours.length === 0 && page > 0)) return found;
  }
  return found;
}
