import type { CommandModule } from 'yargs';
import { askMount } from '../daemon/control-client.ts';
import { words } from '../words/words.ts';
import { type MountAccountArguments, withMountAccount } from './account-options.ts';
import { askEach, mountsMeant, tellFailures } from './mounts-meant.ts';
import { answer } from './on-disk.ts';
import { limitsText, shownPath } from './status-lines.ts';
import { interruptible } from './terminal-interruption.ts';
import { parseSize } from './units.ts';

interface LimitArguments extends MountAccountArguments {
  readonly dir: string | undefined;
  readonly up: string | undefined;
  readonly down: string | undefined;
  readonly json: boolean;
}

/** `limit [DIR]`: shows or sets, at once, how many bytes a second the mounts may take; until they end. */
export const limitCommand: CommandModule<object, LimitArguments> = {
  command: 'limit [dir]',
  describe: words.help.limit.about,
  builder: (yargs) =>
    withMountAccount(yargs)
      .positional('dir', { type: 'string', describe: words.help.mountOrAll })
      .options({
        up: { type: 'string', requiresArg: true, describe: words.help.limit.up },
        down: { type: 'string', requiresArg: true, describe: words.help.limit.down },
      })
      .option('json', { type: 'boolean', default: false, describe: words.help.json }),
  handler: ({ dir, up, down, account, json }) =>
    interruptible(async ({ signal }) => {
      const [upBytesPerSecond, downBytesPerSecond] = [rateOf(up, '--up'), rateOf(down, '--down')];
      const limits: object[] = [];
      const lines: string[] = [];
      const request = { command: 'limit', upBytesPerSecond, downBytesPerSecond } as const;
      const mounts = await mountsMeant(dir, account);
      const { given, failures } = await askEach(
        mounts,
        (mount) => askMount(mount, request, { signal }),
        signal,
      );
      for (const [mount, now] of given) {
        limits.push({ mountpoint: mount.mountpoint, ...now });
        lines.push(`${shownPath(mount.mountpoint)}: ${limitsText(now)}`);
      }
      answer(json, { limits }, lines);
      tellFailures(failures, json);
    }),
};

/** Undefined leaves it as it is. */
function rateOf(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  return text === 'off' ? 0 : parseSize(text, option);
}
