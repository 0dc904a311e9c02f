import { expect, test } from 'vitest';
import { makeProject, runScript } from './project-fixture.ts';

test('what src, test or scripts take is alive, through hand-ons too', async () => {
  const root = await makeProject({
    'src/cli/main.ts': `import make, { type Shape } from '../tree/a.ts';\nexport const shape: Shape = make();`,
    'src/tree/a.ts': `export interface Shape { n: 1 }\nexport default () => ({ n: 1 as const });
      export { inner as outer } from './b.ts';\nexport * from './c.ts';`,
    'src/tree/b.ts': `export const inner = 1;\nexport type ByType = 2;`,
    'src/tree/c.ts': `export const starred = 1;`,
    'src/tree/d.ts': `export const lazy = 1;`,
    'src/fuse/native.d.ts': `declare module 'native' { export const call: () => void; }`,
    'test/a.test.ts': `import { outer, starred } from '../src/tree/a.ts';
      type T = import('../src/tree/b.ts').ByType;\nexport const all: T[] = [outer, starred];`,
    'scripts/tool.ts': `const { lazy } = await import('../src/tree/d.ts');\nconsole.log(lazy);`,
  });
  expect(await runScript('check-exports.ts', root)).toEqual({
    exitCode: 0,
    stdout: 'exports: 6 files of src, none exports in vain\n',
    errors: [],
  });
});

test('dead names, dead defaults, dead hand-ons and dead files are told at their line', async () => {
  const root = await makeProject({
    'src/cli/main.ts': `import { used } from '../tree/a.ts';\nused();`,
    'src/tree/a.ts': `export const used = () => own();\nexport const own = () => 1;\nexport type Dead = 1;
export default used;\nexport { far } from './b.ts';\nexport * from './c.ts';`,
    'src/tree/b.ts': `export const far = 1, near = 2;`,
    'src/tree/c.ts': `export const { left, right: [starred] } = { left: 1, right: [2] };`,
    'src/tree/lonely.ts': `export const alone = 1;`,
    'test/a.test.ts': `import { left } from '../src/tree/a.ts';\nimport { near } from '../src/tree/b.ts';\nconsole.log(left, near);`,
  });
  const { exitCode, errors } = await runScript('check-exports.ts', root);
  expect(exitCode).toBe(1);
  expect(errors).toEqual([
    `src/tree/a.ts:2: 'own' is exported, but nobody imports it`,
    `src/tree/a.ts:3: 'Dead' is exported, but nobody imports it`,
    `src/tree/a.ts:4: 'default' is exported, but nobody imports it`,
    `src/tree/a.ts:5: 'far' is exported, but nobody imports it`,
    `src/tree/b.ts:1: 'far' is exported, but nobody imports it`,
    `src/tree/c.ts:1: 'starred' is exported, but nobody imports it`,
    `src/tree/lonely.ts:1: nobody imports this file`,
  ]);
});
