import type { CommandModule } from 'yargs';
import { defaultAccount } from '../auth/account-name.ts';
import { sameTokens } from '../auth/stored-login.ts';
import { type DiskSummary, summarizeDisk } from '../daemon/disk-summary.ts';
import { failureText, words } from '../words/words.ts';
import { type AccountContext, accountContext, chooseTokens } from './account-context.ts';
import { type AccountArguments, withAccount } from './account-options.ts';
import { diskJson, diskLines } from './disk-lines.ts';
import { personOf } from './login-keeping.ts';
import { interruptible } from './terminal-interruption.ts';

/** `info`: whose Disk it is, how much room there is, how large a file may be. */
export const infoCommand: CommandModule<object, AccountArguments> = {
  command: 'info',
  describe: words.help.info.about,
  builder: (yargs) => withAccount(yargs, words.help.whichLoginOr(defaultAccount)),
  handler: (args) =>
    interruptible(async ({ signal }) => {
      const context = accountContext(process.env);
      const { account, tokens } = await chooseTokens(context, {
        account: args.account,
        token: process.env['YADISKFS_TOKEN'],
        onNotice: (notice) => {
          if (notice.kind === 'not-saved') process.stderr.write(`yadiskfs: ${failureText(notice.failure)}\n`);
        },
      });
      const disk = await summarizeDisk({ apiUrl: context.apiUrl, tokens, signal });
      if (account !== undefined) await completePerson(context, account, disk);
      process.stdout.write(
        args.json ? `${JSON.stringify({ account, ...diskJson(disk) })}\n` : `${diskLines(disk).join('\n')}\n`,
      );
    }),
};

/** A login that was stored while the Disk could not be asked learns now whose it is. */
async function completePerson({ store }: AccountContext, account: string, disk: DiskSummary): Promise<void> {
  const login = await store.read(account);
  const person = personOf(disk);
  if (!login || login.person || !person) return;
  await store.hold(account, async (held) => {
    const now = await held.read();
    if (now && !now.person && sameTokens(now, login)) await held.write({ ...now, person });
  });
}
