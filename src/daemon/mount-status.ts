import { withPatience } from '../async/patience.ts';
import { pause } from '../async/pause.ts';
import { loginNeeded } from '../auth/renewal.ts';
import type { BlockStore } from '../content/block-store.ts';
import type { Api } from '../disk-api/api.ts';
import { Failure, failedWith } from '../errors.ts';
import type { Volume } from '../fs/volume.ts';
import type { Queue } from '../sync/queue.ts';
import type { QueueReport, SendQueue, WhichDeletions } from '../sync/queue-report.ts';
import type { Freshness } from '../tree/freshness.ts';
import type {
  CacheStats,
  CacheVerdict,
  Limits,
  Located,
  MountStatus,
  PinStatus,
  QueueStatus,
} from './control-messages.ts';
import type { LastSending } from './last-sending.ts';
import type { MountControl } from './mount-control.ts';
import type { Pins } from './pins.ts';
import { programVersion } from './version.ts';
import type { Whereabouts } from './whereabouts.ts';

/** The parts of a drive that know how it stands. */
interface Parts {
  readonly mountpoint: string;
  readonly account: string;
  readonly root: string;
  readonly cacheLimitBytes: number;
  readonly api: Pick<Api, 'reach' | 'outage' | 'counts'> & {
    readonly data: { readonly bandwidth: Record<'up' | 'down', { limit: number }> };
  };
  readonly freshness: Pick<Freshness, 'revision' | 'revisionReadAtMs'>;
  readonly volume: Pick<Volume, 'quota'>;
  readonly store: Pick<BlockStore, 'usedBytes' | 'extentCount' | 'clear' | 'verify'>;
  readonly pins: Pick<Pins, 'pin' | 'unpin' | 'report' | 'counts'>;
  readonly queue: SendQueue;
  /** Undefined for a mount for reading only. */
  readonly sending: Pick<Queue, 'isPaused' | 'pause' | 'resume'> | undefined;
  readonly lastSending: Pick<LastSending, 'ask'>;
  readonly whereabouts: Pick<Whereabouts, 'locate' | 'lookAgain'>;
}

/** Who asks how it stands wants to know now; the quota may be missing. */
const quotaPatienceMs = 1_500;
const progressIntervalMs = 250;
/** A login that was just stored is heard of sooner, and so is one that renews itself. */
const usualLoginPatienceMs = 15_000;

/** A mount as commands see it, put together from its parts. */
export class MountStatusAndQueue implements MountControl {
  readonly #parts: Parts;
  readonly #loginPatienceMs: number;

  constructor(parts: Parts, loginPatienceMs = usualLoginPatienceMs) {
    this.#parts = parts;
    this.#loginPatienceMs = loginPatienceMs;
  }

  async status(signal: AbortSignal): Promise<MountStatus> {
    const { mountpoint, account, root, api, freshness, store, pins, queue, cacheLimitBytes } = this.#parts;
    // First: it may be what tells whether the Disk can be reached.
    const quota = await this.#quota(signal);
    const { unsent, conflicts, ...rest } = queue.report();
    return {
      mountpoint,
      account,
      root,
      state: this.#state,
      outage: api.outage ? { message: api.outage.message, hint: api.outage.hint ?? null } : null,
      queue: queueStatus(rest),
      unsent: unsent.map(({ path, code, message, sinceMs }) => ({
        path,
        code,
        message,
        since: iso(sinceMs),
      })),
      conflicts: conflicts.map(({ path, copy, sinceMs }) => ({ path, copy, since: iso(sinceMs) })),
      quota,
      cache: { usedBytes: store.usedBytes, limitBytes: cacheLimitBytes },
      pins: pinsStatus(pins),
      remote: {
        revision: freshness.revision ?? null,
        checkedAt: freshness.revisionReadAtMs === undefined ? null : iso(freshness.revisionReadAtMs),
      },
      limits: this.#limits,
      requests: { api: api.counts.api, data: api.counts.data },
      version: programVersion(),
      pid: process.pid,
    };
  }

  async flush(
    places: readonly string[],
    signal: AbortSignal,
    onProgress: (queue: QueueStatus) => void,
  ): Promise<void> {
    await this.#whileTelling(onProgress, signal, (both) => this.#parts.queue.flush(places, both));
  }

  async sendDeletions(which: WhichDeletions, signal: AbortSignal): Promise<void> {
    await this.#parts.queue.sendDeletions(which, signal);
  }

  async drain(signal: AbortSignal, onProgress: (queue: QueueStatus) => void): Promise<void> {
    await this.#whileTelling(onProgress, signal, (both) => this.#parts.lastSending.ask(both));
  }

