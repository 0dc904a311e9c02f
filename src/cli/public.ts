import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { downloadPublic } from '../daemon/public-download.ts';
import { lookBehind, parsePublicLink, publicDownloadLink, saveBehind } from '../daemon/public-link.ts';
import { Failure } from '../errors.ts';
import { type AccountArguments, withAccount } from './account-options.ts';
import { entryJson, entryLine } from './entry-lines.ts';
import { answer, onDisk } from './on-disk.ts';
import { failureJson, reportFailure } from './report.ts';
import { counted, shownPath } from './status-lines.ts';
import { TerminalLine } from './terminal-line.ts';
import { formatSize, parseDuration } from './units.ts';

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
  describe: "Look into somebody's public link, download it, save it to your Disk",
  builder: (yargs) =>
    yargs
      .command<LinkArguments>('ls <link>', 'Show what is behind it', (own) => withLink(own), list)
      .command<GetArguments>(
        'get <link> [to]',
        'Download it; a folder with all in it',
        (own) =>
          withLink(own)
            .positional('to', { type: 'string', default: '.', describe: 'folder or name on this machine' })
            .options({
              overwrite: { type: 'boolean', default: false, describe: 'replace files that are others' },
              url: { type: 'boolean', default: false, describe: 'only tell where it can be downloaded' },
            }) as Argv<GetArguments>,
        get,
      )
      .command<SaveArguments>(
        'save <link> [to]',
        'Copy it to your Disk',
        (own) =>
          withLink(own)
            .positional('to', {
              type: 'string',
              describe: 'a folder in a mount, or disk:/… (its folder for downloads)',
            })
            .options({
              as: { type: 'string', requiresArg: true, describe: 'under this name' },
              timeout: { type: 'string', requiresArg: true, default: '1h', describe: 'wait no longer' },
            }) as Argv<SaveArguments>,
        save,
      )
      .demandCommand(1, 'ls, get or save?')
      .strict(),
  handler: () => {},
};

function withLink(yargs: Argv): Argv<LinkArguments> {
  return withAccount(yargs, 'which login')
    .positional('link', { type: 'string', demandOption: true, describe: 'https://disk.yandex.ru/d/…' })
    .option('path', {
      type: 'string',
      requiresArg: true,
      describe: 'a file or folder inside; also as the end of the link',
    }) as Argv<LinkArguments>;
}

function list(args: LinkArguments): Promise<void> {
  const place = parsePublicLink(args.link, args.path);
  return onDisk(args, [], async (session) => {
    const { entry, owner, views, entries } = await lookBehind(session, place);
    const by = owner === undefined ? '' : `, of ${shownPath(owner)}`;
    const head =
      entries === undefined
        ? entryLine({ ...entry, path: entry.name })
        : `${shownPath(entry.name)}/  ${counted(entries.length, 'entry').replace('entrys', 'entries')}${by}`;
    const lines = (entries ?? []).map((one) =>
      entryLine({ ...one, path: one.kind === 'folder' ? `${one.name}/` : one.name }),
    );
    const json = { ...entryJson(entry), owner, views, entries: entries?.map(entryJson) };
    answer(args.json, json, [head, ...lines]);
  });
}

function get(args: GetArguments): Promise<void> {
  const place = parsePublicLink(args.link, args.path);
  return onDisk(args, [], async (session) => {
    if (args.url) {
      const url = await publicDownloadLink(session, place);
      answer(args.json, { url }, [url]);
      return;
    }
    const line = new TerminalLine(!args.json);
    const { folder, name } = await localTarget(args.to);
    const { path, files, thereBefore, sizeBytes, failures } = await downloadPublic(session, place, {
      ...{ folder, name, overwrite: args.overwrite },
      onProgress: (now) =>
        line.put(
          `Downloading ${now.filesDone} of ${counted(now.files, 'file')}, ${formatSize(now.doneBytes)} of ${formatSize(now.sizeBytes)}`,
        ),
    }).finally(() => line.clear());
    const got = files - failures.length;
    const before = thereBefore === 0 ? '' : `, ${thereBefore} of them there before`;
    answer(args.json, { path, files, thereBefore, sizeBytes, failures: failures.map(failureJson) }, [
      `${shownPath(path)}: ${counted(got, 'file')}${files === 1 ? `, ${formatSize(sizeBytes)}` : ''}${before}`,
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
  if (args.as?.includes('/')) throw new Failure('invalid', `--as is a name, not a path: ${args.as}`);
  return onDisk(args, args.to === undefined ? [] : [args.to], async (session) => {
    const folder = args.to === undefined ? undefined : await session.existing(args.to);
    const line = new TerminalLine(!args.json);
    line.put('Saving it to your Disk …');
    const path = await saveBehind(session, place, { folder, name: args.as, timeoutMs }).finally(() =>
      line.clear(),
    );
    const where = path ?? folder ?? 'the folder for downloads';
    answer(args.json, { path, folder }, [
      path === undefined ? `Saved in ${shownPath(where)}` : `Saved as ${shownPath(where)}`,
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
