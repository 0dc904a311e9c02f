import type { Argv } from 'yargs';
import { checkedAccountName } from '../auth/account-name.ts';
import { words } from '../words/words.ts';

/** Options of every command about logins. */
export interface AccountArguments {
  readonly account: string | undefined;
  readonly json: boolean;
}

export function withAccount(yargs: Argv<object>, describe: string): Argv<AccountArguments> {
  return yargs
    .option('account', { type: 'string', requiresArg: true, describe })
    .option('json', { type: 'boolean', default: false, describe: words.help.json });
}

/** Of commands that are about mounts: the login that they are mounted with. */
export interface MountAccountArguments {
  readonly account: string | undefined;
}

/** `--account` of a command that is about mounts: only those of that login. */
export function withMountAccount<T>(yargs: Argv<T>): Argv<T & MountAccountArguments> {
  return yargs.option('account', {
    type: 'string',
    requiresArg: true,
    coerce: (name: string | undefined) => (name === undefined ? undefined : checkedAccountName(name)),
    describe: words.help.mountsOfLogin,
  });
}
