import { parseArgs } from 'node:util';
import { exercise } from './exercising.ts';
import { engines, hasFio, verifyByFio } from './fio.ts';

/*
 * The long form of the exerciser: scripts/exercise. One line a seed on stdout; ends with 1 when a file held anything but what it must.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    from: { type: 'string', default: '1' },
    operations: { type: 'string', default: '20000' },
  },
});
const [seeds, from, operations] = [values.seeds, values.from, values.operations].map(Number) as [
  number,
  number,
  number,
];

/** So many operations one after the other, then the mount ends. */
const partOperations = 2_500;

async function attempt(task: () => Promise<string>): Promise<void> {
  try {
    console.log(await task());
  } catch (error) {
    console.log(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

for (let seed = from; seed < from + seeds; seed++) {
  await attempt(async () => {
    const done = await exercise({ seed, operations, parts: Math.ceil(operations / partOperations) });
    const megabytes = (done.bytes / 1e6).toFixed();
    const refused = done.refused.length > 0 ? `; refused by the mount: ${done.refused.join(', ')}` : '';
    return `seed ${seed}: ${operations} operations, ${megabytes} MB right${refused}`;
  });
}
if (await hasFio()) {
  for (const engine of engines) {
    await attempt(async () => {
      await verifyByFio(engine);
      return `fio, ${engine}: right`;
    });
  }
} else {
  console.log('fio is not installed (apt-get install fio): left out');
  process.exitCode = 1;
}
