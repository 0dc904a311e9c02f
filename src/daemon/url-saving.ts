import { pause } from '../async/pause.ts';
import { readResource } from '../disk-api/folder-listing.ts';
import { childPath, type DiskPath } from '../disk-api/paths.ts';
import { saveUrl } from '../disk-api/save-url.ts';
import { Failure, failedWith } from '../errors.ts';
import { type DiskEntry, diskEntryOf } from './disk-entry.ts';
import type { DiskSession } from './disk-session.ts';

/** What the server has just put somewhere may be seen a moment late. */
const looks = 6;
const lookEveryMs = 500;

/** @throws Failure 'invalid' for what the server could not fetch. It may hold a secret: messages do not repeat it. */
export function parseWebAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.protocol === 'https:' || url.protocol === 'http:')) return url;
  throw new Failure('invalid', 'Not an address that the Disk could download from', {
    hint: 'It begins with https:// or http://',
  });
}

/**
 * Has the server download an address into the Disk, and waits until the file is there. In a folder it gets the last name of the address.
 * @throws Failure 'exists' where something is at the path, 'operation-failed', 'in-doubt' when it is not done in time
 */
export async function saveFromWeb(
  session: DiskSession,
  url: URL,
  path: DiskPath,
  options: { readonly timeoutMs: number; readonly onBegun: (path: DiskPath) => void },
): Promise<DiskEntry> {
  const { api, signal } = session;
  const there = await unlessMissing(readResource(api, path, { signal }));
  let target = path;
  if (there?.type === 'dir') {
    const name = nameIn(url);
    if (name === undefined)
      throw new Failure('invalid', 'The address ends without a name for the file', {
        path,
        hint: 'Name the file, too: disk:/folder/name',
      });
    target = childPath(path, name);
  }
  const taken = target === path ? there : await unlessMissing(readResource(api, target, { signal }));
  if (taken)
    throw new Failure('exists', `The Disk has something there already: ${target}`, {
      path: target,
      hint: 'Name another path, or delete that first.',
    });
  const { timeoutMs, onBegun } = options;
  await saveUrl(api, url.href, target, {
    signal,
    operationMs: timeoutMs,
    onOperation: () => onBegun(target),
  });
  for (let look = 1; look <= looks; look++) {
    const shown = await unlessMissing(readResource(api, target, { signal }));
    if (shown) {
      await session.changed(target);
      return diskEntryOf(shown, target);
    }
    await pause(lookEveryMs, signal);
  }
  await session.changed(target);
  throw new Failure('unsettled', `The Disk has downloaded it, and does not show it at ${target}`, {
    path: target,
    hint: 'It may have another name in that folder.',
  });
}

/** The last name of an address, as it would be saved. */
function nameIn(url: URL): string | undefined {
  const last = url.pathname.split('/').at(-1) ?? '';
  let name = last;
  try {
    name = decodeURIComponent(last);
  } catch {
    // Odd bytes: the name as it stands.
  }
  return name === '' || name === '.' || name === '..' || name.includes('/') ? undefined : name;
}

async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (failedWith(error, 'not-found', 'no-parent')) return undefined;
    throw error;
  }
}
