import type { DiskPath } from '../disk-api/paths.ts';
import {
  listPublic,
  type PublicPlace,
  readPublic,
  readPublicDownloadLink,
  savePublic,
} from '../disk-api/public-resources.ts';
import type { PublicReply } from '../disk-api/replies.ts';
import { Failure, failedWith } from '../errors.ts';
import { type DiskEntry, diskEntryOf } from './disk-entry.ts';
import type { DiskSession } from './disk-session.ts';

/** What is behind somebody's public link, or at a path in it. */
interface PublicFind {
  readonly entry: DiskEntry;
  /** Of the owner, where the Disk tells it. */
  readonly owner: string | undefined;
  readonly views: number | undefined;
  /** Of a folder. */
  readonly entries: readonly DiskEntry[] | undefined;
}

/** `/d/KEY` and `/i/KEY` on the hosts of the Disk; what follows the key is a path in what is public. */
const linkPath = /^(\/(?:d|i)\/[^/]+)(\/.*)?$/;
const linkHost = /^(?:yadi\.sk|disk\.(?:360\.)?yandex\.[a-z.]{2,6})$/;

/**
 * What a link names: as it is passed on, with a path behind it too (`https://disk.yandex.ru/d/KEY/folder/file`), in its older form
 * (`…/public?hash=KEY`), or the public key alone.
 * @param inner a path in what is public, besides
 * @throws Failure 'invalid'
 */
export function parsePublicLink(link: string, inner?: string): PublicPlace {
  const url = URL.canParse(link) ? new URL(link) : undefined;
  if (!url) {
    // A key is base64, and never a word with a path behind it.
    if (/^[\w+/-]{20,}={0,2}$/.test(link)) return { key: link, path: innerPath('', inner) };
    throw notALink(link);
  }
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  if (!isWeb || !linkHost.test(url.hostname)) throw notALink(link);
  const hash = url.searchParams.get('hash');
  if (/^\/public\/?$/.test(url.pathname) && hash) {
    const [key = '', path = ''] = hash.split(':', 2);
    return { key, path: innerPath(path, inner) };
  }
  const [, key, rest = ''] = linkPath.exec(url.pathname) ?? [];
  if (key === undefined) throw notALink(link);
  return { key: `https://${url.hostname}${key}`, path: innerPath(decoded(rest, link), inner) };
}

/** Shows what is behind a link; of a folder, all that is directly in it. @throws Failure 'not-found', 'refused' */
export async function lookBehind({ api, signal }: DiskSession, place: PublicPlace): Promise<PublicFind> {
  return explained(async () => {
    const reply = await readPublic(api, place, { signal });
    const replies = reply.type === 'dir' ? await listPublic(api, place, { signal }) : undefined;
    return {
      entry: publicEntry(reply),
      owner: reply.owner?.display_name ?? reply.owner?.login,
      views: reply.views_count,
      entries: replies?.map(publicEntry),
    };
  });
}

/** An address to download from, good for some hours; of a folder, a zip. */
export async function publicDownloadLink({ api, signal }: DiskSession, place: PublicPlace): Promise<string> {
  return explained(async () => (await readPublicDownloadLink(api, place, { signal })).href);
}

/**
 * Saves what is behind a link to the Disk of the session; in its own folder for downloads, unless one is named.
 * @returns where, as far as the Disk tells
 */
export async function saveBehind(
  session: DiskSession,
  place: PublicPlace,
  options: {
    readonly folder: DiskPath | undefined;
    readonly name: string | undefined;
    readonly timeoutMs: number;
  },
): Promise<DiskPath | undefined> {
  const { api, signal } = session;
  const { folder, name, timeoutMs } = options;
  const { path } = await explained(() =>
    savePublic(api, place, { signal, folder, name, operationMs: timeoutMs }),
  );
  const changed = path ?? (folder && `${folder.replace(/\/$/, '')}/${name ?? ''}`);
  if (changed) await session.changed(changed);
  return path;
}

/** @throws what the task does; a refusal says what it may mean for somebody else's link */
export async function explained<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (failedWith(error, 'not-found'))
      throw new Failure('not-found', error.message, {
        hint: 'The link may be withdrawn, past its time, or mistyped; or there is no such path behind it.',
        cause: error,
      });
    if (failedWith(error, 'refused'))
      throw new Failure('refused', error.message, {
        hint: 'The owner may have set a password, which this API cannot hand over, or have forbidden downloads.',
        cause: error,
      });
    throw error;
  }
}

function publicEntry(reply: PublicReply): DiskEntry {
  return diskEntryOf(reply, reply.path ?? '/');
}

function innerPath(first: string, second = ''): string | undefined {
  const names = `${first}/${second}`.split('/').filter((name) => name !== '');
  if (names.some((name) => name === '.' || name === '..'))
    throw new Failure('invalid', `Not a path behind a public link: ${names.join('/')}`);
  return names.length === 0 ? undefined : `/${names.join('/')}`;
}

function decoded(text: string, link: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw notALink(link);
  }
}

function notALink(link: string): Failure {
  return new Failure('invalid', `Not a public link of a Disk: ${link}`, {
    hint: 'They look like https://disk.yandex.ru/d/… or https://yadi.sk/i/…',
  });
}
