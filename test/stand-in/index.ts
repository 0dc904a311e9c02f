/**
 * A stand-in for Yandex Disk: a loopback server that answers as the real service is known to, for tests and
 * demonstrations.
 *
 * `model/` is the Disk itself, without any network. `content/` holds or computes the bytes. `http/` and `oauth/`
 * are its hosts, `wire/` the network in between, `control/` the strings to pull. Every doubtful behaviour is
 * a setting (settings.ts).
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Clock, runningClock } from './clock.ts';
import { bareWire } from './http/bare-wire.ts';
import { dispatch, roleOf } from './http/dispatch.ts';
import { DownloadLinks } from './http/download-links.ts';
import { type DiskRole, diskRoles, type HostNames, Hosts } from './http/hosts.ts';
import type { Service } from './http/service.ts';
import { Disk } from './model/disk.ts';
import { Model } from './model/model.ts';
import { Tokens } from './oauth/tokens.ts';
import { seededRandom } from './random.ts';
import { completeSettings, type Settings, type SettingsInput } from './settings.ts';

export interface StandInOptions {
  readonly settings?: SettingsInput;
  /** The machine's clock unless told. */
  readonly clock?: Clock;
  /** Same seed, same ids and links. */
  readonly seed?: string;
  /** A token that is valid from the start; `stand-in-token` unless told. */
  readonly token?: string;
  /** Port of the API, or of everything when `names` are given; 0 takes a free one. */
  readonly port?: number;
  /** PEM texts; without them everything is plain HTTP. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer };
  /**
   * Host names by part. With them one port serves every part, told apart by the Host header, and links carry
   * these names. Without them each part has a port of its own on 127.0.0.1.
   */
  readonly names?: HostNames;
}

/** A running stand-in. */
export interface StandIn {
  /** Base of the Disk API, with `/v1/disk`. */
  readonly apiUrl: string;
  readonly oauthUrl: string;
  /** A valid token. */
  readonly token: string;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly model: Model;
  close(): Promise<void>;
}

/** Starts a stand-in; it answers when the promise resolves. */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const settings = completeSettings(options.settings);
  const clock = options.clock ?? runningClock();
  const random = seededRandom(options.seed ?? 'stand-in');
  const disk = new Disk(settings, clock, random);
  const hosts = new Hosts(random);
  const tokens = new Tokens(clock, random);
  const token = options.token ?? 'stand-in-token';
  tokens.issue({ accessToken: token, lifeMs: settings.accessTokenLifeMs });
  const service: Service = {
    disk,
    settings,
    clock,
    random,
    hosts,
    tokens,
    wire: bareWire(),
    links: new DownloadLinks(disk, hosts),
  };
  const servers = await listen(service, options);
  return {
    apiUrl: `${hosts.main('api')}/v1/disk`,
    oauthUrl: hosts.main('oauth'),
    token,
    settings,
    clock,
    model: new Model(disk),
    close: async () => {
      service.wire.close();
      await Promise.all(servers.map(closeServer));
    },
  };
}

async function listen(service: Service, options: StandInOptions): Promise<Server[]> {
  const { tls, names } = options;
  const scheme = tls ? 'https' : 'http';
  const open = async (role: DiskRole, port: number): Promise<[Server, number]> => {
    const listener: RequestListener = (req, res) => {
      void dispatch(service, roleOf(req.headers.host, names ?? {}, role), req, res);
    };
    const server = tls ? createSecureServer(tls, listener) : createServer(listener);
    server.requestTimeout = 0;
    server.keepAliveTimeout = 60_000;
    service.wire.attach(server, role);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return [server, (server.address() as AddressInfo).port];
  };
  if (names) {
    const [server, port] = await open('api', options.port ?? 0);
    const suffix = port === (tls ? 443 : 80) ? '' : `:${port}`;
    for (const role of diskRoles) {
      const roleNames = names[role] ?? [`127.0.0.1`];
      service.hosts.set(
        role,
        roleNames.map((name) => `${scheme}://${name}${suffix}`),
      );
    }
    return [server];
  }
  const servers: Server[] = [];
  for (const role of diskRoles) {
    const [server, port] = await open(role, role === 'api' ? (options.port ?? 0) : 0);
    service.hosts.set(role, [`${scheme}://127.0.0.1:${port}`]);
    servers.push(server);
  }
  return servers;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
