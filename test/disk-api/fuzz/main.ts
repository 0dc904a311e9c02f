import { parseArgs } from 'node:util';
import { fuzz, fuzzOne } from './fuzz.ts';

/*
 * Mutates replies of the Disk at random and watches that the client neither crashes nor hangs nor does harm.
 * Usage: tsx test/disk-api/fuzz/main.ts [--mutations 10000] [--seed TEXT] [--together 100] | --case ID
 */

const { values } = parseArgs({
  options: {
    mutations: { type: 'string', default: '10000' },
    seed: { type: 'string', default: Math.random().toString(36).slice(2, 10) },
    together: { type: 'string', default: '100' },
    case: { type: 'string' },
  },
});

if (values.case !== undefined) {
  console.log(await fuzzOne(values.case));
} else {
  const startedAtMs = performance.now();
  console.log(`seed ${values.seed}`);
  let cases = 0;
  const { mutations, outcomes, complaints } = await fuzz({
    seed: values.seed,
    mutations: Number(values.mutations),
    together: Number(values.together),
    patientEvery: 20,
    onCase: (id, { call, complaint }) => {
      if (++cases % 1000 === 0) console.log(`${cases} cases`);
      if (complaint !== undefined) console.log(`${id}: ${call} ${complaint}`);
    },
  });
  const tookSec = Math.round((performance.now() - startedAtMs) / 1000);
  console.log(`${cases} calls, ${mutations} mutated replies, ${tookSec} s`);
  console.log(
    Object.entries(outcomes)
      .sort(([, one], [, other]) => other - one)
      .map(([name, count]) => `${name} ${count}`)
      .join(', '),
  );
  for (const { id, complaint } of complaints) if (id === 'somewhere') console.log(complaint);
  console.log(complaints.length === 0 ? 'no complaints' : `${complaints.length} complaints`);
  process.exitCode = complaints.length === 0 ? 0 : 1;
}
