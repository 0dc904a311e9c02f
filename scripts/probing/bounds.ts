import type { DiskPath } from '../../src/disk-api/paths.ts';

/** Where a run may change something. */
export interface Bounds {
  readonly scratch: DiskPath;
  /** Folders of its own in a folder that somebody shares. */
  readonly borrowed: ReadonlySet<DiskPath>;
}

/** One thing at the top of the trash; never the trash itself, which a DELETE would empty. */
const trashedThing = /^trash:\/[^/]+$/;

/** Which parameters of a call name what is changed by it. */
const naming = ['path', 'from', 'save_path'];

/**
 * Lets a call of the API pass if it changes nothing, or only what is the probe's own. The last line of defence: no question
 * asks for anything else, and none that is written later can.
 * @throws Error for a change of anything that is somebody's.
 */
export function requireWithinBounds(
  method: string,
  route: string,
  parameters: Readonly<Record<string, string>>,
  bounds: Bounds,
): void {
  // A link for an upload is asked for with a GET, and changes something when it is used.
  if (method === 'GET' && route !== '/resources/upload') return;
  const paths = naming.flatMap((name) => parameters[name] ?? []);
  const { name: restoredAs } = parameters;
  if (restoredAs !== undefined) paths.push(restoredAs.startsWith('/') ? `disk:${restoredAs}` : restoredAs);
  const inTrash = route.startsWith('/trash/');
  const isOwn = (path: DiskPath) =>
    isAtOrBeneath(path, bounds.scratch) || [...bounds.borrowed].some((folder) => isAtOrBeneath(path, folder));
  const strange = paths.find((path) => !isOwn(path) && !(inTrash && trashedThing.test(path)));
  if (strange !== undefined || parameters['path'] === undefined)
    throw new Error(`not asked: ${method} ${route} of ${strange ?? 'nothing'}, which is not the probe's`);
}

function isAtOrBeneath(path: DiskPath, folder: DiskPath): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
