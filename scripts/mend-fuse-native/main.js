#!/usr/bin/env node
/**
 * Mends the installed fuse-native 2.2.6: builds a corrected copy of its compiled part where the loader looks first,
 * in `build/Release/` of the module, with the libfuse that it is linked with beside it and a stamp.
 *
 * The published files stay as they are. All is made in a folder of its own and moved into place; the stamp comes last,
 * so an interrupted run is done again by the next, two at a time do no harm, and a run after a complete one does
 * nothing.
 *
 * Without a compiler, or on a machine that it was not made for, it says so and is content: a mount works unmended,
 * less well. `--strict` makes that a failure too. `--module DIR` mends another copy of fuse-native.
 */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { applyEdits } from './apply.js';
import { compileAddon, findCompiler, findHeaders } from './compiler.js';
import { EDITS } from './edits.js';
import { findModule, readModule, sha256 } from './module.js';

const NATIVE = fileURLToPath(new URL('native/', import.meta.url));
const ADDON = 'fuse.node';
/** The name that it gives itself, and by which the loader looks for it beside the addon. */
const LIBRARY = 'libfuse.so.2';
const WORKSHOP_PREFIX = 'mending-';
const LEFTOVER_AGE_MS = 600_000;
const OUR_FILES = readdirSync(NATIVE).filter((name) => /\.[ch]$/.test(name));

const { values: options } = parseArgs({
  options: { strict: { type: 'boolean', default: false }, module: { type: 'string' } },
});

const folder = findModule(options.module);
try {
  if (!folder) giveUp('it is not installed');
  else if (process.platform !== 'linux' || process.arch !== 'x64')
    giveUp('it comes with libfuse for Linux on x64 only');
  else mend(folder);
} catch (error) {
  console.error(`fuse-native could not be mended: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

/** @param {string} moduleFolder */
function mend(moduleFolder) {
  const module = readModule(moduleFolder);
  const library = readFileSync(module.library);
  const stamp = stampOf(module.source, library);
  const target = join(moduleFolder, 'build', 'Release');
  const stampFile = join(target, 'mended.stamp');
  const isThere = [ADDON, LIBRARY].every((name) => existsSync(join(target, name)));
  if (isThere && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;

  const compiler = findCompiler();
  const headers = findHeaders();
  if (!compiler) return giveUp('there is no C compiler (package gcc)');
  if (!headers) return giveUp("Node's headers are not found (`npx node-gyp install` brings them)");

  clearLeftovers(moduleFolder);
  // On the same file system as its place, so that each file can be moved there in one step.
  const workshop = mkdtempSync(join(moduleFolder, WORKSHOP_PREFIX));
  try {
    for (const name of OUR_FILES) copyFileSync(join(NATIVE, name), join(workshop, name));
    writeFileSync(join(workshop, 'fuse-native.c'), applyEdits(module.source, EDITS));
    writeFileSync(join(workshop, LIBRARY), library);
    const complaint = compileAddon({
      compiler,
      sources: readdirSync(workshop)
        .filter((name) => name.endsWith('.c'))
        .map((name) => join(workshop, name)),
      includes: [workshop, ...module.includes, headers],
      library: join(workshop, LIBRARY),
      output: join(workshop, ADDON),
    });
    if (complaint) return giveUp(`${compiler} failed: ${complaint}`);
    const flaw = tryAddon(join(workshop, ADDON));
    if (flaw) return giveUp(`what was built does not load: ${flaw}`);

    mkdirSync(target, { recursive: true });
    rmSync(stampFile, { force: true });
    for (const name of [LIBRARY, ADDON]) renameSync(join(workshop, name), join(target, name));
    writeFileSync(stampFile, stamp);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
  console.log('fuse-native is mended');
}

/** What a killed run left behind; a folder that is young may belong to a run beside us. @param {string} folder */
function clearLeftovers(folder) {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(WORKSHOP_PREFIX)) continue;
    const ageMs = Date.now() - statSync(join(folder, name)).mtimeMs;
    if (ageMs > LEFTOVER_AGE_MS) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/**
 * Changes with everything that the result is made of.
 *
 * @param {string} source
 * @param {Buffer} library
 */
function stampOf(source, library) {
  const ours = OUR_FILES.map((name) => readFileSync(join(NATIVE, name), 'utf8'));
  return sha256(JSON.stringify([source, sha256(library), EDITS, OUR_FILES, ours]));
}

/**
 * @param {string} file
 * @returns {string} why it cannot be loaded, or an empty string
 */
function tryAddon(file) {
  const program = 'if (!require(process.argv[1]).mended_version) throw new Error("it is not ours")';
  const { status, stderr } = spawnSync(process.execPath, ['-e', program, file], { encoding: 'utf8' });
  return status === 0 ? '' : stderr.trim() || `node ended with ${status}`;
}

/** @param {string} reason */
function giveUp(reason) {
  console.error(`fuse-native stays as it is: ${reason}. A mount will work, with limits that it names`);
  if (options.strict) process.exitCode = 1;
}
