import { expect, it } from 'vitest';
import { sentFirst } from '../../src/daemon/sent-first.ts';
import type { Reach } from '../../src/disk-api/reach.ts';
import { abortFailure } from '../../src/errors.ts';
import type { LocalNode, Trouble } from '../../src/tree/local-node.ts';

const neverAborted = new AbortController().signal;

/** A file that never comes to be on the server. */
function waitFor(at: { readonly reach?: Reach; readonly trouble?: Pick<Trouble, 'code'> }) {
  const trouble = at.trouble && { message: 'No', sinceMs: 0, retryAtMs: 1, ...at.trouble };
  return sentFirst({
    api: {
      reach: at.reach ?? 'online',
      contact: {
        check: async () => {},
        whileInReach: (ask: (signal: AbortSignal) => Promise<unknown>) => ask(neverAborted),
      } as never,
    },
    queue: {
      flush: (_places, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(abortFailure(signal))),
        ),
    },
    local: { node: () => ({ trouble }) as LocalNode },
    shown: { place: () => ['file'] },
    account: 'default',
  })(1, neverAborted);
}

it.each(['server', 'locked', 'no-space'])('whoever waits is told of the last try: %s', async (code) => {
  await expect(waitFor({ trouble: { code } })).rejects.toMatchObject({ code, message: 'No' });
});

it('whoever waits is told that nothing goes without a login', async () => {
  await expect(waitFor({ reach: 'login-needed' })).rejects.toMatchObject({ code: 'login-needed' });
});

it('half a file, which is not sent before somebody says so, is no news', async () => {
  const waiting = waitFor({ trouble: { code: 'unfinished' } });
  const soon = new Promise((resolve) => setTimeout(resolve, 600, 'waits'));
  expect(await Promise.race([waiting, soon])).toBe('waits');
});
