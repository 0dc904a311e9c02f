import { Failure } from '../errors.ts';
import type { DeviceIdentity } from './device-identity.ts';
import {
  type Answer,
  codeShape,
  type OAuthReply,
  readAnswer,
  revokedShape,
  tokenShape,
} from './oauth-answers.ts';
import type { App } from './stored-login.ts';

/**
 * Sends a form to the OAuth service: `route` is "/token" and its like. Secrets travel in the form, never in the address.
 * @throws Failure 'offline' when there is no connection or no answer in time, 'aborted' when the signal fires
 */
type SendForm = (
  route: string,
  form: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
) => Promise<OAuthReply>;

/** A code that a user confirms on a page of Yandex, on any device. */
export interface DeviceCode {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly verificationUrl: string;
  readonly intervalMs: number;
  readonly lifeMs: number;
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly lifeMs: number | undefined;
}

/** Recorded: 5 s and 300 s; the documentation speaks of 10 minutes. The answer counts, these stand in where it has none. */
const usualIntervalSec = 5;
const usualLifeSec = 300;
/** However the answer reads, nobody waits for less than a second between two questions, or for a day for a code. */
const shortestIntervalSec = 1;
const longestIntervalSec = 60;
const longestLifeSec = 3600;

/** The OAuth service: what an app asks of it. Every call resolves with an `Answer`, and throws as `SendForm` and `readAnswer` do. */
export class OAuthClient {
  readonly #send: SendForm;

  constructor(send: SendForm) {
    this.#send = send;
  }

  /** Asks for a code. Here only the ClientID is looked at; the secret's turn comes with the first poll. */
  async requestCode(app: App, device: DeviceIdentity, signal?: AbortSignal): Promise<Answer<DeviceCode>> {
    const form = { client_id: app.id, device_id: device.id, device_name: device.name };
    const answer = readAnswer(await this.#send('/device/code', form, signal), codeShape, [app.secret]);
    if (answer.kind === 'refused') return answer;
    const { device_code, user_code, verification_url, interval, expires_in } = answer.value;
    return {
      kind: 'given',
      value: {
        deviceCode: device_code,
        userCode: user_code.trim(),
        verificationUrl: pageAddress(verification_url),
        intervalMs:
          1000 * Math.min(longestIntervalSec, Math.max(shortestIntervalSec, interval ?? usualIntervalSec)),
        lifeMs: 1000 * Math.min(longestLifeSec, expires_in || usualLifeSec),
      },
    };
  }

  /** Asks once whether the code was confirmed: 'pending' until it was. */
  poll(app: App, device: DeviceIdentity, deviceCode: string, signal?: AbortSignal): Promise<Answer<Tokens>> {
    // "device_code" as a plain word: Yandex does not know the URN of RFC 8628 [recorded].
    const form = { grant_type: 'device_code', code: deviceCode, device_id: device.id };
    return this.#tokens(app, form, deviceCode, signal);
  }

  /** Recorded: the access token may come back unchanged, the refresh token is a new one. */
  refresh(app: App, refreshToken: string, signal?: AbortSignal): Promise<Answer<Tokens>> {
    return this.#tokens(
      app,
      { grant_type: 'refresh_token', refresh_token: refreshToken },
      refreshToken,
      signal,
    );
  }

  /** Recorded: a token that is revoked already is revoked again with the same answer. */
  async revoke(app: App, accessToken: string, signal?: AbortSignal): Promise<Answer<unknown>> {
    const form = { access_token: accessToken, client_id: app.id, client_secret: app.secret };
    const reply = await this.#send('/revoke_token', form, signal);
    return readAnswer(reply, revokedShape, [app.secret, accessToken]);
  }

  async #tokens(
    app: App,
    form: Readonly<Record<string, string>>,
    exchanged: string,
    signal: AbortSignal | undefined,
  ): Promise<Answer<Tokens>> {
    const reply = await this.#send(
      '/token',
      { ...form, client_id: app.id, client_secret: app.secret },
      signal,
    );
    const answer = readAnswer(reply, tokenShape, [app.secret, exchanged]);
    if (answer.kind === 'refused') return answer;
    const { access_token, refresh_token, expires_in } = answer.value;
    return {
      kind: 'given',
      value: {
        accessToken: access_token,
        refreshToken: refresh_token ?? undefined,
        lifeMs: expires_in ? expires_in * 1000 : undefined,
      },
    };
  }
}

/** An address that is shown and opened: a web page, in the one spelling that hides nothing. @throws Failure 'nonsense' */
function pageAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    (url?.protocol === 'https:' || url?.protocol === 'http:') &&
    url.username === '' &&
    url.password === '' &&
    url.href.length < 500
  )
    return url.href;
  throw new Failure('nonsense', 'Yandex OAuth named a page that is no web address');
}
