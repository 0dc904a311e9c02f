import { expect, test } from 'vitest';
import { makeProject, runScript } from './project-fixture.ts';

test('imports that point down pass', async () => {
  const root = await makeProject({
    'src/cli/main.ts': `import { start } from '../daemon/drive.ts';\nstart();`,
    'src/daemon/drive.ts': `import got from 'got';\nimport { readFile } from 'node:fs/promises';
      import { open } from '../fs/handle.ts';\nexport const start = () => [got, readFile, open];`,
    'src/fs/handle.ts': `import { Failure } from '../errors.ts';\nimport type { Node } from '../tree/node.ts';
      export const open = (node: Node) => new Failure(node);`,
    'src/tree/node.ts': `export interface Node { id: number }`,
    'src/errors.ts': `export class Failure { constructor(readonly of: unknown) {} }`,
    'scripts/tool.ts': `import '../src/errors.ts'; import '../test/fake.ts'; import 'anything';`,
    'test/fake.ts': `import '../src/cli/main.ts'; import '../package.json'; import('./' + 'made.ts');
      new URL('../dist/cli/main.js', import.meta.url);`,
  });
  expect(await runScript('check-imports.ts', root)).toEqual({
    exitCode: 0,
    stdout: 'imports: 7 files, all point down\n',
    errors: [],
  });
});

test('siblings and upward imports are refused, in every syntax, at their line', async () => {
  const root = await makeProject({
    'src/fs/a.ts': `\nimport { x } from '../sync/x.ts';\nx();`,
    'src/tree/b.ts': `import type { X } from '../content/x.ts';\nexport type Y = X;`,
    'src/content/x.ts': `export interface X { x: 1 }\n/* 🦊 */ export const load = () => import('../tree/late.ts');`,
    'src/tree/late.ts': `export {};`,
    'src/sync/x.ts': `export const x = () => 1;\n// import '../fs/comment.ts'\n"import '../fs/string.ts'";\nexport * from '../fs/star.ts';`,
    'src/fs/star.ts': `export const star = 1;`,
    'src/disk-api/client.ts': `export type Token = import('../auth/token.ts').Token;`,
    'src/auth/token.ts': `export type Token = string;`,
    'src/async/lock.ts': `new URL('../fs/star.ts', import.meta.url);`,
    'src/errors.ts': `export { late } from './tree/late.ts';`,
  });
  const { exitCode, errors } = await runScript('check-imports.ts', root);
  expect(exitCode).toBe(1);
  expect(errors).toEqual([
    `src/async/lock.ts:1: imports src/fs/star.ts: the floor 'async' may import async, errors.ts, make-folders.ts, not 'fs'`,
    `src/content/x.ts:2: imports src/tree/late.ts: the floor 'content' may import disk-api, database, async, errors.ts, make-folders.ts, not 'tree'`,
    `src/disk-api/client.ts:1: imports src/auth/token.ts: the floor 'disk-api' may import async, errors.ts, make-folders.ts, not 'auth'`,
    `src/errors.ts:1: imports src/tree/late.ts: the floor 'errors.ts' may import async, errors.ts, make-folders.ts, not 'tree'`,
    `src/fs/a.ts:2: imports src/sync/x.ts: the floor 'fs' may import tree, content, async, errors.ts, make-folders.ts, not 'sync'`,
    `src/sync/x.ts:4: imports src/fs/star.ts: the floor 'sync' may import tree, content, disk-api, async, errors.ts, make-folders.ts, not 'fs'`,
    `src/tree/b.ts:1: imports src/content/x.ts: the floor 'tree' may import disk-api, database, async, errors.ts, make-folders.ts, not 'content'`,
  ]);
});

test('the product imports neither tests, tools, nor packages that users do not get', async () => {
  const root = await makeProject({
    'src/fs/a.ts': `import '../../test/fake.ts';\nimport '../../scripts/tool.ts';\nimport { test } from 'vitest';\ntest();`,
    'src/fs/b.ts': `import './gone.ts';\nimport '@scope/name/inner';\nimport('x' + 'y');`,
    'src/extra/c.ts': `export {};`,
    'test/fake.ts': `import '../dist/cli/main.js';`,
    'scripts/tool.ts': ``,
  });
  const { exitCode, errors } = await runScript('check-imports.ts', root);
  expect(exitCode).toBe(1);
  expect(errors).toEqual([
    `src/extra/c.ts:1: 'extra' is no floor of src/: give it a place in the table of scripts/checks/import-rules.ts`,
    `src/fs/a.ts:1: imports test/fake.ts: src/ must not import from test/`,
    `src/fs/a.ts:2: imports scripts/tool.ts: src/ must not import from scripts/`,
    `src/fs/a.ts:3: imports 'vitest', which is not among the dependencies in package.json`,
    `src/fs/b.ts:3: import() of something that is not a plain string`,
    `src/fs/b.ts:1: imports './gone.ts', which does not exist`,
    `src/fs/b.ts:2: imports '@scope/name', which is not among the dependencies in package.json`,
    `test/fake.ts:1: imports dist/cli/main.js: test/ must not import from dist/`,
  ]);
});

test('circles are found through types, hand-ons and import(), the shortest way round', async () => {
  const root = await makeProject({
    'src/tree/a.ts': `import type { B } from './b.ts';\nexport type A = B;`,
    'src/tree/b.ts': `export * from './c.ts';\nexport type B = 1;`,
    'src/tree/c.ts': `export const load = () => import('./a.ts');\nexport { d } from './d.ts';`,
    'src/tree/d.ts': `import { load } from './c.ts';\nexport const d = load;`,
    'test/self.ts': `import './self.ts';`,
    'test/up.ts': `import './self.ts';`,
  });
  const { exitCode, errors } = await runScript('check-imports.ts', root);
  expect(exitCode).toBe(1);
  expect(errors).toEqual([
    'src/tree/a.ts:1: imports in a circle: src/tree/a.ts → src/tree/b.ts → src/tree/c.ts → src/tree/a.ts',
    'test/self.ts:1: imports in a circle: test/self.ts → test/self.ts',
  ]);
});

test('a file that does not parse is told', async () => {
  const root = await makeProject({ 'src/tree/a.ts': `export const a = 1;\nimport from from from;` });
  const { exitCode, errors } = await runScript('check-imports.ts', root);
  expect(exitCode).toBe(1);
  expect(errors[0]).toMatch(/^src\/tree\/a\.ts:2: does not parse: /);
});
