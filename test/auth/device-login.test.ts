import { expect, it } from 'vitest';
import { firstPoll, type OpenCode, waitForGrant } from '../../src/auth/device-login.ts';
import { OAuthClient } from '../../src/auth/oauth-client.ts';
import { abortFailure, Failure } from '../../src/errors.ts';

const app = { id: 'id', secret: 'secret' };
const device = { id: 'device-1', name: 'box' };
const granted = { access_token: 'token', refresh_token: 'refresh', expires_in: 1000 };

/** A word of the service, tokens, or a failure of the network. */
type Said = string | typeof granted | Failure;

/** Answers in turn, the last one again and again, and a clock that only the waits move. */
function scene(answers: readonly Said[], lifeMs = 300_000) {
  let nowMs = 1_000_000;
  const polledAtMs: number[] = [];
  const pending: [number, string | undefined][] = [];
  const oauth = new OAuthClient(async (_route, _form, signal) => {
    if (signal?.aborted) throw abortFailure(signal);
    polledAtMs.push(nowMs - 1_000_000);
    const said = answers[Math.min(polledAtMs.length, answers.length) - 1];
    if (said instanceof Failure) throw said;
    return typeof said === 'string'
      ? { status: 400, text: JSON.stringify({ error: said }) }
      : { status: 200, text: JSON.stringify(said) };
  });
  const code: OpenCode = {
    deviceCode: 'code',
    userCode: 'abcd',
    verificationUrl: 'https://ya.ru/device',
    intervalMs: 5_000,
    lifeMs,
    deadlineMs: nowMs + lifeMs,
  };
  const wait = (signal?: AbortSignal) =>
    waitForGrant(oauth, {
      app,
      device,
      code,
      signal,
      onPending: (remainingMs, problem) => pending.push([remainingMs, problem?.code]),
      clock: {
        now: () => nowMs,
        pause: async (ms, pauseSignal) => {
          if (pauseSignal?.aborted) throw abortFailure(pauseSignal);
          nowMs += ms;
        },
      },
    });
  return { wait, polledAtMs, pending, first: () => firstPoll(oauth, app, device, code) };
}

const offline = new Failure('offline', 'No connection to oauth.yandex.ru (ECONNRESET)');

it('polls at the interval that was asked for, and tells how long is left', async () => {
  const { wait, polledAtMs, pending } = scene(['authorization_pending', 'authorization_pending', granted]);
  expect(await wait()).toMatchObject({ kind: 'granted', tokens: { accessToken: 'token' } });
  expect(polledAtMs).toEqual([5_000, 10_000, 15_000]);
  expect(pending).toEqual([
    [295_000, undefined],
    [290_000, undefined],
  ]);
});

it('polls five seconds less often from each slow_down on', async () => {
  const { wait, polledAtMs } = scene(['slow_down', 'authorization_pending', 'slow_down', granted]);
  expect(await wait()).toMatchObject({ kind: 'granted' });
  expect(polledAtMs).toEqual([5_000, 15_000, 25_000, 40_000]);
});

it.each(['invalid_grant', 'expired_token', 'bad_verification_code'])('takes %s for expired', async (word) => {
  expect(await scene(['authorization_pending', word]).wait()).toEqual({ kind: 'expired' });
});

it('takes a code for expired when its time is over, whatever the service says', async () => {
  const { wait, polledAtMs } = scene(['authorization_pending'], 12_000);
  expect(await wait()).toEqual({ kind: 'expired' });
  // Once more in the last moment: the user may just have confirmed.
  expect(polledAtMs).toEqual([5_000, 10_000, 12_000]);
});

it.each(['access_denied', 'authorization_declined', 'user_denied'])('hears %s', async (word) => {
  expect(await scene([word]).wait()).toMatchObject({ kind: 'denied', failure: { code: 'refused' } });
});

it('tells a wrong secret, and by the first poll at once', async () => {
  expect(await scene(['invalid_client']).wait()).toMatchObject({ kind: 'wrong-app' });
  const { first, polledAtMs } = scene(['invalid_client']);
  expect(await first()).toMatchObject({ kind: 'wrong-app' });
  expect(polledAtMs).toEqual([0]);
  expect(await scene(['authorization_pending']).first()).toBeUndefined();
});

it.each([
  'unauthorized_client',
  'invalid_scope',
  'invalid_request',
])('does not wait after %s', async (word) => {
  await expect(scene([word]).wait()).rejects.toMatchObject({ code: 'refused' });
});

it('goes on through a network that comes and goes', async () => {
  const server = new Failure('server', 'Yandex OAuth has a fault of its own (502)');
  const { wait, pending } = scene([offline, 'authorization_pending', server, offline, granted]);
  expect(await wait()).toMatchObject({ kind: 'granted' });
  expect(pending.map(([, problem]) => problem)).toEqual(['offline', undefined, 'server', 'offline']);
});

it('tells that the network was gone when the time ran out, and nothing else', async () => {
  await expect(scene(['authorization_pending', offline], 20_000).wait()).rejects.toBe(offline);
});

it('ends at once when the user gives up', async () => {
  const stop = new AbortController();
  stop.abort(new Failure('aborted', 'Given up'));
  await expect(scene(['authorization_pending']).wait(stop.signal)).rejects.toMatchObject({ code: 'aborted' });
});
