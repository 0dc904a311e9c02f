import { pause } from '../../src/async/pause.ts';

/** Time as the probe sees it. Tests bring one whose waits move the stand-in's clock instead of taking place. */
export interface Clock {
  /** Milliseconds since the epoch, never going back. */
  nowMs(): number;
  /** @throws Failure when the signal fires. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export const realClock: Clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  wait: (ms, signal) => pause(ms, signal),
};

/** How patient the probe is, and how closely it looks. All in milliseconds. */
export interface Pace {
  /** First wait between two looks at something that is to come; later ones grow. */
  readonly pollMs: number;
  readonly longestPollMs: number;
  /** What was not seen after this long is taken for never. */
  readonly patienceMs: number;
  /** After this long a small upload is taken for settled. Clients wait 1.5–3 s. */
  readonly settleMs: number;
  /** Times of the Disk are told in whole seconds: two events this far apart differ. */
  readonly tickMs: number;
}

export const livePace: Pace = {
  pollMs: 300,
  longestPollMs: 3000,
  patienceMs: 20_000,
  settleMs: 5000,
  tickMs: 2100,
};
