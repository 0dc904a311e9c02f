/** How a range comes along. Monotonic milliseconds. */
export interface Progress {
  readonly startedAtMs: number;
  firstByteAtMs: number | undefined;
  lastByteAtMs: number;
  bytes: number;
}

/** Nothing at all for this long is worth a second request, whatever others did. */
const leastSilenceMs = 1_000;
/** The same for the first ranges, of which nobody knows yet how long they take: a new connection, redirects. */
const unknownSilenceMs = 2_000;
/** So many times the usual wait for a first byte is silence. */
const silentTimes = 4;
/** A rate is not believed before a range has run for this long; and where the rest comes sooner than this, a new request does not. */
const leastRunningMs = 750;
const leastRestMs = 1_000;
/** Slower than this share of what others reach is slow. */
const slowShare = 0.25;
const remembered = 9;
/** Ranges shorter than this say nothing of a rate. */
const tellingBytes = 256 << 10;

/** Bytes that may be fetched a second time: a store that fills up by a share of what arrives. */
const extraShare = 1 / 16;
const mostExtraBytes = 8 << 20;

/** How fast ranges come in this process: tells a bad connection from a slow network, and bounds what is asked for twice. */
export class Pace {
  #firstByteMs: number | undefined;
  /** Bytes a millisecond, of the ranges that ended last. */
  #rates: number[] = [];
  #extraBytes = mostExtraBytes;

  /** A range came to its end. */
  ended({ startedAtMs, firstByteAtMs, lastByteAtMs, bytes }: Progress): void {
    this.#extraBytes = Math.min(mostExtraBytes, this.#extraBytes + bytes * extraShare);
    if (firstByteAtMs === undefined) return;
    const waitedMs = firstByteAtMs - startedAtMs;
    this.#firstByteMs =
      this.#firstByteMs === undefined ? waitedMs : 0.75 * this.#firstByteMs + 0.25 * waitedMs;
    if (bytes < tellingBytes) return;
    this.#rates = [...this.#rates, bytes / Math.max(1, lastByteAtMs - startedAtMs)].slice(-remembered);
  }

  /**
   * Whether this range is silent, or far slower than others.
   * @param missingBytes what is yet to come of it
   * @param sinceMs somebody waits for it since then
   */
  isSlow(progress: Progress, missingBytes: number, sinceMs: number, nowMs: number): boolean {
    const silenceMs =
      this.#firstByteMs === undefined
        ? unknownSilenceMs
        : Math.max(leastSilenceMs, silentTimes * this.#firstByteMs);
    if (nowMs - Math.max(progress.lastByteAtMs, sinceMs) > silenceMs) return true;
    if (progress.firstByteAtMs === undefined || this.#rates.length === 0) return false;
    const runningMs = nowMs - progress.startedAtMs;
    if (runningMs < leastRunningMs) return false;
    const rate = progress.bytes / runningMs;
    const usualRate = [...this.#rates].sort((a, b) => a - b)[this.#rates.length >> 1] ?? 0;
    return rate < slowShare * usualRate && missingBytes > rate * leastRestMs;
  }

  /** Whether so many bytes may be asked for a second time; if so, they count. */
  spend(sizeBytes: number): boolean {
    if (sizeBytes > this.#extraBytes) return false;
    this.#extraBytes -= sizeBytes;
    return true;
  }
}
