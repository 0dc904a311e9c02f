import type { CommandModule } from 'yargs';
import { checkedAccountName, defaultAccount } from '../auth/account-name.ts';
import type { AccountEntry } from '../auth/account-store.ts';
import { shownText } from '../auth/secret-text.ts';
import { failureText, words } from '../words/words.ts';
import { accountContext } from './account-context.ts';
import { type AccountArguments, withAccount } from './account-options.ts';
import { personText } from './disk-lines.ts';

/** `accounts`: the stored logins. Asks nobody: what is shown is what is known here. */
export const accountsCommand: CommandModule<object, AccountArguments> = {
  command: 'accounts',
  describe: words.help.accounts.about,
  builder: (yargs) => withAccount(yargs, words.help.accounts.account),
  handler: async ({ account, json }) => {
    const { store } = accountContext(process.env);
    const only = account === undefined ? undefined : checkedAccountName(account);
    const entries = (await store.list()).filter(({ name }) => only === undefined || name === only);
    if (json) process.stdout.write(`${JSON.stringify({ accounts: entries.map(entryJson) })}\n`);
    else process.stdout.write(`${table(entries)}\n`);
    if (process.env['YADISKFS_TOKEN'] && !json) {
      process.stdout.write(`\n${words.answers.accounts.tokenIsSet}\n`);
    }
  },
};

function entryJson(entry: AccountEntry) {
  const { name, path } = entry;
  if ('problem' in entry) return { account: name, path, problem: entry.problem.message };
  const { person, obtainedAt, expiresAt, refreshToken } = entry.login;
  return { account: name, path, ...person, obtainedAt, expiresAt, renewable: refreshToken !== undefined };
}

function table(entries: readonly AccountEntry[]): string {
  const said = words.answers.accounts;
  if (entries.length === 0) return said.nobody;
  const rows = entries.map((entry) => {
    const mark = entry.name === defaultAccount ? said.usual : '';
    if ('problem' in entry) return [shownText(entry.name), '!', shownText(failureText(entry.problem))];
    const { person, expiresAt, refreshToken } = entry.login;
    const whose = person ? (personText({ ...person, uid: person.uid }) ?? '') : said.notKnownYet;
    return [entry.name, whose, `${lifeText(expiresAt, refreshToken !== undefined)}${mark}`];
  });
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
}

function lifeText(expiresAt: string | undefined, renewable: boolean): string {
  const said = words.answers.accounts;
  if (renewable) return expiresAt ? said.renewsBefore(expiresAt) : said.renews;
  if (expiresAt) return said.endsOn(expiresAt);
  return said.readyToken;
}
