import { withPatience } from '../async/patience.ts';
import { SharedTasks, untilAborted } from '../async/shared-tasks.ts';
import { Failure, failedWith, trashEmptied } from '../errors.ts';

/** The quota, as the Disk tells it. */
interface Quota {
  readonly total_space: number | undefined;
  readonly used_space: number | undefined;
  readonly trash_size: number | undefined;
  readonly max_file_size: number | undefined;
}

/** What drafts that went up, or are still to do so, take of the room on the Disk. */
interface Growth {
  readonly bytes: number;
  readonly sentBytes: number;
}

interface KnownQuota {
  readonly quota: Quota;
  readonly askedAtMs: number;
  /** `Growth.sentBytes` of then: what was sent since, the quota does not count. */
  readonly sentBytes: number;
}

interface Space {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

const freshMs = 10_000;
const askedMs = 30_000;
/** A file manager asks for the room all the time; a server that is slow is not waited for where an older answer does. */
const patienceMs = 2_000;

/** The Disk as a volume: its quota, as the server counts it (the trash is in use), less what is still to go up. */
export class Volume {
  readonly #growth: Growth;
  readonly #readQuota: (signal: AbortSignal) => Promise<Quota>;
  readonly #asking = new SharedTasks<'quota', Quota>();
  #known: KnownQuota | undefined;

  constructor(readQuota: (signal: AbortSignal) => Promise<Quota>, growth: Growth) {
    this.#readQuota = readQuota;
    this.#growth = growth;
  }

  /** As the Disk has just told it: limits are met from the first write on. */
  noteQuota(quota: Quota): void {
    this.#known = { quota, askedAtMs: performance.now(), sentBytes: this.#growth.sentBytes };
  }

  /** As `quota`. */
  async space(signal: AbortSignal): Promise<Space> {
    const quota = await this.quota(signal);
    return { totalBytes: quota.total_space ?? 0, freeBytes: this.#freeBytes(this.#known) ?? 0 };
  }

  /**
   * Before a file grows, by what is known without asking anybody.
   * @throws Failure 'too-large' for the Disk's plan, 'no-space'
   */
  checkGrowth(sizeBytes: number, growthBytes: number): void {
    if (growthBytes <= 0) return;
    const quota = this.#known?.quota;
    // Asked behind the writer's back, for those who write next; a signal for each write would be a timer for each.
    if (!this.#fresh) this.quota(AbortSignal.timeout(askedMs)).catch(() => {});
    if (!quota) return;
    if (quota.max_file_size !== undefined && sizeBytes > quota.max_file_size)
      throw new Failure('too-large', `The Disk takes no file of more than ${quota.max_file_size} bytes`);
    const freeBytes = this.#freeBytes(this.#known);
    if (freeBytes !== undefined && growthBytes > freeBytes)
      throw new Failure('no-space', 'The Disk is full', {
        hint: `Its trash holds ${quota.trash_size ?? 0} bytes, which count: it is ${trashEmptied}`,
      });
  }

  /** As it was asked for a moment ago; undefined where that is too long ago. */
  get #fresh(): Quota | undefined {
    const known = this.#known;
    return known && performance.now() - known.askedAtMs < freshMs ? known.quota : undefined;
  }

  #freeBytes(known: KnownQuota | undefined): number | undefined {
    if (known?.quota.total_space === undefined) return undefined;
    const { bytes, sentBytes } = this.#growth;
    const usedBytes = (known.quota.used_space ?? 0) + sentBytes - known.sentBytes;
    return Math.max(0, known.quota.total_space - usedBytes - bytes);
  }

  /** A few seconds old at most; while the server does not answer, as it was last. @throws Failure when it never answered. */
  async quota(signal: AbortSignal): Promise<Quota> {
    if (this.#fresh) return this.#fresh;
    const now = performance.now();
    const known = this.#known;
    const ask = async (shared: AbortSignal) => {
      const { sentBytes } = this.#growth;
      const quota = await this.#readQuota(shared);
      this.#known = { quota, askedAtMs: now, sentBytes };
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
