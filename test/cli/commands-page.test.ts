import { access, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { program, yadiskfs } from '../mount/mounted-disk.ts';

const page = await readFile(new URL('../../docs/commands.md', import.meta.url), 'utf8');

it('docs/commands.md has an example for every command, and for none that is not there', async () => {
  const { stdout } = await yadiskfs({ PATH: process.env['PATH'], HOME: '/nonexistent' }, '--help');
  const there = [...stdout.matchAll(/^ {2}yadiskfs ([a-z-]+)/gm)].map(([, name]) => name);
  expect(there.length, program).toBeGreaterThan(20);
  const examples = page.slice(0, page.indexOf('## What the Disk can do')).split('\n');
  const shown = examples.flatMap((line) =>
    [...line.matchAll(/`yadiskfs ([a-z-]+)/g)].map(([, name]) => name),
  );
  const named = examples.flatMap((line) =>
    line.startsWith('| `')
      ? [...(line.split(' | ')[0] ?? '').matchAll(/`([a-z-]+)/g)].map(([, name]) => name)
      : [],
  );
  expect([...new Set(named)].sort()).toEqual([...new Set(there)].sort());
  for (const name of new Set(named)) if (name !== 'resume') expect(shown).toContain(name);
});

it('the tests that docs/commands.md points to are there', async () => {
  const files = new Set(page.match(/test\/[\w/-]+\.test\.ts/g));
  expect(files.size).toBeGreaterThan(5);
  for (const file of files) await access(new URL(`../../${file}`, import.meta.url));
});
