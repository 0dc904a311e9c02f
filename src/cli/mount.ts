import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isatty } from 'node:tty';
import type { Argv, CommandModule } from 'yargs';
import type { TokenNotice } from '../auth/account-tokens.ts';
import { type Starter, starterOf, startInBackground } from '../daemon/background.ts';
import { type Drive, openDrive } from '../daemon/drive/drive.ts';
import { ownFolders } from '../daemon/folders.ts';
import { keepHeapSmall } from '../daemon/heap.ts';
import { type Log, loggable, openLog } from '../daemon/log.ts';
import { resolveMountpoint } from '../daemon/mountpoint.ts';
import { type ServiceNotices, serviceNotices } from '../daemon/service/notices.ts';
import { Failure } from '../errors.ts';
import { translated, words } from '../words/words.ts';
import { accountContext, chooseTokens } from './account-context.ts';
import {
  expandMountOptions,
  type MountArguments,
  type MountRequest,
  mountRequest,
  withMountOptions,
} from './mount-options.ts';
import { answer } from './on-disk.ts';

/** A signal may come so much before the mount is ours. */
const startingGraceMs = 2_000;

/** `mount DIR`: in the foreground until a signal or an unmount from elsewhere; `--daemon`: returns when the mount answers. */
export const mountCommand: CommandModule<object, MountArguments> = {
  command: 'mount <dir>',
  describe: words.help.mount.about,
  builder: (yargs) =>
    withMountOptions(yargs).positional('dir', {
      type: 'string',
      describe: words.help.mount.dir,
      demandOption: true,
    }) as Argv<MountArguments>,
  handler: async (args) => {
    const starter = await starterOf(process.env);
    try {
      await runMount(args, starter);
    } catch (error) {
      if (!starter) throw error;
      await starter.failed(error instanceof Failure ? error : new Failure('local', String(error)));
      process.exitCode = 1;
    }
  },
};

async function runMount(args: MountArguments, starter: Starter | undefined): Promise<void> {
  const request = mountRequest(args, process.env);
  if (request.inBackground && !starter) {
    await mountInBackground(request, args.json === true);
    return;
  }
  keepHeapSmall();
  const folders = ownFolders(process.env);
  const token = starter ? starter.token : process.env['YADISKFS_TOKEN'];
  const logFile = request.logFile ?? (starter ? join(folders.state, 'yadiskfs.log') : undefined);
  const mayGoWithout = request.logFile === undefined;
  if (request.logFile !== undefined) await refuseLogInside(request.logFile, request.settings.mountpoint);
  const log = await openLog({
    level: request.logLevel,
    file: logFile,
    mayGoWithout,
    environment: process.env,
  });
  const tokens = await mountTokens(request.account, token, log);
  const closesWith = closeOnSignals(log);
  const drive = await openDrive(request.settings, tokens, log, { ...words.notices, translated });
  const service = serviceNotices(starter ? {} : process.env, (error) =>
    log.warn(loggable(error), 'systemd could not be told how it stands'),
  );
  closesWith(drive, service);
  await starter?.mounted(drive);
  await service.ready(`Mounted at ${drive.mountpoint}`);
  // Whoever sits there would wait for a prompt.
  if (!starter && process.stdout.isTTY)
    process.stdout.write(`${words.answers.mount.here(drive.mountpoint)}\n`);
  await drive.ended;
}

/** The paths of the command line are relative to where it was typed; the process in the background lives in `/`. */
async function mountInBackground(request: MountRequest, json: boolean): Promise<void> {
  const [program = ''] = process.argv.slice(1);
  const mountpoint = await resolveMountpoint(request.settings.mountpoint);
  const args = expandMountOptions(process.argv.slice(2)).map((argument, index, all) => {
    if (all[index - 1] === '--log-file') return resolve(argument);
    if (argument.startsWith('--log-file='))
      return `--log-file=${resolve(argument.slice('--log-file='.length))}`;
    return argument === request.settings.mountpoint ? mountpoint : argument;
  });
  const started = await startInBackground(program, args, { ...process.env, ...folderSettings(process.env) });
  const { mountpoint: at, pid, isWritable } = started;
  answer(json, { mountpoint: at, pid, readOnly: !isWritable }, [words.answers.mount.mounted(at, pid)]);
  // The log of the process in the background says so too, where that can be written.
  if (!isWritable && !request.settings.readOnly)
    process.stderr.write(`yadiskfs: ${words.answers.mount.nothingKept}\n`);
}

