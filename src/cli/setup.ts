import type { CommandModule } from 'yargs';
import { checkedAccountName, defaultAccount } from '../auth/account-name.ts';
import { deviceIdentity } from '../auth/device-identity.ts';
import { loginOf } from '../auth/renewal.ts';
import { isHeaderSafe } from '../auth/secret-text.ts';
import type { App, StoredLogin } from '../auth/stored-login.ts';
import { Failure } from '../errors.ts';
import { words } from '../words/words.ts';
import { type AccountContext, accountContext } from './account-context.ts';
import { type AccountArguments, withAccount } from './account-options.ts';
import { beginFirstMount, firstMountWish } from './first-mount.ts';
import { screenOf } from './login-card.ts';
import { loginByCode } from './login-device.ts';
import { keepLogin, readWhatCanBe } from './login-keeping.ts';
import type { LoginTalk } from './login-talk.ts';
import { terminalTalk } from './login-terminal.ts';
import { unattendedTalk } from './login-unattended.ts';
import { firstLineOfInput } from './standard-input.ts';
import { interruptible } from './terminal-interruption.ts';

interface SetupArguments extends AccountArguments {
  readonly 'client-id': string | undefined;
  readonly 'client-secret': string | undefined;
  readonly token: string | undefined;
  readonly 'no-browser': boolean;
  readonly replace: boolean;
}

/** `setup`: logs in, with a code that is typed on any phone or computer, or with a ready token. */
export const setupCommand: CommandModule<object, SetupArguments> = {
  command: 'setup',
  describe: words.help.setup.about,
  builder: (yargs) =>
    withAccount(yargs, words.help.setup.account(defaultAccount)).options({
      'client-id': { type: 'string', requiresArg: true, describe: words.help.setup.clientId },
      'client-secret': {
        type: 'string',
        requiresArg: true,
        describe: words.help.setup.clientSecret,
      },
      token: {
        type: 'string',
        requiresArg: true,
        describe: words.help.setup.token,
      },
      'no-browser': { type: 'boolean', describe: words.help.setup.noBrowser, default: false },
      replace: { type: 'boolean', describe: words.help.setup.replace, default: false },
    }),
  handler: (args) => interruptible((stop) => runSetup(args, stop)),
};

async function runSetup(args: SetupArguments, stop: AbortController): Promise<void> {
  const account = checkedAccountName(args.account ?? defaultAccount);
  const context = accountContext(process.env);
  // A later version's login is told before anybody takes trouble.
  const stored = await readWhatCanBe(context.store, account);
  const talk = talkOf(args, stop);
  let wish: Awaited<ReturnType<typeof firstMountWish>>;
  try {
    warnOfWhatShows(args, talk);
    const fresh =
      args.token === undefined
        ? await loginWithApp(args, stored, context, talk, stop.signal)
        : {
            accessToken: await givenToken(args.token, talk, stop.signal),
            obtainedAt: new Date().toISOString(),
          };
    await keepLogin(fresh, { ...context, account, talk, signal: stop.signal });
    if (process.env['YADISKFS_TOKEN']) {
      talk.warn(({ tokenGoesBefore }) => tokenGoesBefore);
    }
    wish = await firstMountWish(account, context.folders.runtime, talk);
    if (wish === undefined) talk.next(account);
  } catch (error) {
    talk.failed(error);
    throw error;
  } finally {
    talk.close();
  }
  // The terminal is free again: the command has words of its own.
  if (wish !== undefined) process.exitCode = await beginFirstMount(wish);
}

/** Questions need a terminal at both ends. */
function talkOf(args: SetupArguments, stop: AbortController): LoginTalk {
  const attended = process.stdin.isTTY === true && process.stdout.isTTY === true && !args.json;
  if (!attended) {
    return unattendedTalk({
      json: args.json,
      replace: args.replace,
      signal: stop.signal,
      write: (text) => process.stdout.write(text),
    });
  }
  return terminalTalk({
    screen: screenOf(process.stdout, process.env),
    environment: process.env,
    browser: !args['no-browser'],
    replace: args.replace,
    stop,
  });
}

function warnOfWhatShows(args: SetupArguments, talk: LoginTalk): void {
  const shown = [
    ...(args.token !== undefined && args.token !== '-' ? ['--token'] : []),
    ...(args['client-secret'] === undefined ? [] : ['--client-secret']),
  ];
  for (const option of shown) {
    talk.warn(({ optionWasSeen }) => optionWasSeen(option));
  }
}

async function givenToken(option: string, talk: LoginTalk, signal: AbortSignal): Promise<string> {
  const word = option === '-' ? await firstLineOfInput(signal) : option.trim();
  const token = word === undefined ? await talk.token() : word;
  if (isHeaderSafe(token)) return token;
  throw new Failure(
    'invalid',
    token === '' ? 'The token is empty' : 'This is not a token: a token is one word',
    {
      hint: 'yadiskfs setup --token - reads it from the standard input.',
    },
  );
}

async function loginWithApp(
  args: SetupArguments,
  stored: StoredLogin | undefined,
  { folders, oauth }: AccountContext,
  talk: LoginTalk,
  signal: AbortSignal,
): Promise<StoredLogin> {
  const app = knownApp(args, process.env, stored);
  if (app.id === undefined || app.secret === undefined) talk.explain();
  const device = await deviceIdentity(folders.config);
  const granted = await loginByCode({ oauth, device, app, talk, signal });
  return loginOf(granted.tokens, granted.app, Date.now());
}

/** What need not be asked: the command line goes before the environment, and that before the app of the stored login. */
function knownApp(
  args: SetupArguments,
  environment: NodeJS.ProcessEnv,
  stored: StoredLogin | undefined,
): Partial<App> {
  const id =
    word(args['client-id'], '--client-id') ?? word(environment['YADISKFS_CLIENT_ID'], 'YADISKFS_CLIENT_ID');
  const secret =
    word(args['client-secret'], '--client-secret') ??
    word(environment['YADISKFS_CLIENT_SECRET'], 'YADISKFS_CLIENT_SECRET');
  if (id === undefined && secret === undefined) return stored?.app ?? {};
  const ofStored = id === stored?.app?.id ? stored?.app?.secret : undefined;
  return { ...(id !== undefined && { id }), ...withSecret(secret ?? ofStored) };
}

function withSecret(secret: string | undefined): Partial<App> {
  return secret === undefined ? {} : { secret };
}

/** @throws Failure 'invalid' for what cannot be sent */
function word(text: string | undefined, origin: string): string | undefined {
  const trimmed = text?.trim();
  if (!trimmed) return undefined;
  if (isHeaderSafe(trimmed)) return trimmed;
  throw new Failure('invalid', `The value of ${origin} is not one word of Latin letters and digits`);
}
