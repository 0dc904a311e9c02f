import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { downloadPublic } from '../daemon/public-download.ts';
import { lookBehind, parsePublicLink, publicDownloadLink, saveBehind } from '../daemon/public-link.ts';
import { Failure } from '../errors.ts';
import { words } from '../words/words.ts';
import { type AccountArguments, withAccount } from './account-options.ts';
import { entryJson, entryLine } from './entry-lines.ts';
import { answer, onDisk, onPublic } from './on-disk.ts';
import { failureJson, reportFailure } from './report.ts';
import { shownPath } from './status-lines.ts';
import { TerminalLine } from './terminal-line.ts';
import { parseDuration } from './units.ts';

interface LinkArguments extends AccountArguments {
  readonly link: string;
  readonly path: string | undefined;
}

interface GetArguments extends LinkArguments {
  readonly to: string;
  readonly overwrite: boolean;
  readonly url: boolean;
}

interface SaveArguments extends LinkArguments {
  readonly to: string | undefined;
  readonly as: string | undefined;
  readonly timeout: string;
}

/** `public …`: what is behind somebody's public link. */
export const publicCommand: CommandModule = {
  command: 'public',
  describe: words.help.public.about,
  builder: (yargs) =>
    yargs
      .command<LinkArguments>('ls <link>', words.help.public.ls, (own) => withLink(own), list)
      .command<GetArguments>(
        'get <link> [to]',
        words.help.public.get,
        (own) =>
          withLink(own)
            .positional('to', { type: 'string', default: '.', describe: words.help.public.getTo })
            .options({
              overwrite: { type: 'boolean', default: false, describe: words.help.public.overwrite },
              url: { type: 'boolean', default: false, describe: words.help.public.url },
            }) as Argv<GetArguments>,
        get,
      )
      .command<SaveArguments>(
        'save <link> [to]',
        words.help.public.save,
        (own) =>
          withLink(own)
            .positional('to', {
              type: 'string',
              describe: words.help.public.saveTo,
            })
            .options({
              as: { type: 'string', requiresArg: true, describe: words.help.underThisName },
              timeout: {
                type: 'string',
                requiresArg: true,
                default: '1h',
                describe: words.help.waitNoLonger,
              },
            }) as Argv<SaveArguments>,
        save,
      )
      .demandCommand(1, 'ls, get or save?')
      .strict(),
  handler: () => {},
};

function withLink(yargs: Argv): Argv<LinkArguments> {
  return withAccount(yargs, words.help.whichLogin)
    .positional('link', { type: 'string', demandOption: true, describe: 'https://disk.yandex.ru/d/…' })
    .option('path', {
      type: 'string',
      requiresArg: true,
      describe: words.help.public.path,
    }) as Argv<LinkArguments>;
}

function list(args: LinkArguments): Promise<void> {
  const place = parsePublicLink(args.link, args.path);
  return onPublic(args, async (session) => {
    const { entry, owner, views, entries } = await lookBehind(session, place);
    const by = owner === undefined ? '' : words.answers.public.of(shownPath(owner));
    const head =
      entries === undefined
        ? entryLine({ ...entry, path: entry.name })
        : `${shownPath(entry.name)}/  ${words.answers.public.entries(entries.length)}${by}`;
    const lines = (entries ?? []).map((one) =>
      entryLine({ ...one, path: one.kind === 'folder' ? `${one.name}/` : one.name }),
    );
    const json = { ...entryJson(entry), owner, views, entries: entries?.map(entryJson) };
    answer(args.json, json, [head, ...lines]);
  });
}

function get(args: GetArguments): Promise<void> {
  const place = parsePublicLink(args.link, args.path);
  return onPublic(args, async (session) => {
    if (args.url) {
      const url = await publicDownloadLink(session, place);
      answer(args.json, { url }, [url]);
      return;
    }
    const line = new TerminalLine(!args.json);
    const { folder, name } = await localTarget(args.to);
    const { path, files, thereBefore, sizeBytes, failures } = await downloadPublic(session, place, {
      ...{ folder, name, overwrite: args.overwrite },
      onProgress: (now) => line.put(words.sending.downloading(now)),
    }).finally(() => line.clear());
    const said = words.answers.public;
    const got = files - failures.length;
    const before = thereBefore === 0 ? '' : said.thereBefore(thereBefore);
    answer(args.json, { path, files, thereBefore, sizeBytes, failures: failures.map(failureJson) }, [
      `${shownPath(path)}: ${said.got(got)}${files === 1 ? `, ${words.size(sizeBytes)}` : ''}${before}`,
    ]);
    const [first, second] = failures;
    if (!first) return;
    if (!second) throw first;
    if (!args.json) for (const failure of failures) reportFailure(failure, false);
    throw new Failure('local', `${failures.length} of ${files} files could not be downloaded`, { path });
  });
}

function save(args: SaveArguments): Promise<void> {
  const place = parsePublicLink(args.link, args.path);
  const timeoutMs = parseDuration(args.timeout, '--timeout');
  if (args.as === '') throw new Failure('invalid', '--as wants a value');
  if (args.as?.includes('/')) throw new Failure('invalid', `--as is a name, not a path: ${args.as}`);
  return onDisk(args, args.to === undefined ? [] : [args.to], async (session) => {
    const folder = args.to === undefined ? undefined : await session.existing(args.to);
    const line = new TerminalLine(!args.json);
    line.put(words.sending.saving);
    const path = await saveBehind(session, place, { folder, name: args.as, timeoutMs }).finally(() =>
      line.clear(),
    );
    const said = words.answers.public;
    answer(args.json, { path, folder }, [
      path === undefined
        ? said.savedIn(folder === undefined ? said.folderForDownloads : shownPath(folder))
        : said.savedAs(shownPath(path)),
    ]);
  });
}

/** As `cp` takes it: into a folder that is there, else under that name. @throws Failure 'local' */
async function localTarget(text: string): Promise<{ readonly folder: string; readonly name?: string }> {
  const path = resolve(text);
  if (await isFolder(path)) return { folder: path };
  const folder = dirname(path);
  if (text.endsWith('/') || !(await isFolder(folder)))
    throw new Failure('local', `There is no folder ${text.endsWith('/') ? path : folder}`, {
      path,
      hint: 'Make it first.',
    });
  return { folder, name: basename(path) };
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
