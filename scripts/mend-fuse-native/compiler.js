import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * The compiler is called as it is, not through node-gyp: for a few files of C it is twice as fast, and asks for neither
 * Python, make nor a C++ compiler.
 */
const COMPILERS = ['cc', 'gcc', 'clang'];

/** @returns {string | undefined} a C compiler that runs */
export function findCompiler() {
  const candidates = process.env.CC ? [process.env.CC] : COMPILERS;
  return candidates.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
}

/**
 * Where `node_api.h` and `uv.h` are: beside Node as nodejs.org and nvm put it, where packages of the distribution put
 * them, or where node-gyp downloaded them to.
 *
 * @returns {string | undefined}
 */
export function findHeaders() {
  const given = process.env.npm_config_nodedir ?? process.env.npm_package_config_node_gyp_nodedir;
  const caches = process.env.npm_config_devdir ?? join(homedir(), '.cache', 'node-gyp');
  const candidates = [
    ...(given ? [join(given, 'include', 'node'), join(given, 'include')] : []),
    join(dirname(dirname(process.execPath)), 'include', 'node'),
    '/usr/include/node',
    '/usr/include/nodejs/src',
    join(caches, process.versions.node, 'include', 'node'),
  ];
  return candidates.find(
    (folder) => existsSync(join(folder, 'node_api.h')) && existsSync(join(folder, 'uv.h')),
  );
}

/**
 * @param {object} what
 * @param {string} what.compiler
 * @param {readonly string[]} what.sources
 * @param {readonly string[]} what.includes
 * @param {string} what.library  libfuse, to be found beside the result under the name it gives itself
 * @param {string} what.output
 * @returns {string} what the compiler had to say if it failed, or an empty string
 */
export function compileAddon({ compiler, sources, includes, library, output }) {
  const args = [
    ...['-std=gnu11', '-O2', '-fPIC', '-shared', '-pthread', '-fvisibility=hidden', '-Wall'],
    // The file system's sizes are 64 bits for libfuse; the name is what Node's macros register the addon under.
    ...['-D_FILE_OFFSET_BITS=64', '-DNODE_GYP_MODULE_NAME=fuse', '-DNAPI_VERSION=8'],
    ...includes.map((folder) => `-I${folder}`),
    ...sources,
    library,
    ...['-Wl,-rpath,$ORIGIN', '-Wl,-z,relro,-z,now', '-o', output],
  ];
  const { status, stderr, error } = spawnSync(compiler, args, { encoding: 'utf8' });
  if (status === 0) return '';
  return error ? error.message : stderr.trim() || `ended with ${status}`;
}
