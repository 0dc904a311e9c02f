import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Module } from './modules.ts';

/** Where packages of Node, and archives of nodejs.org, have its licence: seen from the binary. */
const nodeLicences = ['../share/doc/nodejs/LICENSE', '../LICENSE', '../share/doc/nodejs/copyright'];

/** The file `copyright`: our licence, and that of each thing that is in the package. @param node path of its binary */
export async function copyrightText(root: string, modules: readonly Module[], node: string): Promise<string> {
  const parts = [
    'yadiskfs',
    await readFile(join(root, 'LICENSE'), 'utf8'),
    `Node.js ${process.versions.node}, /usr/lib/yadiskfs/node, https://nodejs.org`,
    await firstOf(nodeLicences.map((name) => join(node, '..', name))),
    'libfuse 2.9.9, build/Release/libfuse.so.2 of fuse-native, https://github.com/libfuse/libfuse',
    `Copyright (C) 2001-2007 Miklos Szeredi <miklos@szeredi.hu> and others.
It is free software under the GNU Lesser General Public License, version 2.1, which is in
/usr/share/common-licenses/LGPL-2.1. It is loaded as a shared library and may be replaced by another build
of it. Its source is at the address above, tag fuse-2.9.9.`,
    'SQLite, in build/Release/better_sqlite3.node of better-sqlite3, https://sqlite.org',
    'Its authors have put it into the public domain.',
  ];
  for (const module of modules) {
    parts.push(
      `${module.name} ${module.version} (${module.license}), https://www.npmjs.com/package/${module.name}`,
      await licenceOf(module),
    );
  }
  const sections: string[] = [];
  for (let index = 0; index < parts.length; index += 2)
    sections.push(`${parts[index]}\n${'-'.repeat(72)}\n${(parts[index + 1] ?? '').trim()}\n`);
  return `What is in this package, whose it is, and under which terms.\n\n${sections.join('\n\n')}`;
}

async function licenceOf({ folder, license }: Module): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /^(licen[cs]e|copying)(\.|-|$)/i.test(name)).sort();
  if (names.length === 0) return `${license}; the package has no text of it.`;
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('\n');
}

async function firstOf(files: readonly string[]): Promise<string> {
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
  }
  throw new Error(`the licence of Node.js is in none of ${files.join(', ')}`);
}
