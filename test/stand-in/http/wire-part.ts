import type { Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { Wire } from '../wire/index.ts';

/** What the handlers use of the wire. */
export type WirePart = Pick<
  Wire,
  'begin' | 'before' | 'requestBody' | 'beforeCommit' | 'respond' | 'close'
> & {
  attach(server: Server | SecureServer, role: string): void;
};
