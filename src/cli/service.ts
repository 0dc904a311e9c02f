import type { Argv, CommandModule } from 'yargs';
import { resolveMountpoint } from '../daemon/mountpoint.ts';
import { removeUnits, requireSystemd, systemctl, userUnits, writeUnits } from '../daemon/service/install.ts';
import { instanceName } from '../daemon/service/unit.ts';
import { Failure, failedWith } from '../errors.ts';
import { words } from '../words/words.ts';
import { isNothingSetUp } from './first-steps.ts';
import { expandMountOptions } from './mount-options.ts';
import { answer } from './on-disk.ts';
import { shownPath } from './status-lines.ts';

interface ServiceArguments {
  readonly dir: string;
  readonly json: boolean;
}

interface InstallArguments extends ServiceArguments {
  readonly o: string | undefined;
  readonly 'no-start': boolean;
}

/** `service …`: a unit of systemd that mounts when the user logs in. */
export const serviceCommand: CommandModule = {
  command: 'service',
  describe: words.help.service.about,
  builder: (yargs) =>
    yargs
      .command<InstallArguments>(
        'install <dir>',
        words.help.service.install,
        (own) =>
          withDir(own).options({
            o: { type: 'string', requiresArg: true, describe: words.help.service.o },
            'no-start': { type: 'boolean', default: false, describe: words.help.service.noStart },
          }) as Argv<InstallArguments>,
        install,
      )
      .command<ServiceArguments>('remove <dir>', words.help.service.remove, withDir, remove)
      .demandCommand(1, 'install or remove?')
      .strict(),
  handler: () => {},
};

function withDir(yargs: Argv): Argv<ServiceArguments> {
  return yargs
    .positional('dir', { type: 'string', demandOption: true, describe: words.help.service.dir })
    .option('json', {
      type: 'boolean',
      default: false,
      describe: words.help.json,
    }) as Argv<ServiceArguments>;
}

async function install(args: InstallArguments): Promise<void> {
  const options = args.o === undefined ? [] : expandMountOptions(['-o', args.o]);
  const mountpoint = await resolveMountpoint(args.dir);
  const folder = userUnits(process.env);
  const { YADISKFS_TOKEN: _, ...withoutToken } = process.env;
  const needsLogin = await isNothingSetUp(withoutToken);
  // Before anything is written that nobody would start.
  if (!args['no-start']) await requireSystemd().catch(tellHowToWriteOnly);
  // The service starts this very program, with this very Node.
  const command = [process.execPath, process.argv[1] ?? ''];
  const unit = await writeUnits({ folder, mountpoint }, command, options, process.env);
  const started = !args['no-start'] && !needsLogin;
  if (!args['no-start']) {
    await systemctl('daemon-reload');
    await systemctl('enable', unit);
    if (started) await systemctl('start', unit).catch((error: unknown) => tellWhereItSays(error, unit, args));
  }
  const said = words.answers.service;
  const outcome = started
    ? said.mounted(shownPath(mountpoint), unit)
    : args['no-start']
      ? said.written(shownPath(folder), unit)
      : said.enabled(shownPath(mountpoint), unit);
  answer(args.json, { unit, folder, started, needsLogin }, [
    outcome,
    ...(needsLogin ? [said.needsLogin] : []),
  ]);
}

function tellHowToWriteOnly(error: unknown): never {
  if (!failedWith(error, 'local')) throw error;
  throw new Failure('local', error.message, {
    hint: `${error.hint ?? ''}\nNothing was written; --no-start writes the unit all the same.`,
    cause: error,
  });
}

function tellWhereItSays(error: unknown, unit: string, { dir }: InstallArguments): never {
  if (!failedWith(error, 'local')) throw error;
  throw new Failure('local', error.message, {
    hint: [
      `journalctl --user -u '${unit}' tells why. It is tried again at each login.`,
      `yadiskfs service remove '${dir}' takes it back.`,
    ].join('\n'),
    cause: error,
  });
}

async function remove(args: ServiceArguments): Promise<void> {
  const mountpoint = await resolveMountpoint(args.dir);
  const folder = userUnits(process.env);
  const unit = instanceName(mountpoint);
  // Where it is not at work, nothing runs that it has started.
  const isAtWork = await requireSystemd().then(
    () => true,
    () => false,
  );
  let notStopped: unknown;
  if (isAtWork)
    await systemctl('disable', '--now', unit).catch((error: unknown) => {
      if (!failedWith(error, 'local')) throw error;
      notStopped = error;
    });
  const wasThere = await removeUnits({ folder, mountpoint });
  if (isAtWork && wasThere) await systemctl('daemon-reload');
  const said = words.answers.service;
  answer(args.json, { unit, removed: wasThere }, [
    wasThere ? said.removed(unit) : said.notInstalled(shownPath(mountpoint), unit),
  ]);
  // The files are gone all the same.
  if (wasThere && notStopped) throw notStopped;
}
