import { pause } from '../async/pause.ts';
import type { Api } from '../disk-api/api.ts';
import { readRevision } from '../disk-api/disk.ts';
import { type Failure, failedWith } from '../errors.ts';
import { concernsAll } from './retry-rules.ts';
import type { SendingHooks } from './sending.ts';
import type { Wake } from './wake.ts';

interface AwayParts {
  readonly api: Api;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly wake: Wake;
  /** Told once when the Disk is away, not at each try. */
  readonly onAway: (failure: Failure) => void;
}

export const firstOfflineMs = 1_000;
export const longestOfflineMs = 30_000;

/**
 * Without a network, and without a login, nothing is begun. When the Disk is away altogether, whoever looks for it (`Contact`) says when it is back;
 * else one small request tells when it is over.
 */
export class Away {
  readonly #parts: AwayParts;
  #tries = 0;
  #untilMs = Number.NEGATIVE_INFINITY;

  constructor(parts: AwayParts) {
    this.#parts = parts;
    // For as long as the client lives, which is as long as the queue does.
    parts.api.contact.onBack(() => {
      this.#untilMs = Number.NEGATIVE_INFINITY;
      parts.wake.now();
    });
  }

  get isAway(): boolean {
    return this.#tries > 0;
  }

  /** Something failed that concerns all. */
  note(failure: Failure): void {
    const { now, wake, onAway } = this.#parts;
    if (this.isAway && now() < this.#untilMs) return;
    if (!this.isAway) onAway(failure);
    this.#tries++;
    const waitMs = Math.min(firstOfflineMs * 2 ** (this.#tries - 1), longestOfflineMs);
    this.#untilMs = now() + waitMs;
    wake.at(waitMs);
  }

  /** Whether something can be begun. @throws Failure when the signal fires */
  async isBack(signal: AbortSignal): Promise<boolean> {
    const { api, now, wake } = this.#parts;
    if (api.contact.isAway) return false;
    if (!this.isAway) return true;
    if (now() < this.#untilMs) {
      wake.at(this.#untilMs - now());
      return false;
    }
    try {
      await readRevision(api, { signal, priority: 'background' });
    } catch (error) {
      if (signal.aborted) throw error;
      if (concernsAll(error)) {
        this.note(error);
        return false;
      }
    }
    this.#tries = 0;
    return true;
  }
}

/** Whose login it is must be known before anything is sent. @throws Failure as `requireOwner`, but for what passes; what the signal says */
export async function untilOwnerKnown(
  { contact }: Pick<Api, 'contact'>,
  { requireOwner }: Pick<SendingHooks, 'requireOwner'>,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await requireOwner(signal);
    } catch (error) {
      if (!concernsAll(error) && !failedWith(error, 'server', 'busy', 'nonsense')) throw error;
      if (contact.isAway) await contact.untilBack(signal);
      else await pause(Math.min(firstOfflineMs * 2 ** tries, longestOfflineMs), signal);
    }
  }
}
