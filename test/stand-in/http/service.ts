import type { Clock } from '../clock.ts';
import type { Disk } from '../model/disk.ts';
import type { Operations } from '../model/operations.ts';
import type { Grants } from '../oauth/grants.ts';
import type { Token, Tokens } from '../oauth/tokens.ts';
import type { Random } from '../random.ts';
import type { Settings } from '../settings.ts';
import type { Exchange, Reply, Wire } from '../wire/index.ts';
import type { DownloadLinks } from './download-links.ts';
import type { FieldTree } from './fields.ts';
import type { Hosts } from './hosts.ts';
import type { Query } from './query.ts';
import type { RateWindow } from './rate-window.ts';
import type { Uploads } from './uploads.ts';

/** Everything that the endpoints of one stand-in share. */
export interface Service {
  readonly disk: Disk;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly wire: Wire;
  readonly hosts: Hosts;
  readonly links: DownloadLinks;
  readonly rate: RateWindow;
  readonly tokens: Tokens;
  readonly grants: Grants;
  readonly operations: Operations;
  readonly uploads: Uploads;
}

/** One request on its way through an endpoint. */
export interface Call {
  readonly service: Service;
  readonly exchange: Exchange;
  readonly url: URL;
  readonly query: Query;
  readonly fields: FieldTree | null;
  /** Null where an endpoint asks for none. */
  readonly token: Token | null;
  /** The whole body, for the few calls that have a small one. */
  body(): Promise<Buffer>;
}

/** One call of the API. */
export interface Endpoint {
  /** Name in statistics, faults and gates. */
  readonly route: string;
  readonly method: string;
  /** Path below `/v1/disk`. */
  readonly path: string | RegExp;
  /** The right that the token must have; public resources need no token at all. */
  readonly needs: 'info' | 'read' | 'write' | 'any' | 'nothing';
  run(call: Call): Reply | Promise<Reply>;
}
