import type { CommandModule } from 'yargs';
import { placesByMount, requireMounts } from '../daemon/places.ts';
import type { MountedDisks } from '../daemon/running-mounts.ts';
import { words } from '../words/words.ts';
import { type MountAccountArguments, withMountAccount } from './account-options.ts';
import { disksMeant, tellFailures } from './mounts-meant.ts';
import { parserRules } from './parser-rules.ts';
import { eachSent, type Wanted } from './sending.ts';
import { interruptible } from './terminal-interruption.ts';
import { parseDuration } from './units.ts';

interface FlushArguments extends MountAccountArguments {
  readonly paths: readonly string[];
  readonly timeout: string | undefined;
  readonly json: boolean;
}

/** `flush [PATH…]`: returns when everything at and under the paths is on the server; without paths, everything of all mounts. */
export const flushCommand: CommandModule<object, FlushArguments> = {
  command: 'flush [paths..]',
  describe: words.help.flush.about,
  builder: (yargs) =>
    withMountAccount(yargs)
      // Without it, of several paths the last one would count.
      .parserConfiguration({ ...parserRules, 'duplicate-arguments-array': true })
      .positional('paths', {
        type: 'string',
        array: true,
        default: [] as string[],
        describe: words.help.flush.paths,
      })
      .option('timeout', {
        type: 'string',
        coerce: lastOf,
        requiresArg: true,
        describe: words.help.flush.timeout,
      })
      .option('json', { type: 'boolean', describe: words.help.json, default: false }),
  handler: ({ paths, timeout, account, json }) =>
    interruptible(async ({ signal }) => {
      const timeoutMs = timeout === undefined ? undefined : parseDuration(timeout, '--timeout');
      const wanted = await wantedOf(paths, await disksMeant(account));
      const { sent, failures } = await eachSent(wanted, { signal, showsProgress: !json, timeoutMs });
      if (json && sent.length > 0) {
        const flushed = sent.map(({ mount, places }) => ({ mountpoint: mount.mountpoint, paths: places }));
        process.stdout.write(`${JSON.stringify({ flushed })}\n`);
      } else if (failures.length === 0 && process.stdout.isTTY)
        process.stdout.write(`${words.sending.everythingSent}\n`);
      tellFailures(failures, json);
    }),
};

function lastOf(value: string | readonly string[]): string | undefined {
  return typeof value === 'string' ? value : value.at(-1);
}

/** One for each mount. @throws Failure 'local' when nothing is mounted, or a path is in no mount */
async function wantedOf(paths: readonly string[], disks: MountedDisks): Promise<readonly Wanted[]> {
  if (paths.length === 0) return requireMounts(disks).map((mount) => ({ mount, places: [] }));
  // The mount itself is all of it.
  return (await placesByMount(paths, disks)).map(({ mount, places }) =>
    places.includes('') ? { mount, places: [] } : { mount, places },
  );
}
