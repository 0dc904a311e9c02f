import type { CommandModule } from 'yargs';
import { askMount } from '../daemon/control-client.ts';
import { words } from '../words/words.ts';
import { mountsMeant } from './mounts-meant.ts';
import { answer } from './on-disk.ts';
import { limitsText, shownPath } from './status-lines.ts';
import { interruptible } from './terminal-interruption.ts';
import { parseSize } from './units.ts';

interface LimitArguments {
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
    yargs
      .positional('dir', { type: 'string', describe: words.help.mountOrAll })
      .options({
        up: { type: 'string', requiresArg: true, describe: words.help.limit.up },
        down: { type: 'string', requiresArg: true, describe: words.help.limit.down },
      })
      .option('json', { type: 'boolean', default: false, describe: words.help.json }),
  handler: ({ dir, up, down, json }) =>
    interruptible(async ({ signal }) => {
      const [upBytesPerSecond, downBytesPerSecond] = [rateOf(up, '--up'), rateOf(down, '--down')];
      const limits: object[] = [];
      const lines: string[] = [];
      for (const mount of await mountsMeant(dir)) {
        const request = { command: 'limit', upBytesPerSecond, downBytesPerSecond } as const;
        const now = await askMount(mount, request, { signal });
        limits.push({ mountpoint: mount.mountpoint, ...now });
        lines.push(`${shownPath(mount.mountpoint)}: ${limitsText(now)}`);
      }
      answer(json, { limits }, lines);
    }),
};

/** Undefined leaves it as it is. */
function rateOf(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  return text === 'off' ? 0 : parseSize(text, option);
}
