import { pause } from '../async/pause.ts';
import type { DeviceIdentity } from '../auth/device-identity.ts';
import { firstPoll, type OpenCode, type WaitOutcome, waitForGrant } from '../auth/device-login.ts';
import type { DeviceCode, OAuthClient, Tokens } from '../auth/oauth-client.ts';
import type { App } from '../auth/stored-login.ts';
import { Failure, failedWith } from '../errors.ts';
import type { LoginTalk } from './login-talk.ts';

interface DeviceLoginOptions {
  readonly oauth: OAuthClient;
  readonly device: DeviceIdentity;
  /** What is known of the app without asking. */
  readonly app: Partial<App>;
  readonly talk: LoginTalk;
  readonly signal: AbortSignal;
}

interface Granted {
  readonly app: App;
  readonly tokens: Tokens;
}

/**
 * Leads through a login with a code: until there are tokens, or the user or our patience gives up.
 * @throws Failure 'timed-out' when no code was confirmed, 'refused', 'offline', 'invalid', 'aborted'
 */
export async function loginByCode(options: DeviceLoginOptions): Promise<Granted> {
  const { talk, signal } = options;
  let app = await talk.app(options.app);
  for (;;) {
    const opened = await openCode(options, app);
    if (opened.kind === 'wrong-app') {
      app = await talk.app({}, opened.failure);
      continue;
    }
    const { code } = opened;
    let outcome = opened.outcome;
    // A wrong secret is told before the code is shown, and does not cost the code.
    while (outcome?.kind === 'wrong-app') {
      app = await talk.app({ id: app.id }, outcome.failure);
      outcome = await poll(options, app, code);
    }
    const wasShown = outcome === undefined;
    if (!outcome) {
      talk.code(code);
      outcome = await waitForUser(options, app, code);
    }
    switch (outcome.kind) {
      case 'granted':
        return { app, tokens: outcome.tokens };
      case 'wrong-app':
        app = await talk.app({ id: app.id }, outcome.failure);
        break;
      case 'denied':
        if (!(await talk.denied(outcome.failure))) throw outcome.failure;
        break;
      case 'expired':
        if (!(await talk.expired())) {
          throw new Failure('timed-out', 'Nobody confirmed the code while it was valid', {
            hint: 'Run `yadiskfs setup` again to get a new code.',
          });
        }
        // A service that calls each new code dead at once is not asked for codes as fast as it answers.
        if (!wasShown) await pause(code.intervalMs, signal);
        break;
    }
  }
}

type Opened =
  | { readonly kind: 'open'; readonly code: OpenCode; readonly outcome: WaitOutcome | undefined }
  | { readonly kind: 'wrong-app'; readonly failure: Failure };

async function openCode(options: DeviceLoginOptions, app: App): Promise<Opened> {
  const { oauth, device, talk, signal } = options;
  const answer = await persevere(talk, () => oauth.requestCode(app, device, signal));
  if (answer.kind === 'refused') {
    if (answer.reason !== 'wrong-app') throw answer.failure;
    return { kind: 'wrong-app', failure: answer.failure };
  }
  const code = withDeadline(answer.value);
  return { kind: 'open', code, outcome: await poll(options, app, code) };
}

/** A poll that only wants to know whether the secret is right: that the network failed just now says nothing of it. */
async function poll(
  { oauth, device, signal }: DeviceLoginOptions,
  app: App,
  code: OpenCode,
): Promise<WaitOutcome | undefined> {
  try {
    return await firstPoll(oauth, app, device, code, signal);
  } catch (error) {
    if (isPassing(error)) return undefined;
    throw error;
  }
}

async function waitForUser(
  { oauth, device, talk, signal }: DeviceLoginOptions,
  app: App,
  code: OpenCode,
): Promise<WaitOutcome> {
  try {
    return await waitForGrant(oauth, {
      app,
      device,
      code,
      signal,
      onPending: (remainingMs, problem) => talk.pending(remainingMs, problem),
    });
  } finally {
    talk.waited();
  }
}

/** Tries until it succeeds, fails for good, or whoever is asked gives up. @throws Failure of the last try */
export async function persevere<T>(talk: LoginTalk, task: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await task();
    } catch (error) {
      if (!isPassing(error) || !(await talk.again(error))) throw error;
    }
  }
}

function isPassing(error: unknown): error is Failure {
  return failedWith(error, 'offline', 'server', 'busy', 'nonsense');
}

function withDeadline(code: DeviceCode): OpenCode {
  return { ...code, deadlineMs: performance.now() + code.lifeMs };
}
