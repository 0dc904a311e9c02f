import type { CommandModule } from 'yargs';
import { checkedAccountName, defaultAccount } from '../auth/account-name.ts';
import type { HeldAccount } from '../auth/account-store.ts';
import type { OAuthClient } from '../auth/oauth-client.ts';
import { loginNeeded } from '../auth/renewal.ts';
import type { App, StoredLogin } from '../auth/stored-login.ts';
import { Failure, failedWith } from '../errors.ts';
import { translated, words } from '../words/words.ts';
import { accountContext } from './account-context.ts';
import { type AccountArguments, withAccount } from './account-options.ts';

/** `logout`: the token dies at the server and goes away here. It goes away here in any case. */
export const logoutCommand: CommandModule<object, AccountArguments> = {
  command: 'logout',
  describe: words.help.logout.about,
  builder: (yargs) => withAccount(yargs, words.help.whichLoginOr(defaultAccount)),
  handler: async (args) => {
    const account = checkedAccountName(args.account ?? defaultAccount);
    const { store, oauth } = accountContext(process.env);
    // Under the lock: no mount renews the token between its end at the server and its end here.
    const outcome = await store.hold(account, (held) => endLogin(held, oauth));
    if (outcome.kind === 'none') throw loginNeeded(`Nobody is logged in as account "${account}"`, account);
    tell(account, outcome, args.json);
    if (process.env['YADISKFS_TOKEN']) {
      process.stderr.write(`yadiskfs: ${words.answers.logout.tokenStillSet}\n`);
    }
    if (outcome.kind === 'kept-there' && outcome.failure?.code === 'offline') {
      throw new Failure(
        'offline',
        `Forgotten here, but not withdrawn at Yandex. ${outcome.failure.message}`,
        {
          hint: outcome.hint,
        },
      );
    }
  },
};

type Outcome =
  | { readonly kind: 'none' | 'withdrawn' }
  /** Gone here, still valid at the server. */
  | { readonly kind: 'kept-there'; readonly why: string; readonly hint: string; readonly failure?: Failure };

async function endLogin(held: HeldAccount, oauth: OAuthClient): Promise<Outcome> {
  const login = await held.read().catch((error: unknown) => {
    // What cannot be read can be removed, unless a later version wrote it: `remove` knows.
    if (!failedWith(error, 'local')) throw error;
    return undefined;
  });
  const outcome: Outcome = login
    ? await withdraw(login, oauth)
    : { kind: 'kept-there', why: 'The stored login could not be read', hint: devicePage };
  return (await held.remove()) ? outcome : { kind: 'none' };
}

const devicePage = 'Access can be withdrawn by hand: https://id.yandex.ru/personal/data-access';

async function withdraw(login: StoredLogin, oauth: OAuthClient): Promise<Outcome> {
  const app = login.app ?? appOf(process.env);
  const until = login.expiresAt ? ` It ends by itself on ${login.expiresAt.slice(0, 10)}.` : '';
  const hint = `${devicePage}.${until}`;
  if (!app) {
    const why = 'The token was stored without its app, which alone could withdraw it';
    return { kind: 'kept-there', why, hint };
  }
  try {
    const answer = await oauth.revoke(app, login.accessToken);
    if (answer.kind === 'given' || answer.reason === 'dead') return { kind: 'withdrawn' };
    return { kind: 'kept-there', why: answer.failure.message, hint, failure: answer.failure };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { kind: 'kept-there', why: error.message, hint, failure: error };
  }
}

function appOf(environment: NodeJS.ProcessEnv): App | undefined {
  const { YADISKFS_CLIENT_ID: id, YADISKFS_CLIENT_SECRET: secret } = environment;
  return id && secret ? { id, secret } : undefined;
}

function tell(account: string, outcome: Outcome, json: boolean): void {
  const why = outcome.kind === 'kept-there' ? outcome.why : undefined;
  const hint = outcome.kind === 'kept-there' ? outcome.hint : undefined;
  if (json) {
    const answer = { account, removed: true, revoked: outcome.kind === 'withdrawn', reason: why, hint };
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  } else if (why === undefined) {
    process.stdout.write(`${words.answers.logout.withdrawn(account)}\n`);
  } else {
    process.stdout.write(`${words.answers.logout.forgotten(account)}\n`);
    process.stdout.write(`${translated(why)}.\n${translated(hint ?? '')}\n`);
  }
}
