import type { Argv, CommandModule } from 'yargs';
import { askMount } from '../daemon/control-client.ts';
import type { PinStatus } from '../daemon/control-messages.ts';
import { placesByMount, requireMounts } from '../daemon/places.ts';
import type { MountedDisks } from '../daemon/running-mounts.ts';
import { words } from '../words/words.ts';
import { type MountAccountArguments, withMountAccount } from './account-options.ts';
import { askEach, disksMeant, tellFailures } from './mounts-meant.ts';
import { notThereInMount } from './not-there.ts';
import { parserRules } from './parser-rules.ts';
import { pinLines } from './status-lines.ts';
import { interruptible } from './terminal-interruption.ts';

interface PinArguments extends MountAccountArguments {
  readonly paths: readonly string[];
  readonly json: boolean;
}

/** `pin PATH…`: files and folders are kept here, as they are on the Disk and with what comes into them, for use off line. */
export const pinCommand: CommandModule<object, PinArguments> = {
  command: 'pin <paths..>',
  describe: words.help.pin.about,
  builder: (yargs) => withPaths(yargs),
  handler: ({ paths, account, json }) =>
    inMounts(account, async (disks, signal) => {
      for (const { mount, places } of await placesByMount(paths, disks))
        await askMount(mount, { command: 'pin', places: [...places] }, { signal }).catch((error: unknown) => {
          throw notThereInMount(error);
        });
      if (json) process.stdout.write(`${JSON.stringify({ pinned: paths })}\n`);
      else if (process.stdout.isTTY) process.stdout.write(`${words.answers.pin.pinned}\n`);
    }),
};

/** `unpin PATH…`: they are not kept here any more; what only they held goes at once. */
export const unpinCommand: CommandModule<object, PinArguments> = {
  command: 'unpin <paths..>',
  describe: words.help.unpin.about,
  builder: (yargs) => withPaths(yargs),
  handler: ({ paths, account, json }) =>
    inMounts(account, async (disks, signal) => {
      for (const { mount, places } of await placesByMount(paths, disks))
        await askMount(mount, { command: 'unpin', places: [...places] }, { signal });
      if (json) process.stdout.write(`${JSON.stringify({ unpinned: paths })}\n`);
    }),
};

/** `pins`: what is pinned in all mounts, and how far it is. */
export const pinsCommand: CommandModule<object, MountAccountArguments & { readonly json: boolean }> = {
  command: 'pins',
  describe: words.help.pins.about,
  builder: (yargs) => withJson(yargs),
  handler: ({ account, json }) =>
    inMounts(account, async (disks, signal) => {
      const rows: ({ readonly mountpoint: string } & PinStatus)[] = [];
      const { given, failures } = await askEach(
        requireMounts(disks),
        (mount) => askMount(mount, { command: 'pins' }, { signal }),
        signal,
      );
      for (const [mount, { pins }] of given) {
        for (const pin of pins) rows.push({ mountpoint: mount.mountpoint, ...pin });
      }
      if (json) process.stdout.write(`${JSON.stringify({ pins: rows })}\n`);
      else if (rows.length === 0) process.stdout.write(`${words.answers.pin.nothing}\n`);
      else process.stdout.write(`${rows.flatMap(pinLines).join('\n')}\n`);
      tellFailures(failures, json);
    }),
};

function withPaths(yargs: Argv): Argv<PinArguments> {
  return (
    withJson(yargs)
      // Without it, of several paths the last one would count.
      .parserConfiguration({ ...parserRules, 'duplicate-arguments-array': true })
      .positional('paths', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: words.help.inMountOrDisk,
      }) as unknown as Argv<PinArguments>
  );
}

function withJson(yargs: Argv): Argv<MountAccountArguments & { readonly json: boolean }> {
  return withMountAccount(yargs).option('json', {
    type: 'boolean',
    describe: words.help.json,
    default: false,
  });
}

function inMounts(
  account: string | undefined,
  task: (disks: MountedDisks, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  return interruptible(async ({ signal }) => task(await disksMeant(account), signal));
}
