import type { OAuthReply } from '../auth/oauth-answers.ts';
import { exchange, keptConnections, readText, withoutDrive } from '../disk-api/http.ts';
import { retryAfterMs } from '../disk-api/refusals.ts';
import { Failure, failedWith } from '../errors.ts';

/** However slowly an answer comes, after this long it does not count as one. */
const deadlineMs = 15_000;
const silenceMs = 10_000;
const longestReplyBytes = 64 << 10;

/**
 * Sends forms to the OAuth service; fits auth's `SendForm`. Each goes over a connection of its own: they are rare, and a kept
 * one that the server has just closed would lose a reply that may hold the only copy of a token.
 * @throws Failure 'offline' when there is no connection or no answer in time, 'nonsense', 'aborted'
 */
export function oauthExchange(url: URL) {
  return async (
    route: string,
    form: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<OAuthReply> => {
    const address = new URL(`${url.href.replace(/\/$/, '')}${route}`);
    const late = new AbortController();
    const timer = setTimeout(
      () => late.abort(new Failure('offline', `No answer from ${url.host} in ${deadlineMs / 1000} s`)),
      deadlineMs,
    );
    const connections = keptConnections(1);
    try {
      const reply = await exchange(address, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
        body: new URLSearchParams(form).toString(),
        agents: connections.agents,
        compressed: true,
        silenceMs,
        signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
      });
      return {
        status: reply.status,
        text: await readText(reply.body, longestReplyBytes),
        retryAfterMs: retryAfterMs(reply.headers['retry-after']),
      };
    } catch (error) {
      if (!failedWith(error, 'offline')) throw error;
      throw withoutDrive(error);
    } finally {
      clearTimeout(timer);
      connections.destroy();
    }
  };
}
