import { Failure } from '../errors.ts';
import type { Api, CallOptions } from './api.ts';
import { calls } from './calls.ts';
import { type ChangeOptions, type Made, make } from './changes.ts';
import { linkFields, publicPageFields } from './fields.ts';
import { dataUrl } from './hosts.ts';
import { listAll } from './paged-listing.ts';
import type { DiskPath } from './paths.ts';
import { linkReply, type PublicReply, publicPageReply } from './replies.ts';

/** Somebody's public link. */
export interface PublicPlace {
  /** The link as it was passed on (`https://yadi.sk/d/…`, `https://disk.yandex.ru/i/…`), or its public key. */
  readonly key: string;
  /** Inside of what is public, beginning with `/`. */
  readonly path?: string | undefined;
}

const what = 'show what is behind the public link';

/** What is behind a public link. @throws Failure 'not-found' for a dead link, 'refused' for one with a password. */
export async function readPublic(api: Api, place: PublicPlace, options?: CallOptions): Promise<PublicReply> {
  const parameters = { ...parametersOf(place), limit: '0', fields: publicPageFields };
  const reply = await api.read('/public/resources', parameters, publicPageReply, what, options);
  const { _embedded: _, ...shown } = reply;
  return shown;
}

/** The entries of a public folder. @throws Failure 'not-a-folder' for a file, and as `readPublic` */
export function listPublic(api: Api, place: PublicPlace, options: CallOptions = {}): Promise<PublicReply[]> {
  return listAll<PublicReply>({
    path: place.path ?? '/',
    keyOf: (entry) => entry.name,
    idOf: (entry) => entry.resource_id,
    signal: options.signal,
    readPage: async (offset, limit) => {
      const parameters = {
        ...parametersOf(place),
        limit: String(limit),
        offset: String(offset),
        sort: 'name',
        fields: publicPageFields,
      };
      const { _embedded: page } = await api.read(
        '/public/resources',
        parameters,
        publicPageReply,
        what,
        options,
      );
      if (!page) throw new Failure('not-a-folder', 'The public link is one of a file', { path: place.path });
      return { items: page.items, total: page.total, limit: page.limit };
    },
  });
}

/** A link to download it with; of a folder, a zip. */
export async function readPublicDownloadLink(
  api: Api,
  place: PublicPlace,
  options?: CallOptions,
): Promise<URL> {
  const parameters = { ...parametersOf(place), fields: linkFields };
  const { href } = await api.read(
    '/public/resources/download',
    parameters,
    linkReply,
    'give a link to download from the public link',
    options,
  );
  return dataUrl(href, api.url);
}

interface SavePublicOptions extends ChangeOptions {
  /** The folder to save it in; without one, the Disk's own for downloads. */
  readonly folder?: DiskPath | undefined;
  readonly name?: string | undefined;
}

/**
 * Copies what is public to one's own Disk. A name that is taken gets a number. Never sent again after a lost reply unless `look` says
 * that nothing has happened.
 */
export function savePublic(api: Api, place: PublicPlace, options: SavePublicOptions = {}): Promise<Made> {
  const { folder, name } = options;
  const parameters = {
    ...parametersOf(place),
    ...(folder === undefined ? {} : { save_path: folder }),
    ...(name === undefined ? {} : { name }),
  };
  const asked = { parameters, what: 'save what is behind the public link', path: folder };
  return make(api, calls.savePublic, asked, options);
}

function parametersOf({ key, path }: PublicPlace): Record<string, string> {
  return { public_key: key, ...(path === undefined ? {} : { path }) };
}