/** A process that writes to its own mount waits for itself. @throws Failure 'invalid' */
async function refuseLogInside(logFile: string, mountpoint: string): Promise<void> {
  const file = resolve(logFile);
  const folder = await realpath(dirname(file)).catch(() => dirname(file));
  if (!`${join(folder, basename(file))}/`.startsWith(`${await resolveMountpoint(mountpoint)}/`)) return;
  throw new Failure('invalid', `The log cannot be in the mount that it is about: ${logFile}`, {
    path: logFile,
    hint: 'Choose a --log-file outside of it.',
  });
}

/**
 * What else would end the process on the spot, and leave a dead mount behind: Ctrl-\\ at a terminal, which asks others for a core dump (ours holds
 * nothing), and a limit on the time of the processor, which comes before the one that kills.
 */
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGXCPU'] as const;

/**
 * A signal ends the mount in good order. SIGHUP is the word of a terminal that is closed; to a process without one it is that of somebody who expects a
 * daemon to take its files anew. The log does so by itself, and nobody's mount ends for that.
 *
 * To be called before it is mounted: the kernel shows the mount a moment before it is ours, and a signal in that moment would leave a dead one behind.
 * @returns what takes over when it is
 */
function closeOnSignals(log: Log): (drive: Drive, service: ServiceNotices) => void {
  let close: (() => void) | undefined;
  let early: NodeJS.Timeout | undefined;
  const end = (signal: NodeJS.Signals) => {
    if (close) close();
    // Where the start hangs there is nothing to be closed.
    else
      early ??= setTimeout(() => {
        process.removeAllListeners(signal);
        process.kill(process.pid, signal);
      }, startingGraceMs);
  };
  for (const signal of endingSignals) process.on(signal, end);
  // At the first Node would open a port for a debugger, through which everybody on this machine could have it do anything; the second would end it.
  for (const signal of ['SIGUSR1', 'SIGUSR2'] as const)
    process.on(signal, () => log.info(`${signal} is heard; it is for nothing`));
  const hasTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
  process.on('SIGHUP', hasTerminal ? end : () => log.info('SIGHUP is heard; the mount goes on'));
  return (drive, service) => {
    let closing = false;
    close = () => {
      if (closing) return;
      closing = true;
      void service.stopping();
      drive.close().catch((error: unknown) => {
        closing = false;
        process.stderr.write(
          `yadiskfs: ${translated(error instanceof Error ? error.message : String(error))}\n`,
        );
      });
    };
    if (!early) return;
    clearTimeout(early);
    close();
  };
}

/** Folders too are meant relative to where the command was typed. */
function folderSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { config, cache, state, runtime } = ownFolders(environment);
  return {
    YADISKFS_CONFIG_DIR: config,
    YADISKFS_CACHE_DIR: cache,
    YADISKFS_STATE_DIR: state,
    YADISKFS_RUNTIME_DIR: runtime,
  };
}

/** The tokens that the mount works with for as long as it lives; the log hears what becomes of them. */
async function mountTokens(account: string | undefined, token: string | undefined, log: Log) {
  const context = accountContext(process.env, (path) =>
    log.warn({ path }, 'others could look into a folder or file of logins; its permissions are put right'),
  );
  const wish = { account, token, onNotice: (notice: TokenNotice) => logNotice(log, notice) };
  return (await chooseTokens(context, wish)).tokens;
}

function logNotice(log: Log, notice: TokenNotice): void {
  switch (notice.kind) {
    case 'renewed':
      log.info({ expiresAt: notice.expiresAt }, 'the token is renewed');
      break;
    case 'heard':
      log.info('another login is stored, and is used from now on');
      break;
    case 'not-renewed':
      log.warn(loggable(notice.failure), 'the token could not be renewed; the old one is used on');
      break;
    case 'not-saved':
      log.error(loggable(notice.failure), 'a renewed token could not be stored');
      break;
    case 'not-read':
      log.warn(loggable(notice.failure), 'the stored login cannot be looked at');
      break;
    case 'lost':
      log.error(loggable(notice.failure), 'a login is needed');
      break;
  }
}
