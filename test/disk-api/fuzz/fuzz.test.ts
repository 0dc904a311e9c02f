import { expect, it } from 'vitest';
import { roundsOf } from '../../all-tests.ts';
import { fuzz } from './fuzz.ts';

it('neither crashes nor hangs nor does harm, whatever is answered', { timeout: 180_000 }, async () => {
  const seed = Math.random().toString(36).slice(2, 10);
  const { cases, mutations, complaints } = await fuzz({
    seed,
    mutations: roundsOf(200, 2_000),
    together: 100,
    patientEvery: Number.POSITIVE_INFINITY,
  });
  console.info(`seed ${seed}: ${cases} calls, ${mutations} mutated replies; \`npm run fuzz\` for more`);
  expect(complaints).toEqual([]);
});
