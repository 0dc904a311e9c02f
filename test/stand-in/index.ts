/**
 * A stand-in for Yandex Disk: a loopback server that answers as the real service is known to, for tests,
 * measurements and demonstrations.
 *
 * `model/` is the Disk itself, without any network. `content/` holds or computes the bytes. `http/` and `oauth/`
 * are its hosts, `wire/` is the network in between, `control/` are the strings to pull. Every doubtful behaviour
 * is a setting (settings.ts).
 *
 * ```ts
 * const disk = await startStandIn({ settings: { operationMs: 0 } });
 * disk.control.model.putFile('disk:/a.txt', 'hello');
 * await fetch(`${disk.apiUrl}/resources?path=disk:/`, { headers: { authorization: `OAuth ${disk.token}` } });
 * await disk.close();
 * ```
 */
import { type Clock, runningClock } from './clock.ts';
import { Control } from './control/control.ts';
import { DownloadLinks } from './http/download-links.ts';
import { type HostNames, Hosts } from './http/hosts.ts';
import { closeServer, listen, type TlsFiles } from './http/listeners.ts';
import { RateWindow } from './http/rate-window.ts';
import type { Service } from './http/service.ts';
import { Uploads } from './http/uploads.ts';
import { Disk } from './model/disk.ts';
import type { Model } from './model/model.ts';
import { Operations } from './model/operations.ts';
import { Grants } from './oauth/grants.ts';
import { Tokens } from './oauth/tokens.ts';
import { seededRandom } from './random.ts';
import { completeSettings, type Settings, type SettingsInput } from './settings.ts';
import { type SettingsPatch, Wire } from './wire/index.ts';

export interface StandInOptions {
  readonly settings?: SettingsInput;
  /** Delay, bandwidth and the like of the network. */
  readonly wire?: SettingsPatch;
  /** The machine's clock unless told. It is the Disk's; the wire's delays are always real. */
  readonly clock?: Clock;
  /** Same seed, same ids and links. */
  readonly seed?: string;
  /** A token that is valid from the start; `stand-in-token` unless told. */
  readonly token?: string;
  /** Port of the API, or of every part when `names` are given; a free one unless told. */
  readonly port?: number;
  readonly controlPort?: number;
  /** Without it everything is plain HTTP. */
  readonly tls?: TlsFiles;
  /**
   * Host names by part. With them one port serves every part, told apart by the Host header, and links carry
   * these names. Without them each part has a port of its own on 127.0.0.1.
   */
  readonly names?: HostNames;
  /** Where it listens; 127.0.0.1 unless told. */
  readonly address?: string;
}

/** A running stand-in. */
export interface StandIn {
  /** Base of the Disk API, with `/v1/disk`. */
  readonly apiUrl: string;
  readonly oauthUrl: string;
  /** Base of the control interface, with `/control`. */
  readonly controlUrl: string;
  /** A valid token. */
  readonly token: string;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly control: Control;
  /** The Disk as another client changes it: `control.model`. */
  readonly model: Model;
  /** Delays, faults, gates, statistics: `control.wire`. */
  readonly wire: Wire;
  close(): Promise<void>;
}

/** Starts a stand-in; it answers when the promise resolves. @throws ZodError for settings that are none. */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const settings = completeSettings(options.settings);
  const clock = options.clock ?? runningClock();
  const random = seededRandom(options.seed ?? 'stand-in');
  const disk = new Disk(settings, clock, random);
  const hosts = new Hosts(random);
  const operations = new Operations(disk);
  const service: Service = {
    disk,
    settings,
    clock,
    random,
    hosts,
    operations,
    wire: new Wire({
      random: seededRandom(`wire of ${options.seed ?? 'stand-in'}`),
      ...(options.wire && { settings: options.wire }),
    }),
    links: new DownloadLinks(disk, hosts),
    uploads: new Uploads(disk, hosts, operations),
    tokens: new Tokens(clock, random),
    grants: new Grants(settings, clock, random),
    rate: new RateWindow(clock),
  };
  const token = options.token ?? 'stand-in-token';
  const control = new Control(service, token);
  control.issueToken({ accessToken: token });
  const { port = 0, controlPort = 0, tls, names, address = '127.0.0.1' } = options;
  const servers = await listen(service, control, { port, controlPort, tls, names, address });
  return {
    apiUrl: `${hosts.main('api')}/v1/disk`,
    oauthUrl: hosts.main('oauth'),
    controlUrl: `${hosts.main('control')}/control`,
    token,
    settings,
    clock,
    control,
    model: control.model,
    wire: service.wire,
    close: async () => {
      service.wire.close();
      await Promise.all(servers.map(closeServer));
    },
  };
}
