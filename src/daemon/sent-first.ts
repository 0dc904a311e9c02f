import { loginNeeded } from '../auth/renewal.ts';
import type { Api } from '../disk-api/api.ts';
import type { Queue } from '../sync/queue.ts';
import { troubleFailure } from '../sync/unsent-failure.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import type { ShownTree } from '../tree/shown-tree.ts';

interface SentFirstParts {
  readonly api: Pick<Api, 'contact' | 'reach'>;
  /** Undefined on a mount for reading only, where nothing is to be sent. */
  readonly queue: Pick<Queue, 'flush'> | undefined;
  readonly local: Pick<LocalTree, 'node'>;
  readonly shown: Pick<ShownTree, 'place'>;
  readonly account: string;
}

const lookIntervalMs = 250;
/** A login that renews itself, or was just stored, is heard of sooner. */
const loginPatienceMs = 2_000;

/**
 * Resolves when a file or folder is on the server as it is here. Who asks is an operation of the kernel, and cannot be interrupted while it waits: so it is
 * told as soon as that will not come about for now. What was to be sent stays, and goes by itself.
 * @throws Failure 'offline' while the Disk is away, 'login-needed', what the Disk says to it, whether that may pass or not; as a flush
 */
export function sentFirst({ api, queue, local, shown, account }: SentFirstParts) {
  return async (id: number, signal: AbortSignal): Promise<void> => {
    if (!queue) return;
    await api.contact.check();
    await api.contact.whileInReach(async (inReach) => {
      const hopeless = new AbortController();
      let hadLoginAtMs = performance.now();
      const timer = setInterval(() => {
        const trouble = local.node(id)?.trouble;
        // Half a file is not waited for.
        if (trouble && trouble.code !== 'unfinished') hopeless.abort(troubleFailure(trouble));
        const nowMs = performance.now();
        if (api.reach !== 'login-needed') hadLoginAtMs = nowMs;
        else if (nowMs - hadLoginAtMs >= loginPatienceMs)
          hopeless.abort(loginNeeded('Nothing can be sent: the login is not valid any more', account));
      }, lookIntervalMs);
      try {
        const place = shown.place(id).join('/');
        await queue.flush([place], AbortSignal.any([inReach, hopeless.signal]));
      } finally {
        clearInterval(timer);
      }
    }, signal);
  };
}
