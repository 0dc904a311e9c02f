import { withPatience } from '../async/patience.ts';
import { SharedTasks, untilAborted } from '../async/shared-tasks.ts';
import { failedWith } from '../errors.ts';

/** The quota, as the Disk tells it. */
interface Quota {
  readonly total_space: number | undefined;
  readonly used_space: number | undefined;
  readonly trash_size: number | undefined;
}

interface Space {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

const freshMs = 10_000;
/** A file manager asks for the room all the time; a server that is slow is not waited for where an older answer does. */
const patienceMs = 2_000;

/** The Disk as a volume: its quota, as the server counts it (the trash is in use). */
export class Volume {
  readonly #readQuota: (signal: AbortSignal) => Promise<Quota>;
  readonly #asking = new SharedTasks<'quota', Quota>();
  #known: { readonly quota: Quota; readonly askedAtMs: number } | undefined;

  constructor(readQuota: (signal: AbortSignal) => Promise<Quota>) {
    this.#readQuota = readQuota;
  }

  /** As `quota`. */
  async space(signal: AbortSignal): Promise<Space> {
    const quota = await this.quota(signal);
    const totalBytes = quota.total_space ?? 0;
    return { totalBytes, freeBytes: Math.max(0, totalBytes - (quota.used_space ?? 0)) };
  }

  /** A few seconds old at most; while the server does not answer, as it was last. @throws Failure when it never answered. */
  async quota(signal: AbortSignal): Promise<Quota> {
    const now = performance.now();
    const known = this.#known;
    if (known && now - known.askedAtMs < freshMs) return known.quota;
    const ask = async (shared: AbortSignal) => {
      const quota = await this.#readQuota(shared);
      this.#known = { quota, askedAtMs: now };
      return quota;
    };
    if (!known) return this.#asking.run('quota', ask, signal);
    // Asked again no sooner than after a while, also when the server does not answer.
    this.#known = { ...known, askedAtMs: now };
    const soon = withPatience(this.#asking.run('quota', ask), patienceMs, () => known.quota);
    return untilAborted(soon, signal).catch((error: unknown) => {
      if (failedWith(error, 'aborted')) throw error;
      return known.quota;
    });
  }
}
