import { join } from 'node:path';
import { pause } from '../async/pause.ts';
import { askMount } from '../daemon/control-client.ts';
import type { QueueStatus } from '../daemon/control-messages.ts';
import type { RunningMount } from '../daemon/running-mounts.ts';
import { Failure } from '../errors.ts';
import { status as english } from '../words/en/status.ts';
import { outcomesOf } from './mounts-meant.ts';
import { ProgressLine } from './progress-line.ts';
import { isSending } from './status-lines.ts';

/** What is to be on the server: places in a mount, or all of it without places. */
export interface Wanted {
  readonly mount: RunningMount;
  readonly places: readonly string[];
}

interface SendingOptions {
  readonly signal: AbortSignal;
  /** On a terminal. */
  readonly showsProgress: boolean;
  /** Undefined, or longer than a timer can be set to: as long as it takes. */
  readonly timeoutMs?: number | undefined;
}

/** Between two looks whether the Disk is within reach. */
const lookIntervalMs = 750;

/** Node takes more for no time at all. Some 25 days. */
const longestTimerMs = 2 ** 31 - 1;

/** What came of the wait: `sent` is all of what was wanted, without `failures`. */
interface Sent {
  readonly sent: readonly Wanted[];
  readonly failures: readonly Failure[];
}

/**
 * Waits until everything wanted is on the server, and shows on a terminal what is left. A mount that is paused or dead keeps nobody from the wait for the others.
 * @returns failures of the mounts, and 'timed-out', which tells what is left
 * @throws Failure of the signal
 */
export async function eachSent(wanted: readonly Wanted[], options: SendingOptions): Promise<Sent> {
  const { signal, showsProgress, timeoutMs } = options;
  const line = new ProgressLine(showsProgress);
  const late = new AbortController();
  const timer =
    timeoutMs === undefined || timeoutMs > longestTimerMs
      ? undefined
      : setTimeout(() => {
          const message = `Not everything is on the server after ${timeoutMs / 1000} s${leftText(line.left)}`;
          late.abort(
            new Failure('timed-out', message, {
              hint: 'It goes on being sent. yadiskfs status tells how far it is, and what could not be sent.',
            }),
          );
        }, timeoutMs);
  try {
    const flush = ({ mount, places }: Wanted) =>
      askMount(
        mount,
        { command: 'flush', places: [...places] },
        {
          signal: AbortSignal.any([signal, late.signal]),
          onProgress: (queue) => line.show(mount.mountpoint, queue),
        },
      );
    const { given, failures } = await outcomesOf(wanted, flush, signal);
    // Who is late tells of all that are.
    return { sent: given.map(([one]) => one), failures: [...new Set(failures)] };
  } finally {
    clearTimeout(timer);
    line.clear();
  }
}

/** As `eachSent`. @throws Failure of the first that is not sent */
export async function untilSent(wanted: readonly Wanted[], options: SendingOptions): Promise<void> {
  const [failure] = (await eachSent(wanted, options)).failures;
  if (failure) throw failure;
}

/**
 * As `untilSent`, for who wants something of the Disk then: he is told that it is away, where a flush waits until it is back.
 * @throws Failure 'offline' then
 */
export async function untilSentInReach(wanted: Wanted, options: SendingOptions): Promise<void> {
  const over = new AbortController();
  const away = new AbortController();
  const signal = AbortSignal.any([options.signal, away.signal]);
  const looking = untilAway(wanted.mount, AbortSignal.any([options.signal, over.signal])).then(
    () => {
      const path = join(wanted.mount.mountpoint, ...wanted.places);
      away.abort(
        new Failure(
          'offline',
          `No connection to the Disk: what was changed at ${path} waits here until there is one`,
          { path, hint: 'Check the network.' },
        ),
      );
    },
    // Given up, or a mount that does not answer: whoever flushes is told.
    () => {},
  );
  try {
    await untilSent([wanted], { ...options, signal });
  } finally {
    over.abort();
    await looking;
  }
}

/** Resolves when the mount has not found its Disk twice, one after the other. @throws Failure when the signal fires, or the mount does not answer */
async function untilAway(mount: RunningMount, signal: AbortSignal): Promise<void> {
  for (let missed = 0; missed < 2; ) {
    await pause(lookIntervalMs, signal);
    const { state } = await askMount(mount, { command: 'status' }, { signal });
    missed = state === 'offline' ? missed + 1 : 0;
  }
}

/** In English, as failures are: `: 2 files (3.0 MiB) and 1 other change left, 5 sent changes to be looked at once more` */
function leftText(queue: QueueStatus | undefined): string {
  if (!queue) return '';
  const left = isSending(queue) ? `${english.queue(queue)} left` : '';
  const again = queue.unconfirmed > 0 ? english.unconfirmed(queue.unconfirmed) : '';
  const said = [left, again].filter((part) => part !== '').join(', ');
  return said && `: ${said}`;
}

/**
 * Unmounts by `unmount`, which is handed what it has to wait for: that the process behind the mount has sent what is left.
 * @throws Failure of `unmount`, and of what could not be sent: then it is kept for the next mount
 */
export async function withLastSending(
  mount: RunningMount,
  { signal, showsProgress }: SendingOptions,
  unmount: (lastSent: Promise<void>) => Promise<void>,
): Promise<void> {
  const line = new ProgressLine(showsProgress);
  const givenUp = new AbortController();
  const both = AbortSignal.any([signal, givenUp.signal]);
  let onHeard = () => {};
  const heard = new Promise<void>((resolve) => {
    onHeard = resolve;
  });
  const asked = askMount(
    mount,
    { command: 'drain' },
    {
      signal: both,
      onProgress: (queue) => {
        onHeard();
        line.show(mount.mountpoint, queue);
      },
    },
  );
  const lastSent = asked.then(() => {});
  // Whoever waits for it hears of it; `unmount` may fail first.
  lastSent.catch(() => {});
  try {
    // Not before it knows: it would end with the mount.
    await Promise.race([heard, lastSent]);
    await unmount(lastSent);
  } finally {
    givenUp.abort(new Failure('aborted', 'Given up'));
    line.clear();
  }
}
