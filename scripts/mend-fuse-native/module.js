import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export const VERSION = '2.2.6';

/** Of the `fuse-native.c` in fuse-native 2.2.6 as the registry has it. */
const SOURCE_SHA256 = 'e20f3726f19bc22613377b6b2e1516d8aacec09eca2ae79398cae612db7da7e8';

/**
 * @typedef {object} Module
 * @property {string} folder  fuse-native's own
 * @property {string} source  the text of its C, as published
 * @property {string} library  the libfuse that comes with it
 * @property {readonly string[]} includes  headers of libfuse and of napi-macros
 */

/**
 * Finds the installed fuse-native, or the one in the folder `given`.
 *
 * @param {string} [given]
 * @returns {string | undefined} its folder
 */
export function findModule(given) {
  if (given) return given;
  try {
    return dirname(createRequire(import.meta.url).resolve('fuse-native/package.json'));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} folder
 * @returns {Module}
 * @throws {Error} when it is not what the mending was made for
 */
export function readModule(folder) {
  const require = createRequire(join(folder, 'package.json'));
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (version !== VERSION) throw new Error(`this is made for fuse-native ${VERSION}, and here is ${version}`);
  const source = readFileSync(join(folder, 'fuse-native.c'), 'utf8');
  const hash = sha256(source);
  if (hash !== SOURCE_SHA256) throw new Error(`fuse-native.c is not the one of ${VERSION} (SHA-256 ${hash})`);

  const libfuse = join(dirname(require.resolve('fuse-shared-library-linux/package.json')), 'libfuse');
  const library = join(libfuse, 'lib', 'libfuse.so');
  if (!existsSync(library)) throw new Error(`${library} is missing`);
  const includes = [join(libfuse, 'include'), dirname(require.resolve('napi-macros/napi-macros.h'))];
  return { folder, source, library, includes };
}

/**
 * @param {string | Buffer} bytes
 * @returns {string}
 */
export function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
