import type { Leave } from '../async/rate-limiter.ts';
import type { DataHosts } from './data-hosts.ts';

/** One of the places among the uploads under way. */
export class UploadPlace {
  readonly #hosts: Pick<DataHosts, 'enter'>;
  #leave: Leave | undefined;

  constructor(hosts: Pick<DataHosts, 'enter'>) {
    this.#hosts = hosts;
  }

  /** Waits for it, unless it is held already. @throws Failure when the signal fires */
  async take(signal: AbortSignal | undefined): Promise<void> {
    this.#leave ??= await this.#hosts.enter('up', signal);
  }

  /** Gives it back; more than once does no harm. */
  leave(): void {
    this.#leave?.();
  }
}
