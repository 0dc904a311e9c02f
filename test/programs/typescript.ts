import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

const project = join(import.meta.dirname, '../..');
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** In the environment of the tests: the folder of what bundles.ts has made. */
export const bundlesVariable = 'YADISKFS_TEST_BUNDLES';

/**
 * What Node is to be given to run a program of ours that is written in TypeScript: its bundle where the tests have made one,
 * else the loader and the program itself.
 */
export function typescript(program: string): readonly string[] {
  const bundles = process.env[bundlesVariable];
  const bundle = bundles && join(bundles, bundleName(program));
  return bundle && existsSync(bundle) ? [bundle] : ['--import', tsx, program];
}

/** Below the folder of the bundles. */
export function bundleName(program: string): string {
  return relative(project, program).replace(/\.ts$/, '.mjs');
}
