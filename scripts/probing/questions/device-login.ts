import { z } from 'zod';
import { type Bench, type Reply, Unexpected, wordsOf } from '../bench.ts';
import { type DeviceCode, deviceCodeRequest, type OAuthClient, pollDevice } from '../device-login.ts';
import { type Answer, oneOf, type Question } from '../question.ts';

const tokenShape = z.object({ access_token: z.string(), refresh_token: z.string(), expires_in: z.number() });
type Tokens = z.infer<typeof tokenShape>;

/** What needs a person at the verification page: refusing, allowing, and what can be asked with the tokens then. */
export function deviceLogin(client: OAuthClient): Question {
  return {
    id: 'device-login',
    title:
      'What does the login answer when the person says no; what does a refresh bring and what does it end?',
    settings: [
      'deviceDenied',
      'accessTokenLifeMs',
      'refreshKeepsAccessToken',
      'refreshTokenRotates',
      'oldRefreshTokenDies',
      'refreshNeedsSecret',
    ],
    promises: ['login', 'login-lasts'],
    needs: 'oauth',
    requests: 160,
    uploadBytes: 0,
    async ask(bench, answer) {
      if (!bench.person.present) {
        for (const setting of this.settings)
          answer.cannotTell(setting, 'nobody is there to refuse and allow a login');
        return;
      }
      const refused = await answered(bench, client, 'REFUSE');
      const denied = oneOf(refused?.error, ['access_denied', 'invalid_grant']);
      if (!refused) answer.cannotTell('deviceDenied', 'nobody refused in time');
      else if (denied === undefined) answer.cannotTell('deviceDenied', `it was answered ${wordsOf(refused)}`);
      else answer.is('deviceDenied', denied);

      const allowed = await answered(bench, client, 'ALLOW');
      if (!allowed) throw new Error('nobody allowed the login in time');
      const tokens = tokenShape.safeParse(allowed.json);
      if (!tokens.success) throw new Unexpected('the login', allowed);
      try {
        await noteRefreshing(bench, answer, client, tokens.data);
      } finally {
        const form = {
          access_token: tokens.data.access_token,
          client_id: client.id,
          client_secret: client.secret,
        };
        await bench.oauth('/revoke_token', 'taking back the token of this question', form);
      }
    },
  };
}

/** A code is not polled any more when it is this near its end: an answer would not be the person's. */
const spareMs = 10_000;

/** Shows a new code, and polls until the person has answered; undefined when nobody did while the code was good. */
async function answered(
  bench: Bench,
  client: OAuthClient,
  how: 'REFUSE' | 'ALLOW',
): Promise<Reply | undefined> {
  const code: DeviceCode = await deviceCodeRequest(bench, client);
  const endMs = bench.clock.nowMs() + code.lifeMs - spareMs;
  bench.person.tell(`Open ${code.verificationUrl}, type ${code.userCode}, and ${how} the access.`);
  while (bench.clock.nowMs() + code.intervalMs < endMs) {
    await bench.wait(code.intervalMs);
    const reply = await pollDevice(bench, client, code.deviceCode);
    if (reply.error !== 'authorization_pending' && reply.error !== 'slow_down') return reply;
  }
  return undefined;
}

async function noteRefreshing(
  bench: Bench,
  answer: Answer,
  client: OAuthClient,
  first: Tokens,
): Promise<void> {
  answer.is(
    'accessTokenLifeMs',
    Math.round(first.expires_in / 86_400) * 86_400_000,
    `expires_in ${first.expires_in}`,
  );
  const refresh = (token: string, secret: string | undefined, what: string) =>
    bench.oauth('/token', what, {
      grant_type: 'refresh_token',
      refresh_token: token,
      client_id: client.id,
      ...(secret !== undefined && { client_secret: secret }),
    });
  const bare = await refresh(first.refresh_token, undefined, 'refresh without the secret');
  answer.is('refreshNeedsSecret', bare.status !== 200, wordsOf(bare));
  const bareTokens = tokenShape.safeParse(bare.json);
  const from = bareTokens.success ? bareTokens.data : first;
  const reply = await refresh(from.refresh_token, client.secret, 'refresh');
  const next = tokenShape.safeParse(reply.json);
  if (!next.success) throw new Unexpected('a refresh', reply);
  answer.is('refreshKeepsAccessToken', next.data.access_token === from.access_token);
  const rotates = next.data.refresh_token !== from.refresh_token;
  answer.is('refreshTokenRotates', rotates);
  if (!rotates) {
    answer.cannotTell('oldRefreshTokenDies', 'the refresh token stays the same');
    return;
  }
  const old = await refresh(from.refresh_token, client.secret, 'refresh with the old refresh token');
  answer.is('oldRefreshTokenDies', old.status !== 200, wordsOf(old));
}
