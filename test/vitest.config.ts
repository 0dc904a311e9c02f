import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    // Most tests wait for a server or a mount; two cores carry three of them.
    maxWorkers: 3,
    // A machine that others use too may be too slow once; what is broken fails twice.
    retry: process.env['CI'] === 'true' ? 1 : 0,
  },
});
