import { Bandwidth } from '../async/bandwidth.ts';
import { type Leave, RateLimiter } from '../async/rate-limiter.ts';
import type { Priority, Urgency } from '../async/urgency.ts';
import { type KeptConnections, keptConnections } from './http.ts';

/** Connections to all data hosts together: there are hundreds. Eight fill 100 MB/s at 20 MB/s each; the rest is for small files. */
const mostDownloads = 32;
/** To one of them: as many, since a request that waits for a connection behind others waits without a priority. */
const connectionsToOneHost = mostDownloads;
const mostUploads = 32;

/** The hosts that give and take bytes: what all transfers share. */
export class DataHosts {
  /** Limits in bytes a second, that can be changed at any time. */
  readonly bandwidth = { down: new Bandwidth(), up: new Bandwidth() };
  readonly connections: KeptConnections = keptConnections(connectionsToOneHost);
  readonly #places = {
    down: new RateLimiter({ perSecond: 0, concurrency: mostDownloads }),
    up: new RateLimiter({ perSecond: 0, concurrency: mostUploads }),
  };

  /** Waits for a connection to be allowed; the place must be left in the end. @throws Failure when the signal fires. */
  enter(
    direction: 'up' | 'down',
    signal: AbortSignal | undefined,
    priority: Priority | Urgency = 'user',
  ): Promise<Leave> {
    return this.#places[direction].enter(priority, signal);
  }

  close(): void {
    this.connections.destroy();
  }
}
