import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { disagreements, observe } from './observing.ts';

/*
 * The checks on any mount, against this machine's disk: node --import tsx test/posix/main.ts FOLDER [NAME…]
 * Ends with 1 where the folder does otherwise than a mount is known to (differences.ts).
 */

const [folder, ...names] = process.argv.slice(2);
if (folder === undefined) throw new Error('which folder?');
const local = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
try {
  const [there, here] = [await observe(folder, { names }), await observe(local, { names })];
  const found = disagreements(there, here);
  // A free plan takes none of that size.
  const large = 'bytes beyond four gigabytes';
  if (there[large] === 'EFBIG') delete found[large];
  console.log(JSON.stringify(found, undefined, 1));
  console.log(`${Object.keys(there).length} checks, ${Object.keys(found).length} not as known`);
  process.exitCode = Object.keys(found).length > 0 ? 1 : 0;
} finally {
  await rm(local, { recursive: true, force: true });
}
