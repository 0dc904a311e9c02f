import { z } from 'zod';
import { wordsOf } from '../bench.ts';
import { deviceCodeRequest, type OAuthClient, pollDevice } from '../device-login.ts';
import { oneOf, type Question } from '../question.ts';

const graceMs = 3000;

/** What needs nobody's hand: asked too often, expired, wrong secret. */
export function deviceCode(client: OAuthClient): Question {
  return {
    id: 'device-code',
    title: 'What does the login answer when it is asked too often, or when its code has expired?',
    settings: [
      'verificationUrl',
      'devicePollIntervalMs',
      'deviceCodeLifeMs',
      'devicePolledTooFast',
      'deviceCodeExpired',
    ],
    promises: ['login'],
    needs: 'oauth',
    requests: 20,
    uploadBytes: 0,
    async ask(bench, answer) {
      const code = await deviceCodeRequest(bench, client);
      answer.is('verificationUrl', code.verificationUrl);
      answer.is('devicePollIntervalMs', code.intervalMs);
      answer.is('deviceCodeLifeMs', code.lifeMs);
      await bench.wait(code.intervalMs);
      const first = await pollDevice(bench, client, code.deviceCode);
      const second = await pollDevice(bench, client, code.deviceCode);
      const tooFast = oneOf(second.error, ['slow_down', 'authorization_pending', 'invalid_request']);
      if (tooFast === undefined)
        answer.cannotTell('devicePolledTooFast', `it was answered ${wordsOf(second)}`);
      else answer.is('devicePolledTooFast', tooFast, `the poll before: ${wordsOf(first)}`);
      const wrong = await pollDevice(bench, { ...client, secret: `${client.secret}x` }, code.deviceCode);
      answer.say(`with a wrong secret: ${wordsOf(wrong)}`);
      await bench.wait(code.lifeMs + graceMs);
      const late = await pollDevice(bench, client, code.deviceCode);
      const expired = oneOf(late.error, ['invalid_grant', 'expired_token', 'bad_verification_code']);
      const description = z.object({ error_description: z.string() }).safeParse(late.json);
      if (expired === undefined) answer.cannotTell('deviceCodeExpired', `it was answered ${wordsOf(late)}`);
      else
        answer.is(
          'deviceCodeExpired',
          expired,
          description.success ? `"${description.data.error_description}"` : undefined,
        );
    },
  };
}
