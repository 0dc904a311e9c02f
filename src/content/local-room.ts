import { statfsSync } from 'node:fs';
import { Failure } from '../errors.ts';
import { localFailure } from './block-folder.ts';

/** The disk is asked for free room after so many bytes at the latest (`statfs`: 4 µs); others may have filled it. */
const surveyBytes = 16 << 20;
/** So much is written in our own thread at once … */
const burstBytes = 16 << 20;
/** … and so much a second after that. */
const burstBytesPerSecond = 32 << 20;

/**
 * What the local disk can take: how much, and how fast.
 *
 * Room is kept free (`minFreeBytes`), so that a program hears of a full disk when it writes, while what we must write ourselves (descriptions,
 * the database) still fits.
 *
 * Into the page cache a write of 4 KiB takes 6 µs, one of 128 KiB 25 µs; through the thread pool 30 and 60 µs, half of them in our own
 * thread. But when more is written than the disk takes, the kernel makes writers wait: with 750 MB in a row our thread stood still for up
 * to 90 ms, with the pool for 6 ms at most (2026-11-26, 2 cores, ext4). So short work is done at once, and whoever writes on and on goes
 * through the pool.
 */
export class LocalRoom {
  readonly #folder: string;
  readonly #minFreeBytes: number;
  readonly #now: () => number;
  #spareBytes = 0;
  #sinceSurveyBytes = Number.POSITIVE_INFINITY;
  #creditBytes = burstBytes;
  #creditedAtMs: number;

  /** @param now monotonic milliseconds */
  constructor(folder: string, minFreeBytes: number, now: () => number = () => performance.now()) {
    this.#folder = folder;
    this.#minFreeBytes = minFreeBytes;
    this.#now = now;
    this.#creditedAtMs = now();
  }

  /** To be called before so many bytes are written. @throws Failure 'no-space' when they would go into the reserve */
  take(sizeBytes: number): void {
    if (this.#sinceSurveyBytes + sizeBytes > surveyBytes || this.#spareBytes < sizeBytes) this.#survey();
    if (this.#spareBytes < sizeBytes)
      throw new Failure('no-space', `No room on this machine: the disk of ${this.#folder} is nearly full`, {
        path: this.#folder,
        hint: 'What is written is kept on this machine until it is on the Disk: make room here, or wait until it is sent.',
      });
    this.#spareBytes -= sizeBytes;
    this.#sinceSurveyBytes += sizeBytes;
  }

  /** Whether so many bytes may be written in our own thread; counts them if so. */
  takesAtOnce(sizeBytes: number): boolean {
    const now = this.#now();
    const earnedBytes = ((now - this.#creditedAtMs) / 1000) * burstBytesPerSecond;
    this.#creditBytes = Math.min(burstBytes, this.#creditBytes + earnedBytes);
    this.#creditedAtMs = now;
    if (this.#creditBytes < sizeBytes) return false;
    this.#creditBytes -= sizeBytes;
    return true;
  }

  #survey(): void {
    try {
      const { bavail, bsize } = statfsSync(this.#folder);
      this.#spareBytes = bavail * bsize - this.#minFreeBytes;
    } catch (error) {
      throw localFailure(error, this.#folder);
    }
    this.#sinceSurveyBytes = 0;
  }
}
