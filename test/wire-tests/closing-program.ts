import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Wire } from '../stand-in/wire/index.ts';

/*
 * Leaves everything that a wire can wait for pending, closes the wire and its server, and says so. That the process
 * then ends by itself is what its test looks at.
 */

const wire = new Wire({ settings: { roles: { far: { delayMs: 600_000 } }, downBytesPerSecond: 1 } });
const server = createServer((req, res) => {
  const [, kind = ''] = (req.url ?? '').split('/');
  const exchange = wire.begin(req, res, { route: kind, role: kind === 'far' ? 'far' : 'near' });
  void wire.before(exchange).then(({ kind: passage }) => {
    if (passage === 'continue')
      return wire.respond(exchange, { status: 200, headers: {}, body: Buffer.alloc(1000) });
  });
});
wire.attach(server, 'near');
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
wire.faults.add({ route: 'silent', fault: { kind: 'silence' } });
wire.faults.add({ route: 'late', fault: { kind: 'delay', delayMs: 600_000 } });
wire.faults.add({ route: 'stalled', fault: { kind: 'stall', afterBytes: 0, forMs: 600_000 } });
const gate = wire.hold({ stage: 'before-response', route: 'held' });
const routes = ['far', 'silent', 'late', 'stalled', 'held', 'thin'];
for (const route of routes) get(`http://127.0.0.1:${port}/${route}`, { agent: false }).on('error', () => {});
await gate.arrived();
while (wire.statistics.snapshot().all.count < routes.length) {
  await new Promise((resolve) => setTimeout(resolve, 5));
}
wire.close();
server.close(() => console.log('closed'));
