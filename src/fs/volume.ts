import { SharedTasks } from '../async/shared-tasks.ts';
import { failedWith } from '../errors.ts';

/** The quota, as the Disk tells it. */
interface Quota {
  readonly total_space: number | undefined;
  readonly used_space: number | undefined;
}

interface Space {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

const freshMs = 10_000;

/** The Disk as a volume: its quota, as the server counts it (the trash is in use). */
export class Volume {
  readonly #readQuota: (signal: AbortSignal) => Promise<Quota>;
  readonly #asking = new SharedTasks<'disk', Quota>();
  #known: { readonly disk: Quota; readonly askedAtMs: number } | undefined;

  constructor(readQuota: (signal: AbortSignal) => Promise<Quota>) {
    this.#readQuota = readQuota;
  }

  /** A few seconds old at most; while the server does not answer, as it was last. @throws Failure when it never answered. */
  async space(signal: AbortSignal): Promise<Space> {
    const disk = await this.#disk(signal);
    const totalBytes = disk.total_space ?? 0;
    return { totalBytes, freeBytes: Math.max(0, totalBytes - (disk.used_space ?? 0)) };
  }

  async #disk(signal: AbortSignal): Promise<Quota> {
    const now = performance.now();
    if (this.#known && now - this.#known.askedAtMs < freshMs) return this.#known.disk;
    try {
      const disk = await this.#asking.run('disk', (shared) => this.#readQuota(shared), signal);
      this.#known = { disk, askedAtMs: now };
      return disk;
    } catch (error) {
      if (!this.#known || failedWith(error, 'aborted')) throw error;
      this.#known = { disk: this.#known.disk, askedAtMs: now };
      return this.#known.disk;
    }
  }
}
