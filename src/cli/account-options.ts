import type { Argv } from 'yargs';
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
