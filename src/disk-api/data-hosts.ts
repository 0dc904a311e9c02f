import { Bandwidth } from '../async/bandwidth.ts';
import { type Leave, type Priority, RateLimiter } from '../async/rate-limiter.ts';
import { type KeptConnections, keptConnections } from './http.ts';

/**
 * Ranges under way. Ten fill 100 MB/s at 20 MB/s each with the round trips between them; what is fetched ahead leaves a fifth of the
 * places to what somebody waits for.
 */
const mostDownloads = 32;
/** To one data host: as many as all together may be, since a request that waits behind others for a connection waits unseen. */
const connectionsToOneHost = 32;
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
    priority: Priority = 'user',
  ): Promise<Leave> {
    return this.#places[direction].enter(priority, signal);
  }

  close(): void {
    this.connections.destroy();
  }
}
