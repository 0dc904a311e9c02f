import { readFile } from 'node:fs/promises';

/*
 * Prints "N passed, N failed" alone on a line, from vitest's JSON report; ends with 1 when anything failed or no test
 * ran. Usage: tsx scripts/test-totals.ts REPORT
 */

/** What is read of the report. */
interface Report {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** A file that cannot be loaded has no failed test, and an error outside any test fails the run alone: each counts one. */
function failures(report: Report): number {
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((result) => result.status !== 'failed'),
  );
  const counted = report.numFailedTests + brokenFiles.length;
  return counted === 0 && !report.success ? 1 : counted;
}

const report: Report | null = await readFile(process.argv[2] ?? '', 'utf8').then(JSON.parse, () => null);
const passed = report?.numPassedTests ?? 0;
const failed = report ? failures(report) : 1;
const skipped = report ? report.numPendingTests + report.numTodoTests : 0;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
if (failed > 0 || passed === 0) process.exitCode = 1;
