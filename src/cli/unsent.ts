import { resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { askMount } from '../daemon/control-client.ts';
import { findPlace, liesInMount, requireMounts } from '../daemon/places.ts';
import type { RestingWork } from '../daemon/resting-work.ts';
import type { MountedDisks } from '../daemon/running-mounts.ts';
import { Failure } from '../errors.ts';
import { translated, words } from '../words/words.ts';
import { type MountAccountArguments, withMountAccount } from './account-options.ts';
import { diskPathOf, type MountedRange, tellEach, withRanges } from './at-rest.ts';
import { askEach, disksMeant, outcomesOf, tellFailures } from './mounts-meant.ts';
import { isSending, shownPath, type Waiting, waitingLines } from './status-lines.ts';
import { interruptible } from './terminal-interruption.ts';

interface Asked extends MountAccountArguments {
  readonly json: boolean;
}

/** `unsent …`: work that could not be sent. It is kept until somebody discards it. */
export const unsentCommand: CommandModule = {
  command: 'unsent',
  describe: words.help.unsent.about,
  builder: (yargs) =>
    withJson(yargs)
      .command<Asked & { readonly path: string | undefined }>(
        'list [path]',
        words.help.unsent.list,
        (own) => withPath(own, words.help.unsent.listPath),
        ({ path, account, json }) => inMounts(account, (disks, signal) => list(disks, path, json, signal)),
      )
      .command<Asked & { readonly path: string | undefined }>(
        'retry [path]',
        words.help.unsent.retry,
        (own) => withPath(own, words.help.unsent.retryPath),
        ({ path, account, json }) => inMounts(account, (disks, signal) => retry(disks, path, json, signal)),
      )
      .command<Asked & { readonly dir: string; readonly from: string | undefined }>(
        'export <dir>',
        words.help.unsent.export,
        (own) =>
          own
            .positional('dir', { type: 'string', demandOption: true, describe: words.help.unsent.exportDir })
            .option('from', { type: 'string', requiresArg: true, describe: words.help.unsent.from }) as Argv,
        ({ dir, from, account, json }) =>
          inMounts(account, (disks, signal) => exportTo(disks, dir, from, json, signal)),
      )
      .command<Asked & { readonly path: string }>(
        'discard <path>',
        words.help.unsent.discard,
        (own) =>
          own.positional('path', {
            type: 'string',
            demandOption: true,
            describe: words.help.unsent.discardPath,
          }) as Argv,
        ({ path, account, json }) => inMounts(account, (disks, signal) => discard(disks, path, json, signal)),
      )
      .demandCommand(1, 'list, retry, export or discard?')
      .strict(),
  handler: () => {},
};

function withJson(yargs: Argv): Argv {
  return withMountAccount(yargs).option('json', {
    type: 'boolean',
    describe: words.help.json,
    default: false,
  }) as Argv;
}

function withPath(yargs: Argv, describe: string): Argv {
  return yargs.positional('path', { type: 'string', describe }) as Argv;
}

function inMounts(
  account: string | undefined,
  task: (disks: MountedDisks, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  return interruptible(async ({ signal }) => task(await disksMeant(account), signal));
}

async function rangesOf(disks: MountedDisks, path: string | undefined): Promise<readonly MountedRange[]> {
  if (path !== undefined) return [await findPlace(path, disks)];
  return requireMounts(disks).map((mount) => ({ mount, place: '' }));
}

interface Row {
  /** Null where it lies here without a mount; then `root` tells where it belongs. */
  readonly mountpoint: string | null;
  readonly root?: string;
  readonly path: string;
  readonly code: string;
  readonly message: string;
  readonly since: string;
}

function list(
  disks: MountedDisks,
  path: string | undefined,
  json: boolean,
  signal: AbortSignal,
): Promise<void> {
  return withRanges(disks, path, async (mounted, resting) => {
    // What a killed process had to send lies here as well, and is told though the process cannot be asked.
    const askRanges = resting.length > 0 ? outcomesOf : askEach;
    const rows: Row[] = [];
    const { given, failures } = await askRanges(
      mounted,
      ({ mount }) => askMount(mount, { command: 'status' }, { signal }),
      signal,
    );
    for (const [{ mount, place }, { unsent }] of given) {
      const { mountpoint } = mount;
      rows.push(...unsent.filter(isWithin(place)).map((one) => ({ mountpoint, ...one })));
    }
    for (const { work, place } of resting) {
      const { root } = work;
      for (const { sinceMs, ...one } of work.report().unsent.filter(isWithin(place)))
        rows.push({ mountpoint: null, root, ...one, since: new Date(sinceMs).toISOString() });
    }
    const works = resting.map(({ work }) => work);
    const waiting = (await tellEach(works, (one) => one)).filter(({ queue }) => isSending(queue));
    if (json)
      process.stdout.write(
        `${JSON.stringify({ unsent: rows, ...(waiting.length > 0 ? { waiting } : {}) })}\n`,
      );
    else process.stdout.write(listText(rows, waiting));
    tellFailures(failures, json);
  });
}

function isWithin(place: string): (one: { readonly path: string }) => boolean {
  return ({ path }) => place === '' || `${path}/`.startsWith(`${place}/`);
}

function listText(rows: readonly Row[], waiting: readonly Waiting[]): string {
  const lines = rows.flatMap(({ mountpoint, root = '', path, code, message, since }) => [
    shownPath(mountpoint === null ? diskPathOf(root, path) : `${mountpoint}/${path}`),
    `  ${shownPath(translated(message))} (${code}, ${words.status.since(since)})`,
  ]);
  if (rows.length === 0) lines.push(words.answers.unsent.nothingForGood);
  return `${[...lines, ...waiting.flatMap(waitingLines)].join('\n')}\n`;
}

async function retry(
  disks: MountedDisks,
  path: string | undefined,
  json: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { given, failures } = await askEach(
    await rangesOf(disks, path),
    ({ mount, place }) =>
      askMount(mount, { command: 'retry', places: place === '' ? [] : [place] }, { signal }),
    signal,
  );
  const retried = given.reduce((sum, [, answer]) => sum + answer.retried, 0);
  process.stdout.write(
    json
      ? `${JSON.stringify({ retried })}\n`
      : retried === 0
        ? `${words.answers.unsent.nothingToRetry}\n`
        : `${words.answers.unsent.retried(retried)}\n`,
  );
  tellFailures(failures, json);
}

async function exportTo(
  disks: MountedDisks,
  dir: string,
  from: string | undefined,
  json: boolean,
  signal: AbortSignal,
): Promise<void> {
  const folder = resolve(dir);
  if (await liesInMount(folder, disks))
    throw new Failure('invalid', `Choose a folder outside the mounts, not ${folder}`, { path: folder });
  await withRanges(disks, from, async (mounted, resting) => {
    // Where something is mounted, that is meant.
    const works = mounted.length > 0 ? [] : resting.map(({ work }) => work).filter(holdsAnything);
    const [range, work] = [mounted[0], works[0]];
    if (mounted.length + works.length > 1) {
      throw new Failure('invalid', 'There are several Disks: which one?', {
        hint: 'Name it with --from DIR, or --from disk:/… where it is not mounted; yadiskfs status tells what there is.',
      });
    }
    const { files, incomplete } = range
      ? { ...(await askMount(range.mount, { command: 'export', folder }, { signal })), incomplete: [] }
      : ((await work?.exportTo(folder, signal)) ?? { files: [], incomplete: [] });
    if (json)
      process.stdout.write(
        `${JSON.stringify({ files, ...(incomplete.length > 0 ? { incomplete } : {}) })}\n`,
      );
    else if (files.length === 0) process.stdout.write(`${words.answers.unsent.nothing}\n`);
    else process.stdout.write(`${files.map((file) => `${shownPath(file)}\n`).join('')}`);
    if (incomplete.length > 0)
      throw new Failure('local', `Not all bytes are on this machine: ${incomplete.join(', ')}`, {
        hint: 'They hold what was written here, and zeros for the rest. Mount the Disk, and export again.',
      });
  });
}

function holdsAnything(work: RestingWork): boolean {
  const { uploads, unsent } = work.report();
  return uploads > 0 || unsent.length > 0;
}

async function discard(disks: MountedDisks, path: string, json: boolean, signal: AbortSignal): Promise<void> {
  await withRanges(disks, path, async ([range], [resting, other]) => {
    const place = (range ?? resting)?.place ?? '';
    if (place === '') {
      throw new Failure('invalid', 'Name one file or folder in the mount: all at once is not given up', {
        path,
        hint: 'yadiskfs unsent list shows them.',
      });
    }
    if (other) throw new Failure('invalid', `${path} is kept here for several mounts`, { path });
    if (range) await askMount(range.mount, { command: 'discard', place }, { signal });
    else await resting?.work.discard(place);
    process.stdout.write(
      json
        ? `${JSON.stringify({ discarded: place })}\n`
        : `${words.answers.unsent.givenUp(shownPath(place))}\n`,
    );
  });
}
