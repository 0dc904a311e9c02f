import { withPatience } from '../async/patience.ts';
import { Failure, failedWith } from '../errors.ts';

interface ContactOptions {
  /** One small request past `check`. @throws Failure as any request */
  readonly probe: (signal: AbortSignal) => Promise<unknown>;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/** Between a broken connection and the first probe, and after each probe that failed. */
const probeWaitsMs = [500, 2_500, 2_000, 4_000, 8_000];
const longestWaitMs = 10_000;
/** Nothing got through for so long: no hiccup, but no network. A lossy line brings something within that time. */
const doubtMs = 2_500;
/** Whoever asks while the Disk is away has it looked for no more often than this, and waits for the outcome no longer than that. */
const eagerMs = 1_000;
const patienceMs = 400;

/**
 *               (a connection broke)              (a probe failed, and nothing came through for `doubtMs`)
 *   in touch ──────────────────────▶ in doubt ─────────────────────────────────────────────────────────▶ away
 *      ▲                                │                                                                  │
 *      └──(anything was answered)───────┴──────────────────────(a probe was answered)──────────────────────┘
 */
type State =
  | { readonly kind: 'in-touch' }
  | { readonly kind: 'in-doubt' | 'away'; readonly failure: Failure; readonly sinceMs: number };

/**
 * Whether the Disk is within reach: found out once, for all who ask.
 *
 * Hosts that give bytes count as much as the API host: both are behind the same network. While the Disk is away nothing is sent but
 * probes, one at a time; whoever wants something of it is told so (`check`).
 */
export class Contact {
  readonly #probe: ContactOptions['probe'];
  readonly #now: () => number;
  readonly #closed = new AbortController();
  readonly #listeners = new Set<() => void>();
  /** Of those who wait for an answer. */
  readonly #waits = new Set<AbortController>();
  #state: State = { kind: 'in-touch' };
  #timer: NodeJS.Timeout | undefined;
  #isProbing = false;
  #probedAtMs = Number.NEGATIVE_INFINITY;
  #probes = 0;

  constructor({ probe, now = () => performance.now() }: ContactOptions) {
    this.#probe = probe;
    this.#now = now;
  }

  get isAway(): boolean {
    return this.#state.kind === 'away';
  }

  get #isInTouch(): boolean {
    return this.#state.kind === 'in-touch';
  }

  /**
   * Before a request: resolves unless the Disk is away. Whoever comes when it was not looked for just now has it looked for, and is told what that
   * brings if it brings something at once: the first who asks after the network has come back gets what he wants.
   * @throws Failure 'offline' while the Disk is away
   */
  async check(): Promise<void> {
    if (this.#state.kind !== 'away') return;
    if (!this.#isProbing && this.#now() - this.#probedAtMs >= eagerMs) {
      clearTimeout(this.#timer);
      await withPatience(this.#look(), patienceMs, () => {});
    }
    if (this.#state.kind === 'away') throw away(this.#state.failure);
  }

  /**
   * A question that can be asked again: not waited for any longer once others have found out that the Disk is away.
   * @throws Failure 'offline' then
   */
  async whileInReach<T>(
    ask: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    // Since it was let through by `check`.
    if (this.#state.kind === 'away' && !signal?.aborted) throw away(this.#state.failure);
    const wait = new AbortController();
    const end = () => wait.abort(signal?.reason);
    if (signal?.aborted) end();
    signal?.addEventListener('abort', end, { once: true });
    this.#waits.add(wait);
    try {
      return await ask(wait.signal);
    } catch (error) {
      // Whatever has become of the Disk by now: nobody but us has ended the wait.
      throw wait.signal.aborted && !signal?.aborted ? wait.signal.reason : error;
    } finally {
      this.#waits.delete(wait);
      signal?.removeEventListener('abort', end);
    }
  }

  /** Somebody has answered for the Disk, be it with a refusal. */
  noteAnswer(): void {
    if (this.#state.kind === 'in-touch') return;
    const wasAway = this.isAway;
    this.#state = { kind: 'in-touch' };
    clearTimeout(this.#timer);
    if (wasAway) for (const listener of [...this.#listeners]) listener();
  }

  /** A request failed: one that found no connection is a reason to look. */
  noteFailure(error: unknown): void {
    if (!failedWith(error, 'offline') || this.#state.kind !== 'in-touch') return;
    this.#state = { kind: 'in-doubt', failure: error, sinceMs: this.#now() };
    this.#probes = 0;
    this.#lookLater();
  }

  /** Told each time that the Disk is back after it was away. @returns what ends that */
  onBack(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves at once unless the Disk is away, else when it is back or the signal fires. */
  async untilBack(signal: AbortSignal): Promise<void> {
    if (!this.isAway || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        forget();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const forget = this.onBack(end);
      signal.addEventListener('abort', end, { once: true });
    });
  }

  /** No more probes. */
  close(): void {
    clearTimeout(this.#timer);
    this.#closed.abort(new Failure('aborted', 'The client is closed'));
  }

  #lookLater(): void {
    if (this.#closed.signal.aborted) return;
    clearTimeout(this.#timer);
    const waitMs = probeWaitsMs[this.#probes] ?? longestWaitMs;
    this.#timer = setTimeout(() => void this.#look(), waitMs).unref();
  }

  async #look(): Promise<void> {
    if (this.#isProbing || this.#isInTouch) return;
    this.#isProbing = true;
    const { signal } = this.#closed;
    try {
      await this.#probe(signal);
      this.noteAnswer();
    } catch (error) {
      if (!signal.aborted) this.#onProbeFailed(error);
    } finally {
      this.#isProbing = false;
      this.#probedAtMs = this.#now();
      this.#probes++;
      if (!this.#isInTouch) this.#lookLater();
    }
  }

  #onProbeFailed(error: unknown): void {
    if (!failedWith(error, 'offline')) {
      this.noteAnswer();
      return;
    }
    const state = this.#state;
    if (state.kind !== 'in-doubt' || this.#now() - state.sinceMs < doubtMs) return;
    this.#state = { ...state, kind: 'away', failure: error };
    for (const wait of [...this.#waits]) wait.abort(away(error));
  }
}

function away(failure: Failure): Failure {
  const { message, hint } = failure;
  return new Failure('offline', message, { hint, cause: failure });
}
