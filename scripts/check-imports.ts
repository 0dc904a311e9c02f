import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkImports, sourceFolders } from './checks/import-rules.ts';
import { readSourceTree, report } from './checks/source-tree.ts';

/*
 * Checks that imports point down the floors of src/, that nothing imports in a circle, and that the product imports
 * neither its tests, its tools, nor a package that users do not get. Usage: tsx scripts/check-imports.ts [PROJECT]
 */

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'));
const manifest: { dependencies?: Record<string, string> } = JSON.parse(
  await readFile(join(root, 'package.json'), 'utf8'),
);
const modules = await readSourceTree(root, sourceFolders);
report(
  checkImports(modules, { dependencies: new Set(Object.keys(manifest.dependencies ?? {})) }),
  `imports: ${modules.length} files, all point down`,
);
