import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Plugin, rolldown } from 'rolldown';
import { bundleName, bundlesVariable } from './typescript.ts';

/**
 * Once a run: bundles of the programs that tests start most. The loader of TypeScript takes a second of processor time at each
 * start, a bundle a third of that (2026-11-26, on a busy machine); there are some 150 starts.
 */
const project = join(import.meta.dirname, '../..');
const programs = [
  'scripts/benchmark/main.ts',
  'scripts/benchmark/prober.ts',
  'scripts/check-exports.ts',
  'scripts/check-imports.ts',
  'scripts/crash/main.ts',
  'scripts/crash/power/serve.ts',
  'scripts/crash/worker.ts',
  'scripts/probing/main.ts',
  'test/auth/counting-process.ts',
  'test/binding/server.ts',
  'test/content/block-writer.ts',
  'test/disk-api/secure-move.ts',
  'test/programs/main.ts',
  'test/rclone/disk-program.ts',
  'test/stand-in/main.ts',
  'test/wire-tests/closing-program.ts',
];

/** Those with a compiled part stay where they are, as the bundles do not lie where they would be found by name. */
const packagesInPlace: Plugin = {
  name: 'packages in place',
  resolveId: {
    filter: { id: /^(better-sqlite3|fuse-native|rolldown)(\/|$)/ },
    async handler(source, importer) {
      const found = await this.resolve(source, importer, { skipSelf: true });
      return found && { id: found.id, external: 'absolute' };
    },
  },
};

/** What a program starts and reads, it finds by its own address. The checks of imports only speak of it. */
const ownAddresses: Plugin = {
  name: 'own addresses',
  transform: {
    filter: {
      id: { include: /\.ts$/, exclude: [/\/node_modules\//, /\/scripts\/checks\//] },
      code: 'import.meta',
    },
    handler: (code, id) =>
      code
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(id)))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)),
  },
};

export default async function makeBundles(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'yadiskfs-bundles-'));
  await chmod(folder, 0o755); // some programs run as another user
  const input = Object.fromEntries(
    programs.map((program) => [bundleName(join(project, program)), join(project, program)]),
  );
  const bundle = await rolldown({
    input,
    platform: 'node',
    plugins: [packagesInPlace, ownAddresses],
    logLevel: 'warn',
  });
  await bundle.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name]',
    chunkFileNames: 'shared/[name]-[hash].mjs',
  });
  await bundle.close();
  process.env[bundlesVariable] = folder;
  return () => rm(folder, { recursive: true, force: true });
}
