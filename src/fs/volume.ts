import { SharedTasks } from '../async/shared-tasks.ts';
import type { Api } from '../disk-api/api.ts';
import { readDisk } from '../disk-api/disk.ts';
import type { DiskReply } from '../disk-api/replies.ts';
import { failedWith } from '../errors.ts';

export interface Space {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

const freshMs = 10_000;

/** The Disk as a volume: its quota, as the server counts it (the trash is in use). */
export class Volume {
  readonly #api: Api;
  readonly #asking = new SharedTasks<'disk', DiskReply>();
  #known: { readonly disk: DiskReply; readonly askedAtMs: number } | undefined;

  constructor(api: Api) {
    this.#api = api;
  }

  /** A few seconds old at most; while the server does not answer, as it was last. @throws Failure when it never answered. */
  async space(signal: AbortSignal): Promise<Space> {
    const disk = await this.#disk(signal);
    return { totalBytes: disk.total_space, freeBytes: Math.max(0, disk.total_space - disk.used_space) };
  }

  async #disk(signal: AbortSignal): Promise<DiskReply> {
    const now = performance.now();
    if (this.#known && now - this.#known.askedAtMs < freshMs) return this.#known.disk;
    try {
      const disk = await this.#asking.run(
        'disk',
        (shared) => readDisk(this.#api, { signal: shared }),
        signal,
      );
      this.#known = { disk, askedAtMs: now };
      return disk;
    } catch (error) {
      if (!this.#known || failedWith(error, 'aborted')) throw error;
      this.#known = { disk: this.#known.disk, askedAtMs: now };
      return this.#known.disk;
    }
  }
}
