import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { Control } from '../control/control.ts';
import { serveControl } from '../control/server.ts';
import { dispatch, roleOf } from './dispatch.ts';
import { type DiskRole, diskRoles, type HostNames } from './hosts.ts';
import type { Service } from './service.ts';

/** PEM texts. */
export interface TlsFiles {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

export interface ListenOptions {
  /** Port of the API, or of all parts when `names` are given; 0 takes a free one. */
  readonly port: number;
  readonly controlPort: number;
  readonly tls: TlsFiles | undefined;
  readonly names: HostNames | undefined;
  /** Where the parts of the Disk listen; the control interface is on the loopback always. */
  readonly address: string;
}

const loopback = '127.0.0.1';
/** Turns of the event loop in which a closed connection is surely noticed at its other end. */
const turnsToHear = 3;

/** Opens the ports of every part and tells `service.hosts` about them. The control interface is always plain HTTP. */
export async function listen(service: Service, control: Control, options: ListenOptions): Promise<Server[]> {
  const servers = options.names
    ? [await listenTogether(service, options, options.names)]
    : await listenApart(service, options);
  const controlServer = createServer((req, res) => void serveControl(control, req, res));
  const port = await opened(controlServer, options.controlPort, loopback);
  service.hosts.set('control', [`http://${loopback}:${port}`]);
  return [...servers, controlServer];
}

/** One port for every part, told apart by the Host header. */
async function listenTogether(service: Service, options: ListenOptions, names: HostNames): Promise<Server> {
  const { tls } = options;
  const server = diskServer(service, 'api', tls, names);
  const port = await opened(server, options.port, options.address);
  const suffix = port === (tls ? 443 : 80) ? '' : `:${port}`;
  for (const role of diskRoles) {
    const origins = (names[role] ?? []).map((name) => `${tls ? 'https' : 'http'}://${name}${suffix}`);
    service.hosts.set(role, origins);
  }
  return server;
}

/** A port for each part. */
async function listenApart(service: Service, { tls, port, address }: ListenOptions): Promise<Server[]> {
  return Promise.all(
    diskRoles.map(async (role) => {
      const server = diskServer(service, role, tls, {});
      const takenPort = await opened(server, role === 'api' ? port : 0, address);
      service.hosts.set(role, [`${tls ? 'https' : 'http'}://${address}:${takenPort}`]);
      return server;
    }),
  );
}

function diskServer(service: Service, role: DiskRole, tls: TlsFiles | undefined, names: HostNames): Server {
  const listener: RequestListener = (req, res) => {
    void dispatch(service, roleOf(req.headers.host, names, role), req, res);
  };
  const server = tls ? createSecureServer(tls, listener) : createServer(listener);
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  service.wire.attach(server, role);
  return server;
}

function opened(server: Server, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => resolve((server.address() as AddressInfo).port));
  });
}

/**
 * Closes a server and every connection to it. Clients in this process have heard of it when the promise resolves:
 * the next server may get the same port, and must not meet connections that they keep alive.
 */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
  for (let turn = 0; turn < turnsToHear; turn += 1) await setImmediate();
}
