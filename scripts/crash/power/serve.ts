import { createInterface } from 'node:readline';
import { mount } from '../../../src/fuse/binding/mount.ts';
import { seededRandom } from '../../../test/stand-in/random.ts';
import { VolatileDisk } from './volatile-disk.ts';
import { VolatileOperations } from './volatile-operations.ts';

/*
 * Serves a disk that can lose power, from a process of its own: serve.ts FOLDER. Says `ready`; a line `cut SEED` on stdin loses power, and is
 * answered by `cut`. The end of stdin unmounts.
 */

const [folder = ''] = process.argv.slice(2);
const disk = new VolatileDisk();
const served = new VolatileOperations(disk);
// The kernel remembers nothing: after a cut it would be wrong. libfuse's own hiding of open files is left as it is.
const mounted = await mount(folder, served.operations, {
  subtype: 'volatile',
  entryTimeoutSec: 0,
  attrTimeoutSec: 0,
  negativeTimeoutSec: 0,
});
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const seed = /^cut (.+)$/.exec(line)?.[1];
  if (seed === undefined) throw new Error(`No such order: ${line}`);
  served.forgetHandles();
  disk.cut(seededRandom(seed));
  console.log('cut');
}
await mounted.unmount();
process.exit();
