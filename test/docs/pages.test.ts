import { access, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const there = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

async function pages(): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const names = (await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md'));
  return Promise.all(
    ['README.md', ...names.map((name) => `docs/${name}`)].map(async (name) => ({
      name,
      text: await readFile(join(root, name), 'utf8'),
    })),
  );
}

it('README leads to every page', async () => {
  const all = await pages();
  const readme = all.find(({ name }) => name === 'README.md')?.text ?? '';
  const others = all.map(({ name }) => name).filter((name) => name !== 'README.md');
  expect(others.length).toBeGreaterThan(10);
  expect(others.filter((name) => !readme.includes(name))).toEqual([]);
});

it('links between pages lead somewhere', async () => {
  const dead: string[] = [];
  for (const { name, text } of await pages())
    for (const [, target = ''] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      if (!(await there(resolve(root, name, '..', target)))) dead.push(`${name}: ${target}`);
    }
  expect(dead).toEqual([]);
});

it('the files that architecture, contributing, security and control name are there', async () => {
  const missing: string[] = [];
  let named = 0;
  for (const name of ['architecture', 'contributing', 'security', 'control', 'observing']) {
    const text = await readFile(join(root, 'docs', `${name}.md`), 'utf8');
    const paths = new Set(text.match(/(?<![\w/.-])(?:src|test|scripts)\/[\w./-]*\w/g));
    for (const path of paths) {
      named++;
      if (!(await there(join(root, path)))) missing.push(`${name}: ${path}`);
    }
  }
  // In the drawings without their endings.
  const drawn = await readFile(join(root, 'docs/architecture.md'), 'utf8');
  const modules = new Set(
    drawn.match(/(?<![\w/.-])(?:fuse|fs|sync|tree|content|disk-api|daemon)\/[a-z][a-z-]*(?:\.ts)?(?![\w/])/g),
  );
  for (const module of modules) {
    named++;
    const path = join(root, 'src', module.replace(/\.ts$/, ''));
    if (!(await there(`${path}.ts`)) && !(await there(path))) missing.push(`architecture: ${module}`);
  }
  expect(named).toBeGreaterThan(60);
  expect(missing).toEqual([]);
});
