import { readlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseDiskPath } from '../disk-api/paths.ts';
import { Failure } from '../errors.ts';
import { shownName } from '../tree/names.ts';
import { type MountedDisks, mountsOf, type RunningMount } from './running-mounts.ts';

/** Something in a mount. */
interface Place {
  readonly mount: RunningMount;
  /** Path in the mount without a leading slash; empty for the mount itself. */
  readonly place: string;
}

/** As in path_resolution(7). */
const mostLinks = 40;

/**
 * What a PATH on the command line means: a path inside a mount, or `disk:/…`. Links on the way to the mount are followed; the mount itself
 * is not touched.
 * @throws Failure 'local' when that is in no mount of ours, 'invalid' for what is no path of the Disk or in several mounts
 */
export async function findPlace(text: string, disks: MountedDisks): Promise<Place> {
  if (text.startsWith('disk:')) return onTheDisk(text, disks);
  const places = placesOf(disks);
  const path = await intoMount(resolve(text), places);
  const mountpoint = deepestAbove(path, places);
  const mount = disks.mounts.find((one) => one.mountpoint === mountpoint);
  if (mount && !mountsOf(disks).includes(mount)) throw ofAnotherLogin(text, mount);
  if (mount) return { mount, place: below(path, mount.mountpoint) };
  throw mountpoint === undefined ? notMounted(text, disks) : strange(mountpoint);
}

/** What several PATHs mean, one for each mount. @throws Failure as `findPlace` */
export async function placesByMount(
  texts: readonly string[],
  disks: MountedDisks,
): Promise<readonly { readonly mount: RunningMount; readonly places: readonly string[] }[]> {
  const byMountpoint = new Map<string, { readonly mount: RunningMount; readonly places: string[] }>();
  for (const text of texts) {
    const { mount, place } = await findPlace(text, disks);
    const before = byMountpoint.get(mount.mountpoint)?.places ?? [];
    byMountpoint.set(mount.mountpoint, { mount, places: [...before, place] });
  }
  return [...byMountpoint.values()];
}

/** Whether a path of this machine leads into a mounted Disk, anybody's. */
export async function liesInMount(path: string, disks: MountedDisks): Promise<boolean> {
  const places = placesOf(disks);
  return deepestAbove(await intoMount(path, places), places) !== undefined;
}

/** For commands that are about everything that is mounted. @throws Failure 'local' when nothing is */
export function requireMounts(disks: MountedDisks): readonly RunningMount[] {
  const meant = mountsOf(disks);
  if (meant.length > 0) return meant;
  if (disks.account !== undefined && disks.mounts.length > 0) throw noMountOf(disks.account);
  const [stranger] = disks.strangers;
  throw new Failure('local', 'Nothing is mounted', {
    hint:
      stranger === undefined
        ? 'yadiskfs mount DIR mounts the Disk.'
        : `yadiskfs mount DIR mounts the Disk. ${strange(stranger).message}.`,
  });
}

function onTheDisk(text: string, disks: MountedDisks): Place {
  const path = parseDiskPath(text);
  const mounts = mountsOf(disks);
  if (mounts.length === 0 && disks.account !== undefined && disks.mounts.length > 0)
    throw noMountOf(disks.account);
  const showing = mounts
    .filter(({ root }) => isUnder(path, root))
    .sort((one, other) => other.root.length - one.root.length);
  const [mount] = showing;
  // Which is the deepest says nothing of two logins: they are two Disks.
  const stranger = mount && showing.find(({ account }) => account !== mount.account);
  const other = stranger ?? showing.find((each) => each !== mount && each.root.length === mount?.root.length);
  if (mount && other) {
    throw new Failure('invalid', `${path} is mounted at ${mount.mountpoint} and at ${other.mountpoint}`, {
      path,
      hint: stranger
        ? 'Name the path in the mount that you mean, or the login with --account.'
        : 'Name the path in the mount that you mean.',
    });
  }
  if (!mount) {
    throw new Failure('local', `No mount shows ${path}`, {
      path,
      hint:
        mounts.length === 0
          ? 'yadiskfs mount DIR mounts the Disk.'
          : 'yadiskfs status tells what is mounted.',
    });
  }
  return { mount, place: placeIn(path, mount.root) };
}

/** What a path of the Disk is called in a mount of `root`; undefined where such a mount does not show it. @throws Failure 'invalid' */
export function placeBelow(text: string, root: string): string | undefined {
  const path = parseDiskPath(text);
  return isUnder(path, root) ? placeIn(path, root) : undefined;
}

function placeIn(path: string, root: string): string {
  const names = below(path, root).split('/');
  return names.map((name) => (name === '' ? '' : shownName(name))).join('/');
}

function placesOf({ mounts, strangers }: MountedDisks): string[] {
  return [...mounts.map(({ mountpoint }) => mountpoint), ...strangers];
}

/** Follows links name by name, and stops at a mount. */
async function intoMount(path: string, places: readonly string[]): Promise<string> {
  let current = '/';
  let ahead = namesOf(path);
  let links = 0;
  while (ahead.length > 0 && !places.includes(current)) {
    const [name = '', ...rest] = ahead;
    const next = join(current, name);
    const target = places.includes(next) ? undefined : await readlink(next).catch(() => undefined);
    if (target !== undefined && links++ < mostLinks) {
      ahead = [...namesOf(resolve(dirname(next), target)), ...rest];
      current = '/';
    } else {
      ahead = rest;
      current = next;
    }
  }
  return join(current, ...ahead);
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

function deepestAbove(path: string, places: readonly string[]): string | undefined {
  return places.filter((place) => isUnder(path, place)).sort((one, other) => other.length - one.length)[0];
}

function isUnder(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

function below(path: string, folder: string): string {
  return path.slice(folder.length).replace(/^\//, '');
}

function notMounted(text: string, disks: MountedDisks): Failure {
  const path = resolve(text);
  return new Failure('local', `No Disk is mounted at ${path}`, {
    path,
    hint:
      disks.mounts.length === 0
        ? 'Nothing is mounted: yadiskfs mount DIR mounts the Disk.'
        : 'yadiskfs status tells what is mounted.',
  });
}

function ofAnotherLogin(text: string, { mountpoint, account }: RunningMount): Failure {
  const name = account ?? 'not told';
  return new Failure('invalid', `The Disk at ${mountpoint} is mounted with another login (${name})`, {
    path: text,
    hint: 'Leave out --account: the path says which mount is meant.',
  });
}

function noMountOf(account: string): Failure {
  return new Failure('local', `Nothing is mounted with the login ${account}`, {
    hint: 'yadiskfs status tells what is mounted.',
  });
}

function strange(mountpoint: string): Failure {
  return new Failure('local', `The Disk at ${mountpoint} is not served by a mount of yours`, {
    path: mountpoint,
    hint: 'It belongs to another user, or was mounted with another YADISKFS_RUNTIME_DIR.',
  });
}
