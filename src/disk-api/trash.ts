import { Failure } from '../errors.ts';
import type { Api, CallOptions } from './api.ts';
import { calls } from './calls.ts';
import { type ChangeOptions, change, type Made, make } from './changes.ts';
import { trashPageFields } from './fields.ts';
import { listAll } from './paged-listing.ts';
import { type TrashedReply, trashPageReply } from './replies.ts';
import { orGone } from './resources.ts';

/** `trash:/<name>_<40 hex>`, as a listing of the trash gives it. Never used twice. */
type TrashPath = string;

const trashRoot: TrashPath = 'trash:/';

/** What is in the trash, or in a folder that lies there. */
export function listTrash(
  api: Api,
  options: CallOptions & { readonly path?: TrashPath } = {},
): Promise<TrashedReply[]> {
  const { path = trashRoot } = options;
  return listAll<TrashedReply>({
    path,
    // Names repeat in the trash.
    keyOf: (entry) => entry.path,
    idOf: () => undefined,
    signal: options.signal,
    readPage: async (offset, limit) => {
      const parameters = {
        path,
        limit: String(limit),
        offset: String(offset),
        sort: 'name',
        fields: trashPageFields,
      };
      const what = 'list the trash';
      const { _embedded: page } = await api.read(
        '/trash/resources',
        parameters,
        trashPageReply,
        what,
        options,
      );
      if (!page) throw new Failure('not-a-folder', `Not a folder in the trash: ${path}`, { path });
      return { items: page.items, total: page.total, limit: page.limit };
    },
  });
}

/** Deletes one thing of the trash for good. */
export async function deleteTrashed(
  api: Api,
  path: TrashPath,
  options: ChangeOptions = {},
): Promise<'deleted' | 'gone'> {
  // Without a path, or with that of the trash itself, the call would empty it.
  if (!isTrashed(path)) throw new Failure('invalid', `Not in the trash: ${path}`, { path });
  const asked = { parameters: { path }, what: `delete ${path} for good`, path };
  return orGone(change(api, calls.deleteTrashed, asked, options));
}

/** Deletes everything in the trash for good, also what comes in while it is at it. */
export async function emptyTrash(api: Api, options: ChangeOptions = {}): Promise<void> {
  await change(api, calls.emptyTrash, { parameters: {}, what: 'empty the trash', path: trashRoot }, options);
}

interface RestoreOptions extends ChangeOptions {
  /** Another name, or a whole path from the Disk's root on (`/folder/name`). */
  readonly name?: string | undefined;
  readonly overwrite?: boolean;
}

/**
 * Puts something back where it was; folders that are missing on the way are made again. What lies in a folder that was thrown away
 * cannot be restored by itself. Never sent again after a lost reply unless `look` says that nothing has happened.
 * @throws Failure 'exists' or 'locked' where the name is taken, 'in-doubt'
 */
export async function restoreTrashed(api: Api, path: TrashPath, options: RestoreOptions = {}): Promise<Made> {
  if (!isTrashed(path)) throw new Failure('invalid', `Not in the trash: ${path}`, { path });
  const { name, overwrite = false } = options;
  const parameters = { path, overwrite: String(overwrite), ...(name === undefined ? {} : { name }) };
  return make(api, calls.restore, { parameters, what: `restore ${path}`, path }, options);
}

/** Neither the trash itself nor a way around to it. */
function isTrashed(path: TrashPath): boolean {
  if (!path.startsWith(trashRoot)) return false;
  const names = path.slice(trashRoot.length).split('/');
  return names.every((name) => name !== '' && name !== '.' && name !== '..');
}
