import { defaultAccount } from '../auth/account-name.ts';
import { AccountStore } from '../auth/account-store.ts';
import { AccountTokens, type TokenNotice } from '../auth/account-tokens.ts';
import { readyToken } from '../auth/environment-token.ts';
import { OAuthClient } from '../auth/oauth-client.ts';
import { type Folders, ownFolders } from '../daemon/folders.ts';
import { oauthExchange } from '../daemon/oauth-exchange.ts';
import { serviceAddress } from '../daemon/services.ts';
import { words } from '../words/words.ts';

/** What every command that has to do with logins needs. */
export interface AccountContext {
  readonly folders: Folders;
  readonly store: AccountStore;
  readonly oauth: OAuthClient;
  readonly apiUrl: URL;
}

/** @throws Failure 'invalid' for an address in the environment that must not get a token */
export function accountContext(environment: NodeJS.ProcessEnv, onMended = sayMended): AccountContext {
  const folders = ownFolders(environment);
  return {
    folders,
    store: new AccountStore(folders.config, onMended),
    oauth: new OAuthClient(oauthExchange(serviceAddress(environment, 'YADISKFS_OAUTH_URL'))),
    apiUrl: serviceAddress(environment, 'YADISKFS_API_URL'),
  };
}

function sayMended(path: string): void {
  process.stderr.write(`yadiskfs: ${words.answers.accounts.permissionsMended(path)}\n`);
}

interface Wish {
  /** The account that was named on the command line. */
  readonly account: string | undefined;
  /** A ready token from the environment. */
  readonly token: string | undefined;
  readonly onNotice: (notice: TokenNotice) => void;
}

type ChosenTokens =
  | { readonly account: undefined; readonly tokens: ReturnType<typeof readyToken> }
  | { readonly account: string; readonly tokens: AccountTokens };

/**
 * The tokens to work with. What was typed goes before the environment, and the environment before what is stored.
 * @throws Failure 'login-needed' when there are none
 */
export async function chooseTokens(context: AccountContext, wish: Wish): Promise<ChosenTokens> {
  if (wish.account === undefined && wish.token) return { account: undefined, tokens: readyToken(wish.token) };
  const account = wish.account ?? defaultAccount;
  const { store, oauth } = context;
  return { account, tokens: await AccountTokens.open({ store, account, oauth, onNotice: wish.onNotice }) };
}
