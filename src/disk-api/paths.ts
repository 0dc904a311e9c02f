import { Failure } from '../errors.ts';

/** `disk:/a/b`: the scheme is always sent, since a name with a colon and no scheme is answered 400. */
export type DiskPath = string;

const diskRoot: DiskPath = 'disk:/';

/** The path of an entry of a folder. */
export function childPath(folder: DiskPath, name: string): DiskPath {
  return folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`;
}

/** `/Photos/2024/`, `disk:/Photos/2024` and `Photos/2024` all name `disk:/Photos/2024`. */
export function parseDiskPath(text: string): DiskPath {
  const bare = text.replace(/^disk:/, '');
  const names = bare.split('/').filter((name) => name !== '');
  if (names.some((name) => name === '.' || name === '..' || name.includes('\0'))) {
    throw new Failure('invalid', `Not a path of the Disk: ${text}`, { path: text });
  }
  return names.reduce(childPath, diskRoot);
}

/**
 * For paths of what is to be changed: something on the Disk, and neither the Disk itself nor a way around to something else.
 * @throws Failure 'invalid'
 */
export function requireEntry(...paths: readonly DiskPath[]): void {
  for (const path of paths) {
    const names = path.startsWith(diskRoot) ? path.slice(diskRoot.length).split('/') : [''];
    if (names.some((name) => name === '' || name === '.' || name === '..'))
      throw new Failure('invalid', `Not a path of something on the Disk: ${path}`, {
        path,
        hint: 'Name a file or folder that is on it, such as disk:/Documents.',
      });
  }
}

/** Query string in the encoding of `encodeURIComponent` (a bare `+` would be read as a space). */
export function queryString(parameters: Readonly<Record<string, string>>): string {
  try {
    return Object.entries(parameters)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join('&');
  } catch (cause) {
    throw new Failure('invalid', 'The name cannot be sent to the Disk: it is not valid Unicode', {
      path: parameters['path'],
      cause,
    });
  }
}
