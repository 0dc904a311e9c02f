import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const page = await readFile(new URL('../../docs/security.md', import.meta.url), 'utf8');

/** `test/a.test.ts` "one", "two"; `test/b.test.ts` "three" */
function namedTests(): { readonly file: string; readonly title: string }[] {
  return [...page.matchAll(/`(test\/[\w/-]+\.test\.ts)`((?:,? "[^"\n]+")+)/g)].flatMap(
    ([, file = '', titles = '']) =>
      [...titles.matchAll(/"([^"]+)"/g)].map(([, title = '']) => ({ file, title })),
  );
}

it('docs/security.md names tests that are there, in each line of its tables', async () => {
  const named = namedTests();
  expect(named.length).toBeGreaterThan(40);
  const missing: string[] = [];
  for (const { file, title } of named) {
    const text = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8').catch(() => '');
    if (!text.includes(title)) missing.push(`${file} "${title}"`);
  }
  expect(missing).toEqual([]);
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !/^\| (tried|---)/.test(line));
  expect(rows.length).toBeGreaterThan(30);
  for (const row of rows) expect(row).toMatch(/`test\/[\w/-]+\.test\.ts` "/);
});
