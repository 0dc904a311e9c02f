import type { CommandModule } from 'yargs';
import { share } from '../daemon/public-sharing.ts';
import { Failure } from '../errors.ts';
import { words } from '../words/words.ts';
import { answer, onDisk, type PathArguments, withPathOnDisk } from './on-disk.ts';
import { secretOf } from './standard-input.ts';
import { shownPath } from './status-lines.ts';
import { parseMoment } from './units.ts';

interface PublishArguments extends PathArguments {
  readonly password: string | undefined;
  readonly until: string | undefined;
  readonly 'read-only': boolean;
}

/** `publish PATH`: a link under which everybody may see it. What is public already keeps its link. */
export const publishCommand: CommandModule<object, PublishArguments> = {
  command: 'publish <path>',
  describe: words.help.publish.about,
  builder: (yargs) =>
    withPathOnDisk(yargs).options({
      password: {
        type: 'string',
        requiresArg: true,
        describe: words.help.publish.password,
      },
      until: {
        type: 'string',
        requiresArg: true,
        describe: words.help.publish.until,
      },
      'read-only': { type: 'boolean', default: false, describe: words.help.publish.readOnly },
    }),
  handler: (args) =>
    onDisk(args, [args.path], async (session, { signal }) => {
      const availableUntilSec = args.until === undefined ? undefined : untilSec(args.until);
      const password = args.password === undefined ? undefined : await secretOf(args.password, signal);
      const path = await session.existing(args.path);
      const shared = await share(session, path, {
        ...(password === undefined ? {} : { password }),
        ...(availableUntilSec === undefined ? {} : { availableUntilSec }),
        ...(args['read-only'] ? { readOnly: true } : {}),
      });
      await session.changed(path);
      const until = endOf(shared.availableUntilSec);
      const { url, key, readOnly } = shared;
      answer(args.json, { path, url, key, until, readOnly, password: password ? true : undefined }, [
        shownPath(url),
        ...(until === undefined ? [] : [words.answers.publish.until(until)]),
        ...(password ? [words.answers.publish.withPassword] : []),
        ...(readOnly ? [words.answers.publish.lookingOnly] : []),
      ]);
    }),
};

/** In ISO 8601; undefined where there is no end, or one beyond all dates: what the Disk tells need not be one. */
function endOf(unixSec: number | undefined): string | undefined {
  const date = new Date((unixSec || Number.NaN) * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** Unix seconds; 0 takes the end away. @throws Failure 'invalid' */
function untilSec(text: string): number {
  if (text === 'never') return 0;
  const ms = parseMoment(text, '--until');
  if (ms > Date.now()) return Math.floor(ms / 1000);
  throw new Failure('invalid', `--until is over already: ${text}`);
}
