import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findDeadExports } from './checks/dead-exports.ts';
import { sourceFolders } from './checks/import-rules.ts';
import { readSourceTree, report } from './checks/source-tree.ts';

/*
 * Finds what src/ exports and nobody imports, in src, test or scripts. The files behind package.json's `bin` are where
 * the program starts. Usage: tsx scripts/check-exports.ts [PROJECT]
 */

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'));
const manifest: { bin?: Record<string, string> } = JSON.parse(
  await readFile(join(root, 'package.json'), 'utf8'),
);
const entries = Object.values(manifest.bin ?? {}).map((built) =>
  built.replace(/^(?:\.\/)?dist\//, 'src/').replace(/\.js$/, '.ts'),
);
const modules = await readSourceTree(root, sourceFolders);
report(
  findDeadExports(modules, new Set(entries)),
  `exports: ${modules.filter(({ path }) => path.startsWith('src/')).length} files of src, none exports in vain`,
);
