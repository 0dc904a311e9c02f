import { Api } from '../../src/disk-api/api.ts';
import { readDisk } from '../../src/disk-api/disk.ts';
import { moveResource } from '../../src/disk-api/transfers.ts';

/*
 * Moves something over HTTPS and prints the code of what came of it. A process of its own, because Node takes certificates to trust
 * from the environment at its start. Usage: tsx secure-move.ts URL [warm]
 */

const [url = '', warm] = process.argv.slice(2);
const api = new Api({
  url: new URL(url),
  tokens: { accessToken: async () => 'TOKEN' },
  ratePerSecond: 0,
});
if (warm) await readDisk(api);
const outcome = await moveResource(api, 'disk:/a', 'disk:/b').then(
  () => 'done',
  (error: { code?: string }) => error.code,
);
console.log(outcome);
api.close();
