import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeProject, runScript } from './project-fixture.ts';

/** What the script makes of a report such as vitest writes. */
async function totals(report: object): Promise<[string, number]> {
  const path = join(await makeProject({}), 'report.json');
  const counts = { success: true, numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
  await writeFile(path, JSON.stringify({ ...counts, testResults: [], ...report }));
  const { stdout, exitCode } = await runScript('test-totals.ts', path);
  return [stdout, exitCode];
}

const file = (status: string, ...results: string[]) => ({
  status,
  assertionResults: results.map((result) => ({ status: result })),
});

test('a good run passes, and says what it skipped', async () => {
  expect(await totals({ numPassedTests: 12 })).toEqual(['12 passed, 0 failed\n', 0]);
  expect(await totals({ numPassedTests: 2, numPendingTests: 1, numTodoTests: 1 })).toEqual([
    '2 passed, 0 failed, 2 skipped\n',
    0,
  ]);
});

test('failed tests, files that do not load, and errors outside tests all count', async () => {
  const testResults = [file('failed', 'failed', 'passed'), file('failed'), file('passed', 'passed')];
  expect(await totals({ success: false, numPassedTests: 2, numFailedTests: 1, testResults })).toEqual([
    '2 passed, 2 failed\n',
    1,
  ]);
  expect(await totals({ success: false, numPassedTests: 3 })).toEqual(['3 passed, 1 failed\n', 1]);
});

test('no test and no report are failures', async () => {
  expect(await totals({})).toEqual(['0 passed, 0 failed\n', 1]);
  const { stdout, exitCode } = await runScript('test-totals.ts', '/nonexistent/report.json');
  expect([stdout, exitCode]).toEqual(['0 passed, 1 failed\n', 1]);
});
