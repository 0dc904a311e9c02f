import { readResource } from '../disk-api/folder-listing.ts';
import { childPath, type DiskPath, parseDiskPath } from '../disk-api/paths.ts';
import type { TrashedReply } from '../disk-api/replies.ts';
import { deleteTrashed, emptyTrash, listTrash, restoreTrashed } from '../disk-api/trash.ts';
import { Failure, failedWith } from '../errors.ts';
import type { DiskSession } from './disk-session.ts';
import { placeBelow } from './places.ts';

/** Something that was thrown away. */
export interface TrashedThing {
  /** `trash:/…`: names this one and no other. */
  readonly id: string;
  readonly name: string;
  /** Where it was; undefined where the Disk does not tell. */
  readonly originPath: DiskPath | undefined;
  readonly kind: 'file' | 'folder';
  readonly sizeBytes: number | undefined;
  /** ISO 8601 */
  readonly deleted: string | undefined;
}

/** What is in the trash, or in a folder that lies there; what was thrown away last comes first. @throws Failure 'invalid', 'not-found' for what is none */
export async function thingsInTrash({ api, signal }: DiskSession, folder?: string): Promise<TrashedThing[]> {
  if (folder !== undefined && !folder.startsWith('trash:/')) throw notInTrash('invalid', folder);
  const replies = await listTrash(api, folder === undefined ? { signal } : { signal, path: folder }).catch(
    (error: unknown) => {
      throw folder !== undefined && failedWith(error, 'not-found') ? notInTrash('not-found', folder) : error;
    },
  );
  return replies
    .map(thingOf)
    .sort((one, other) => Date.parse(other.deleted ?? '') - Date.parse(one.deleted ?? '') || 0);
}

/**
 * The one thing that a word means: its `trash:/…`, where it was (in a mount, or `disk:/…`), or its name. What a mount has deleted there is sent
 * first, so that it is in the trash.
 * @throws Failure 'not-found'; 'invalid' where several were there, with all of them; 'not-permitted' for what a mount will delete past the trash
 */
export async function oneInTrash(session: DiskSession, text: string): Promise<TrashedThing> {
  const found = await meant(session, text);
  const [first, second] = found;
  if (!first)
    throw new Failure('not-found', `Nothing in the trash was ${text}`, {
      path: text,
      hint: 'yadiskfs trash list shows what is there, and where it was.',
    });
  if (!second) return first;
  const rows = found.map(({ id, deleted, originPath }) =>
    [deleted ?? '', id, originPath ?? ''].join('  ').trim(),
  );
  throw new Failure('invalid', `${found.length} things in the trash were ${text}: which one?`, {
    path: text,
    hint: ['Name one by its trash:/…', ...rows].join('\n'),
  });
}

/**
 * Puts something back.
 * @param target where to; undefined: where it was
 * @returns where it is now
 * @throws Failure 'exists' that tells what is in its place
 */
export async function restoreThing(
  session: DiskSession,
  thing: TrashedThing,
  options: { readonly target: DiskPath | undefined; readonly overwrite: boolean },
): Promise<DiskPath> {
  const { api, signal } = session;
  const { target, overwrite } = options;
  const wanted = target ?? thing.originPath;
  try {
    const { path } = await restoreTrashed(api, thing.id, {
      signal,
      overwrite,
      // A path from the root of the Disk on.
      name: target?.slice('disk:'.length),
      // What is gone from the trash was restored: nobody else knows this path of it.
      look: async () => ((await isInTrash(session, thing)) ? 'unclear' : 'done'),
    });
    const restored = path ?? wanted ?? childPath('disk:/', thing.name);
    await session.changed(restored);
    return restored;
  } catch (error) {
    if (!failedWith(error, 'exists', 'locked', 'is-a-folder') || wanted === undefined) throw error;
    throw (await taken(session, wanted)) ?? error;
  }
}

/** Deletes for good. */
export async function removeThing({ api, signal }: DiskSession, thing: TrashedThing): Promise<void> {
  await deleteTrashed(api, thing.id, { signal });
}

/** Deletes all of it for good. */
export async function emptyAll({ api, signal }: DiskSession, timeoutMs: number): Promise<void> {
  await emptyTrash(api, { signal, operationMs: timeoutMs });
}

/** Where something is to be restored: a name alone means the folder where it was. @throws Failure 'invalid' for no name at all */
export async function restoreTarget(
  session: DiskSession,
  thing: TrashedThing,
  text: string,
): Promise<DiskPath> {
  if (text === '') throw new Failure('invalid', '--as wants a value');
  if (text.includes('/')) return session.wanted(text);
  const folder = thing.originPath?.replace(/\/[^/]*$/, '') ?? 'disk:';
  return parseDiskPath(`${folder}/${text}`);
}

async function meant(session: DiskSession, text: string): Promise<readonly TrashedThing[]> {
  if (text.startsWith('trash:/')) return (await thingsInTrash(session)).filter(({ id }) => id === text);
  if (text.startsWith('disk:')) {
    const path = parseDiskPath(text);
    await session.deletionsSentFirst({ path });
    await session.sentFirst(path);
    return (await thingsInTrash(session)).filter(({ originPath }) => originPath === path);
  }
  const at = await session.sentInMount(text);
  // Else an older thing of that name would be taken for the one that was deleted a moment ago.
  if (!text.includes('/')) await session.deletionsSentFirst({ name: text });
  const things = await thingsInTrash(session);
  const there = things.filter(({ originPath }) => at && placeOf(originPath, at.mount.root) === at.place);
  if (there.length > 0 || text.includes('/')) return there;
  return things.filter(({ name }) => name === text);
}

/** Undefined for what the mount would not show, or has an odd path. */
function placeOf(originPath: DiskPath | undefined, root: DiskPath): string | undefined {
  try {
    return originPath === undefined ? undefined : placeBelow(originPath, root);
  } catch (error) {
    if (failedWith(error, 'invalid')) return undefined;
    throw error;
  }
}

function notInTrash(code: 'invalid' | 'not-found', path: string): Failure {
  return new Failure(code, `Not in the trash: ${path}`, {
    path,
    hint: 'yadiskfs trash list alone shows all of it; a folder that lies there is named by its trash:/…',
  });
}

async function isInTrash({ api, signal }: DiskSession, { id }: TrashedThing): Promise<boolean> {
  return (await listTrash(api, { signal })).some(({ path }) => path === id);
}

/** Undefined where nothing is in the way. */
async function taken({ api, signal }: DiskSession, path: DiskPath): Promise<Failure | undefined> {
  const there = await readResource(api, path, { signal }).catch(() => undefined);
  if (!there) return undefined;
  const what = there.type === 'dir' ? 'a folder' : `a file of ${there.size ?? 'unknown'} bytes`;
  return new Failure('exists', `${what} is at ${path} now (changed ${there.modified ?? 'at some time'})`, {
    path,
    hint: '--as NAME restores it under another name beside that, --overwrite in its place.',
  });
}

function thingOf(reply: TrashedReply): TrashedThing {
  return {
    id: reply.path,
    name: reply.name,
    originPath: reply.origin_path,
    kind: reply.type === 'dir' ? 'folder' : 'file',
    sizeBytes: reply.size,
    deleted: reply.deleted,
  };
}