  /** Nothing goes on by itself where a login is needed: whoever waits then is told. */
  async #whileTelling(
    tell: (queue: QueueStatus) => void,
    signal: AbortSignal,
    task: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { api, account, queue } = this.#parts;
    const over = new AbortController();
    const hopeless = new AbortController();
    const done = task(AbortSignal.any([signal, hopeless.signal]));
    let hadLoginAtMs = performance.now();
    const look = () => {
      tell(queueStatus(queue.report()));
      const nowMs = performance.now();
      if (api.reach !== 'login-needed') hadLoginAtMs = nowMs;
      else if (nowMs - hadLoginAtMs >= this.#loginPatienceMs)
        hopeless.abort(loginNeeded('Nothing can be sent: the login is not valid any more', account));
    };
    void tellProgress(look, over.signal);
    await done.finally(() => over.abort());
  }

  retry(places: readonly string[]): number {
    return this.#parts.queue.retry(places);
  }

  discard(place: string): Promise<void> {
    return this.#parts.queue.discard(place);
  }

  async exportTo(folder: string, signal: AbortSignal): Promise<readonly string[]> {
    const { mountpoint } = this.#parts;
    // What is written to the mount would have to be sent itself.
    if (`${folder}/`.startsWith(`${mountpoint}/`))
      throw new Failure('invalid', `Choose a folder outside the mount, not ${folder}`, { path: folder });
    return this.#parts.queue.exportTo(folder, signal);
  }

  pause(): void {
    const { sending, mountpoint } = this.#parts;
    if (sending)
      sending.pause(
        new Failure('local', `Sending is paused: ${mountpoint}`, {
          path: mountpoint,
          hint: `yadiskfs resume '${mountpoint}' lets it go on.`,
        }),
      );
    else throw new Failure('read-only', `Nothing is ever sent from ${mountpoint}: it is for reading only`);
  }

  resume(): void {
    this.#parts.sending?.resume();
  }

  limit({
    upBytesPerSecond,
    downBytesPerSecond,
  }: { [Direction in keyof Limits]: number | undefined }): Limits {
    const { up, down } = this.#parts.api.data.bandwidth;
    up.limit = upBytesPerSecond ?? up.limit;
    down.limit = downBytesPerSecond ?? down.limit;
    return this.#limits;
  }

  cacheStats(): CacheStats {
    const { store, cacheLimitBytes } = this.#parts;
    return { usedBytes: store.usedBytes, limitBytes: cacheLimitBytes, extents: store.extentCount };
  }

  cacheClear(): Promise<number> {
    return this.#parts.store.clear();
  }

  cacheVerify(signal: AbortSignal): Promise<CacheVerdict> {
    return this.#parts.store.verify(signal);
  }

  get #limits(): Limits {
    const { up, down } = this.#parts.api.data.bandwidth;
    return { upBytesPerSecond: up.limit, downBytesPerSecond: down.limit };
  }

  /** A login that is needed is what somebody must know first. */
  get #state(): MountStatus['state'] {
    const { api, sending } = this.#parts;
    return sending?.isPaused && api.reach !== 'login-needed' ? 'paused' : api.reach;
  }

  locate(place: string, signal: AbortSignal): Promise<Located> {
    return this.#parts.whereabouts.locate(place, signal);
  }

  lookAgain(uid: string, paths: readonly string[], signal: AbortSignal): Promise<number> {
    return this.#parts.whereabouts.lookAgain(uid, paths, signal);
  }

  pin(places: readonly string[], signal: AbortSignal): Promise<void> {
    return this.#parts.pins.pin(places, signal);
  }

  unpin(places: readonly string[]): Promise<void> {
    return this.#parts.pins.unpin(places);
  }

  pins(): PinStatus[] {
    return this.#parts.pins.report().map(({ sinceMs, message, ...rest }) => ({
      ...rest,
      message: message ?? null,
      since: iso(sinceMs),
    }));
  }

  /** Waited for no longer than a person likes to wait; what is not known then is null. */
  async #quota(signal: AbortSignal): Promise<MountStatus['quota']> {
    const asked = this.#parts.volume.quota(signal).catch((error: unknown) => {
      if (failedWith(error, 'aborted') && signal.aborted) throw error;
      return undefined;
    });
    const quota = await withPatience(asked, quotaPatienceMs, () => undefined);
    return {
      totalBytes: quota?.total_space ?? null,
      usedBytes: quota?.used_space ?? null,
      trashBytes: quota?.trash_size ?? null,
    };
  }
}

async function tellProgress(tell: () => void, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    tell();
    await pause(progressIntervalMs, over).catch(() => {});
  }
}

function pinsStatus(pins: Pick<Pins, 'counts'>): MountStatus['pins'] {
  const { pins: count, ...rest } = pins.counts();
  return { count, ...rest };
}

/** The lists of a report are the queue's own. */
export function queueStatus({
  uploads,
  uploadBytes,
  operations,
  unconfirmed,
  active,
  waiting,
}: Omit<QueueReport, 'unsent' | 'conflicts'>): QueueStatus {
  return {
    uploads,
    uploadBytes,
    operations,
    unconfirmed,
    active: active.map((upload) => ({ ...upload })),
    waiting: waiting.map(({ untilMs, ...rest }) => ({
      ...rest,
      until: untilMs === undefined ? null : iso(untilMs),
    })),
  };
}

function iso(dateMs: number): string {
  return new Date(dateMs).toISOString();
}
