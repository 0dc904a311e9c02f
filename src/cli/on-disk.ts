import type { Argv } from 'yargs';
import { defaultAccount } from '../auth/account-name.ts';
import { accountOfMount, DiskSession } from '../daemon/disk-session.ts';
import { optionalLogin } from '../daemon/optional-login.ts';
import { type MountedDisks, mountedDisks } from '../daemon/running-mounts.ts';
import { failedWith } from '../errors.ts';
import { failureText, words } from '../words/words.ts';
import { type AccountContext, accountContext, chooseTokens } from './account-context.ts';
import { type AccountArguments, withAccount } from './account-options.ts';
import { notThere } from './not-there.ts';
import { untilSentInReach } from './sending.ts';
import { interruptible } from './terminal-interruption.ts';

export interface PathArguments extends AccountArguments {
  readonly path: string;
}

/** The arguments of a command that is about one thing on the Disk. */
export function withPathOnDisk(yargs: Argv<object>): Argv<PathArguments> {
  return withAccount(yargs, words.help.whichLoginOrMounts).positional('path', {
    type: 'string',
    demandOption: true,
    describe: words.help.inMountOrDisk,
  });
}

/** Whoever it is that asks. */
type Login = ReturnType<typeof optionalLogin>;
type Task<T> = (session: DiskSession, stop: AbortController) => Promise<T>;

/**
 * Runs what works on the Disk itself. Without `--account`, the login of the mount that the first of `paths` lies in is used, else the usual one.
 * @throws Failure 'login-needed', and what the task does
 */
export function onDisk<T>(args: AccountArguments, paths: readonly string[], task: Task<T>): Promise<T> {
  return inSession(args, task, async (context, disks, signal) => {
    const [first] = paths;
    const ofMount =
      args.account === undefined && first !== undefined
        ? await accountOfMount(first, disks, defaultAccount, signal)
        : undefined;
    return tokensOf(context, args.account ?? ofMount);
  });
}

/**
 * Runs what only looks at what is everybody's: with the login that is named, with the usual one where there is one, else without.
 * @throws Failure 'login-needed' for a name that is no login, and what the task does
 */
export function onPublic<T>(args: AccountArguments, task: Task<T>): Promise<T> {
  return inSession(args, task, async (context) => {
    if (args.account !== undefined) return tokensOf(context, args.account);
    try {
      return optionalLogin(await tokensOf(context, undefined));
    } catch (error) {
      if (!failedWith(error, 'login-needed')) throw error;
      return optionalLogin(undefined);
    }
  });
}

function inSession<T>(
  args: AccountArguments,
  task: Task<T>,
  login: (context: AccountContext, disks: MountedDisks, signal: AbortSignal) => Promise<Login>,
): Promise<T> {
  return interruptible(async (stop) => {
    const { signal } = stop;
    const context = accountContext(process.env);
    const disks = await mountedDisks(context.folders.runtime);
    const tokens = await login(context, disks, signal);
    const options = {
      ...{ apiUrl: context.apiUrl, tokens, stateFolder: context.folders.state, disks, signal },
      sendFirst: async (mount: (typeof disks.mounts)[number], place: string) => {
        const places = place === '' ? [] : [place];
        await untilSentInReach({ mount, places }, { signal, showsProgress: !args.json });
      },
    };
    return DiskSession.with(options, async (session) => {
      try {
        return await task(session, stop);
      } catch (error) {
        throw await notThere(session, error);
      }
    });
  });
}

async function tokensOf(context: AccountContext, account: string | undefined): Promise<Login> {
  const { tokens } = await chooseTokens(context, {
    account,
    token: process.env['YADISKFS_TOKEN'],
    onNotice: (notice) => {
      if (notice.kind === 'not-saved') process.stderr.write(`yadiskfs: ${failureText(notice.failure)}\n`);
    },
  });
  return tokens;
}

/** Writes an answer for programs, or for people. */
export function answer(json: boolean, forPrograms: object, forPeople: readonly string[]): void {
  const text = json ? JSON.stringify(forPrograms) : forPeople.join('\n');
  if (text !== '') process.stdout.write(`${text}\n`);
}
