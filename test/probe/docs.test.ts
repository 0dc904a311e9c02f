import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { allQuestions, neverAsked, notDoubtful } from '../../scripts/probing/catalogue.ts';
import { neverAskedTable, questionTable } from '../../scripts/probing/table.ts';
import { completeSettings } from '../stand-in/settings.ts';

const page = await readFile(new URL('../../docs/probe.md', import.meta.url), 'utf8');
const questions = allQuestions({ largeSizesBytes: [100 << 20], shared: undefined, client: undefined });

test('docs/probe.md holds the tables of the questions as they are (scripts/probe --table prints them)', () => {
  expect(page).toContain(questionTable(questions));
  expect(page).toContain(neverAskedTable());
});

test('docs/probe.md names no setting that does not exist', () => {
  const named = [...page.matchAll(/`([a-z]+[A-Z][a-zA-Z]*)`/g)].flatMap(([, name = '']) => name);
  const settings = Object.keys(completeSettings());
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter((name) => !settings.includes(name))).toEqual([]);
});

test('the files that docs/probe.md points to are there', async () => {
  const paths = new Set(
    [...page.matchAll(/`((?:src|test|scripts)\/[\w./-]+\.ts)`/g)].map(([, path = '']) => path),
  );
  expect(paths.size).toBeGreaterThan(8);
  for (const path of paths)
    expect(await readFile(new URL(`../../${path}`, import.meta.url), 'utf8')).not.toBe('');
});

test('every doubtful setting is in a table of docs/probe.md', () => {
  const doubtful = [
    ...questions.flatMap(({ settings }) => settings),
    ...neverAsked.flatMap(({ settings }) => settings),
  ];
  expect(doubtful.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  expect(notDoubtful.filter((name) => page.includes(`\`${name}\``))).toEqual([]);
});
