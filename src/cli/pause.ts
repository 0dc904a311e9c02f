import type { Argv, CommandModule } from 'yargs';
import { askMount } from '../daemon/control-client.ts';
import { words } from '../words/words.ts';
import { type MountAccountArguments, withMountAccount } from './account-options.ts';
import { askEach, mountsMeant, tellFailures } from './mounts-meant.ts';
import { answer } from './on-disk.ts';
import { shownPath } from './status-lines.ts';
import { interruptible } from './terminal-interruption.ts';

interface PauseArguments extends MountAccountArguments {
  readonly dir: string | undefined;
  readonly json: boolean;
}

/** `pause [DIR]`: nothing is sent until `resume` or the next mount; reading and writing go on. */
export const pauseCommand: CommandModule<object, PauseArguments> = {
  command: 'pause [dir]',
  describe: words.help.pause.about,
  builder: withDir,
  handler: (args) => tellMounts('pause', args),
};

/** `resume [DIR]` */
export const resumeCommand: CommandModule<object, PauseArguments> = {
  command: 'resume [dir]',
  describe: words.help.resume.about,
  builder: withDir,
  handler: (args) => tellMounts('resume', args),
};

function withDir(yargs: Argv): Argv<PauseArguments> {
  return withMountAccount(yargs)
    .positional('dir', { type: 'string', describe: words.help.mountOrAll })
    .option('json', { type: 'boolean', default: false, describe: words.help.json });
}

function tellMounts(command: 'pause' | 'resume', { dir, account, json }: PauseArguments): Promise<void> {
  return interruptible(async ({ signal }) => {
    const mounts = await mountsMeant(dir, account);
    const { given, failures } = await askEach(
      mounts,
      (mount) => askMount(mount, { command }, { signal }),
      signal,
    );
    const places = given.map(([{ mountpoint }]) => mountpoint);
    const key = command === 'pause' ? 'paused' : 'resumed';
    answer(
      json,
      { [key]: places },
      places.map((place) => `${words.answers.pause[key]}: ${shownPath(place)}`),
    );
    tellFailures(failures, json);
  });
}
