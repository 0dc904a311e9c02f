/**
 * `scripts/test --all` runs everything. Without it some groups of tests that go one way under many settings run under a few of them that
 * have the most in common with the others: the whole run is to end within fifteen minutes of two cores.
 */
/** Whether everything is run. */
export const isWhole = process.env['YADISKFS_TESTS'] === 'all';

/** Cases of a group by name: those named where not all are run. @throws Error for a name that is none of them */
export function casesOf<T>(cases: Readonly<Record<string, T>>, usually: readonly string[]): [string, T][] {
  for (const name of usually) if (!(name in cases)) throw new Error(`No such case: ${name}`);
  return Object.entries(cases).filter(([name]) => isWhole || usually.includes(name));
}

/** A number of rounds or runs: more where all is run. */
export function roundsOf(usually: number, whole: number): number {
  return isWhole ? whole : usually;
}
