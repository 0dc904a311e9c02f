import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const scenesFolder = join(import.meta.dirname, 'scenes');

/**
 * What programs do in a folder: a file of bash that is named after them, with a function `work` and a function `look`. What these print
 * must be the same in a folder of the mount and in one of the local disk, and what `look` prints, after a remount too. Both end with another code than 0 when
 * something is not as it should be.
 *
 * Comments at the head of the file say what else there is to know:
 *
 *   # needs: COMMAND…     what must be installed
 *   # fast                is part of the tests, not of the long form alone
 *   # user                also done as an ordinary user
 *   # alone               on a mount, not on the local disk too
 *   # mount: OPTION…      of the mount
 *   # dates: PATTERN      files and folders whose dates programs have set: they must be the same on both
 *   # differing: PATTERN  files whose bytes are not the same when the work is done twice
 */
export interface Scene {
  readonly name: string;
  readonly file: string;
  readonly needs: readonly string[];
  readonly isFast: boolean;
  readonly isForUsers: boolean;
  readonly isAlone: boolean;
  readonly mountArguments: readonly string[];
  readonly dates: RegExp;
  readonly differing: RegExp;
}

const nothing = /$^/;

export async function allScenes(): Promise<readonly Scene[]> {
  const names = (await readdir(scenesFolder)).filter((name) => name.endsWith('.sh')).sort();
  return Promise.all(names.map((name) => readScene(join(scenesFolder, name), name.slice(0, -'.sh'.length))));
}

async function readScene(file: string, name: string): Promise<Scene> {
  const text = await readFile(file, 'utf8');
  const said = (word: string) => new RegExp(`^# ${word}(?:: (.*))?$`, 'm').exec(text);
  const words = (word: string) => said(word)?.[1]?.split(' ') ?? [];
  const pattern = (word: string) => {
    const given = said(word)?.[1];
    return given === undefined ? nothing : new RegExp(given);
  };
  return {
    name,
    file,
    needs: words('needs'),
    isFast: said('fast') !== null,
    isForUsers: said('user') !== null,
    isAlone: said('alone') !== null,
    mountArguments: words('mount'),
    dates: pattern('dates'),
    differing: pattern('differing'),
  };
}

/** Those of its programs that are not installed here. */
export async function missingFor(scene: Scene): Promise<readonly string[]> {
  const found = await Promise.all(
    scene.needs.map((command) =>
      promisify(execFile)('/bin/sh', ['-c', 'command -v "$1"', 'sh', command]).then(
        () => [],
        () => [command],
      ),
    ),
  );
  return found.flat();
}
