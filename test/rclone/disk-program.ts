/**
 * The stand-in as a program inside a namespace, with all of the real host names on port 443. Its control interface
 * listens on a Unix socket, which is reached from outside too.
 *
 *   node --import tsx disk-program.ts SOCKET CERT-FILE KEY-FILE OPTIONS-JSON
 *
 * Prints one line of JSON when it answers; ends when its stdin does.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { serveControl } from '../stand-in/control/server.ts';
import { yandexNames } from '../stand-in/http/hosts.ts';
import { type StandInOptions, startStandIn } from '../stand-in/index.ts';

const [socket = '', certFile = '', keyFile = '', options = '{}'] = process.argv.slice(2);
const disk = await startStandIn({
  ...(JSON.parse(options) as StandInOptions),
  port: 443,
  names: yandexNames,
  tls: { cert: readFileSync(certFile), key: readFileSync(keyFile) },
});
const server = createServer((req, res) => void serveControl(disk.control, req, res));
server.listen(socket, () => {
  const { apiUrl, oauthUrl, token } = disk;
  process.stdout.write(`${JSON.stringify({ apiUrl, oauthUrl, token })}\n`);
});
process.stdin.resume().once('end', () => {
  server.close();
  void disk.close().then(() => process.exit(0));
});
