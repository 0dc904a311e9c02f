import type { Argv, CommandModule } from 'yargs';
import { resolveMountpoint } from '../daemon/mountpoint.ts';
import { removeUnits, systemctl, userUnits, writeUnits } from '../daemon/service/install.ts';
import { instanceName } from '../daemon/service/unit.ts';
import { type Failure, failedWith } from '../errors.ts';
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
  // The service starts this very program, with this very Node.
  const command = [process.execPath, process.argv[1] ?? ''];
  const unit = await writeUnits({ folder, mountpoint }, command, options, process.env);
  if (!args['no-start']) {
    await systemctl('daemon-reload');
    await systemctl('enable', '--now', unit);
  }
  const { YADISKFS_TOKEN: _, ...withoutToken } = process.env;
  const needsLogin = await isNothingSetUp(withoutToken);
  const said = words.answers.service;
  answer(args.json, { unit, folder, started: !args['no-start'], needsLogin }, [
    args['no-start'] ? said.written(shownPath(folder), unit) : said.mounted(shownPath(mountpoint), unit),
    ...(needsLogin ? [said.needsLogin] : []),
  ]);
}

async function remove(args: ServiceArguments): Promise<void> {
  const mountpoint = await resolveMountpoint(args.dir);
  const folder = userUnits(process.env);
  const unit = instanceName(mountpoint);
  let untold: Failure | undefined;
  await systemctl('disable', '--now', unit).catch((error: unknown) => {
    if (!failedWith(error, 'local')) throw error;
    untold = error;
  });
  await removeUnits({ folder, mountpoint });
  if (!untold) await systemctl('daemon-reload');
  answer(args.json, { unit, removed: true }, [words.answers.service.removed(unit)]);
  // The files are gone all the same.
  if (untold) throw untold;
}
