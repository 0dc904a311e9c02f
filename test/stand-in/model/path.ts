import { Refusal } from './refusal.ts';

/** Which tree a path is in. */
export type Area = 'disk' | 'trash';

/** A path taken apart: names from the root of its tree down, none of them empty. */
export interface DiskPath {
  readonly area: Area;
  readonly names: readonly string[];
}

const schemePattern = /^(disk|app|trash|photounlim):\/?/;

/**
 * Takes apart what a client sent. `/a` and `a` mean `disk:/a`; a trailing slash is ignored.
 * @param appFolder where `app:/` leads.
 * @throws Refusal 400 for a colon without a known scheme before it, 404 for an area that does not exist here.
 */
export function parsePath(text: string, appFolder = 'disk:/'): DiskPath {
  const scheme = schemePattern.exec(text);
  if (!scheme && text.includes(':')) throw new Refusal('FieldValidationError', 'path');
  const names = splitNames(scheme ? text.slice(scheme[0].length) : text);
  switch (scheme?.[1]) {
    case 'app':
      return { area: 'disk', names: [...parsePath(appFolder).names, ...names] };
    case 'trash':
      return { area: 'trash', names };
    case 'photounlim':
      throw new Refusal('DiskNotFoundError', text);
    default:
      return { area: 'disk', names };
  }
}

/** The names of a path without scheme. */
export function splitNames(text: string): string[] {
  return text.split('/').filter((name) => name !== '');
}

/** `disk:/a/b`; `disk:/` for the root. */
export function formatPath(path: DiskPath): string {
  return `${path.area}:/${path.names.join('/')}`;
}

/** The folder that holds the path's last name, and that name; null for a root. */
export function splitLast(path: DiskPath): { readonly folder: DiskPath; readonly name: string } | null {
  const name = path.names.at(-1);
  if (name === undefined) return null;
  return { folder: { area: path.area, names: path.names.slice(0, -1) }, name };
}

/** True if `inner` is `outer` or lies beneath it. */
export function isWithin(inner: DiskPath, outer: DiskPath): boolean {
  return (
    inner.area === outer.area &&
    inner.names.length >= outer.names.length &&
    outer.names.every((name, index) => inner.names[index] === name)
  );
}
