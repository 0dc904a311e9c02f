import type { CommandModule } from 'yargs';
import { parseWebAddress, saveFromWeb } from '../daemon/url-saving.ts';
import { abortFailure, Failure, failedWith } from '../errors.ts';
import { words } from '../words/words.ts';
import { type AccountArguments, withAccount } from './account-options.ts';
import { entryJson } from './entry-lines.ts';
import { answer, onDisk } from './on-disk.ts';
import { shownPath } from './status-lines.ts';
import { sizeCell } from './table-lines.ts';
import { TerminalLine } from './terminal-line.ts';
import { parseDuration } from './units.ts';

interface SaveUrlArguments extends AccountArguments {
  readonly url: string;
  readonly path: string;
  readonly timeout: string;
}

const tellEveryMs = 1_000;

/** `save-url URL PATH`: the Disk's server downloads it; returns when the file is there. */
export const saveUrlCommand: CommandModule<object, SaveUrlArguments> = {
  command: 'save-url <url> <path>',
  describe: words.help.saveUrl.about,
  builder: (yargs) =>
    withAccount(yargs, words.help.whichLoginOrMounts)
      .positional('url', { type: 'string', demandOption: true, describe: words.help.saveUrl.url })
      .positional('path', {
        type: 'string',
        demandOption: true,
        describe: words.help.saveUrl.path,
      })
      .option('timeout', {
        type: 'string',
        requiresArg: true,
        default: '1h',
        describe: words.help.saveUrl.timeout,
      }),
  handler: async (args) => {
    const url = parseWebAddress(args.url);
    const timeoutMs = parseDuration(args.timeout, '--timeout');
    await onDisk(args, [args.path], async (session) => {
      const wanted = await session.wanted(args.path);
      const line = new TerminalLine(!args.json);
      const begunAtMs = performance.now();
      let timer: NodeJS.Timeout | undefined;
      const onBegun = (path: string) => {
        const tell = () => {
          const elapsedSec = Math.floor((performance.now() - begunAtMs) / 1000);
          line.put(words.sending.serverDownloads(shownPath(path), elapsedSec));
        };
        tell();
        timer = setInterval(tell, tellEveryMs);
      };
      try {
        const entry = await saveFromWeb(session, url, wanted, { timeoutMs, onBegun });
        line.clear();
        answer(args.json, entryJson(entry), [`${shownPath(entry.path)}: ${sizeCell(entry)}`]);
      } catch (error) {
        // Only the wait can be ended from here.
        const hint = 'It goes on with it. Look at the Disk before asking again.';
        if (timer && failedWith(error, 'aborted'))
          throw new Failure('aborted', 'Given up waiting for the server, which downloads it', {
            path: wanted,
            hint,
            cause: abortFailure(session.signal).cause,
          });
        const isLate = failedWith(error, 'in-doubt') && performance.now() - begunAtMs >= timeoutMs;
        if (!isLate) throw error;
        throw new Failure('timed-out', `The server has not downloaded it after ${args.timeout}`, {
          path: wanted,
          hint,
          cause: error,
        });
      } finally {
        clearInterval(timer);
        line.clear();
      }
    });
  },
};
