import { defineConfig } from 'rolldown';

/**
 * The program in a few files, packages and all: most of a start went into opening and compiling some hundreds of small ones.
 * `accounts` took 0.9 s of processor time and takes 0.45 s, `mount` 1.1 s and 0.6 s (bare Node: 0.15 s; 2026-11-26, on a busy
 * machine).
 */
export default defineConfig({
  input: ['src/cli/main.ts', 'src/cli/mount-helper.ts'],
  platform: 'node',
  // The first has a compiled part, the other looks for its translations beside itself. fuse-native is required by name.
  external: ['better-sqlite3', /^yargs(\/|$)/],
  output: {
    // As deep as src/cli: package.json is looked for from there. Names without a hash: a new build leaves nothing of the old.
    dir: 'dist/cli',
    format: 'esm',
    chunkFileNames: '[name].js',
    sourcemap: true,
  },
});
