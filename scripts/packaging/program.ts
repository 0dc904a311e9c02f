import { execFile } from 'node:child_process';
import { chmod, copyFile, cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { Module } from './modules.ts';

const run = promisify(execFile);

/** Where all of the program is, below the root of the system. */
export const programFolder = 'usr/lib/yadiskfs';

/** Of modules of which little is needed to run: sources and what other systems need stay behind. */
const parts: Readonly<Record<string, readonly string[]>> = {
  'better-sqlite3': ['lib', 'build/Release/better_sqlite3.node'],
  'fuse-native': ['index.js', 'build/Release/fuse.node', 'build/Release/libfuse.so.2'],
  'fuse-shared-library-linux': ['index.js'],
  'node-gyp-build': ['index.js', 'node-gyp-build.js'],
};

/** What an end user types, and which file of the bundle that is. */
const commands = {
  'usr/bin/yadiskfs': 'main.js',
  'usr/sbin/mount.yadiskfs': 'mount-helper.js',
  'usr/sbin/mount.fuse.yadiskfs': 'mount-helper.js',
} as const;

/**
 * Puts the program together: Node, the bundle, and the modules that are not in it.
 * @param stage becomes the root of the system
 * @param isLight a link to this machine's Node does in place of a copy
 * @returns what is compiled, for its needs to be looked at
 */
export async function stageProgram(
  root: string,
  stage: string,
  modules: readonly Module[],
  isLight: boolean,
): Promise<string[]> {
  const folder = join(stage, programFolder);
  const bundle = join(folder, 'dist/cli');
  await mkdir(bundle, { recursive: true });
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
  for (const name of await readdir(join(root, 'dist/cli')))
    if (name.endsWith('.js')) await copyFile(join(root, 'dist/cli', name), join(bundle, name));
  for (const [command, file] of Object.entries(commands)) {
    await startWithOwnNode(join(bundle, file));
    await mkdir(dirname(join(stage, command)), { recursive: true });
    const target = relative(dirname(command), join(programFolder, 'dist/cli', file));
    await symlink(target, join(stage, command));
  }
  for (const module of modules) await copyModule(module, join(folder, module.place));

  const compiled = (await readdir(folder, { recursive: true }))
    .filter((name) => /\.node$|\.so(\.\d+)?$/.test(name))
    .map((name) => join(folder, name))
    .sort();
  const node = join(folder, 'node');
  if (isLight) await symlink(process.execPath, node);
  else {
    await copyFile(process.execPath, node);
    compiled.push(node);
  }
  for (const file of compiled) {
    // Names that an addon looks up are kept: they are the dynamic ones.
    await run('strip', ['--strip-unneeded', '--remove-section=.comment', '--remove-section=.note', file]);
    await chmod(file, basename(file) === 'node' ? 0o755 : 0o644);
  }
  return compiled;
}

async function copyModule({ name, folder }: Module, target: string): Promise<void> {
  const wanted = parts[name];
  await mkdir(target, { recursive: true });
  await copyFile(join(folder, 'package.json'), join(target, 'package.json'));
  if (wanted) {
    for (const part of wanted) await cp(join(folder, part), join(target, part), { recursive: true });
    return;
  }
  for (const name of await readdir(folder, { recursive: true })) {
    if (!/\.(js|cjs|mjs|json)$/.test(name) || /(^|\/)(node_modules|tests?|examples?)\//.test(name)) continue;
    await mkdir(dirname(join(target, name)), { recursive: true });
    await copyFile(join(folder, name), join(target, name));
  }
}

/** The machine may have another Node, or none. */
async function startWithOwnNode(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/^#!.*\n/, `#!/${programFolder}/node\n`));
  await chmod(file, 0o755);
}
