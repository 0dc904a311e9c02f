import { resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { askMount } from '../daemon/control-client.ts';
import type { MountStatus } from '../daemon/control-messages.ts';
import { ownFolders } from '../daemon/folders.ts';
import { findPlace, liesInMount, requireMounts } from '../daemon/places.ts';
import { type MountedDisks, mountedDisks, type RunningMount } from '../daemon/running-mounts.ts';
import { Failure } from '../errors.ts';
import { dateText, shownPath } from './status-lines.ts';
import { interruptible } from './terminal-interruption.ts';

interface Asked {
  readonly json: boolean;
}

/** `unsent …`: work that could not be sent. It is kept until somebody discards it. */
export const unsentCommand: CommandModule = {
  command: 'unsent <action>',
  describe: 'Work that could not be sent',
  builder: (yargs) =>
    withJson(yargs)
      .command<Asked & { readonly path: string | undefined }>(
        'list [path]',
        'Show it, and why',
        (own) => withPath(own, 'in a mount, or disk:/… (all mounts)'),
        ({ path, json }) => inMounts((disks, signal) => list(disks, path, json, signal)),
      )
      .command<Asked & { readonly path: string | undefined }>(
        'retry [path]',
        'Try to send it again',
        (own) => withPath(own, 'what is at or under it (all of it)'),
        ({ path, json }) => inMounts((disks, signal) => retry(disks, path, json, signal)),
      )
      .command<Asked & { readonly dir: string; readonly from: string | undefined }>(
        'export <dir>',
        'Copy unsent files to a folder of this machine',
        (own) =>
          own
            .positional('dir', { type: 'string', demandOption: true, describe: 'where to' })
            .option('from', { type: 'string', requiresArg: true, describe: 'which mount' }) as Argv,
        ({ dir, from, json }) => inMounts((disks, signal) => exportTo(disks, dir, from, json, signal)),
      )
      .command<Asked & { readonly path: string }>(
        'discard <path>',
        'Give it up for good',
        (own) =>
          own.positional('path', {
            type: 'string',
            demandOption: true,
            describe: "the server's version is shown again there",
          }) as Argv,
        ({ path, json }) => inMounts((disks, signal) => discard(disks, path, json, signal)),
      )
      .demandCommand(1, 'list, retry, export or discard?')
      .strict(),
  handler: () => {},
};

function withJson(yargs: Argv): Argv {
  return yargs.option('json', {
    type: 'boolean',
    describe: 'answers and errors for programs',
    default: false,
  }) as Argv;
}

function withPath(yargs: Argv, describe: string): Argv {
  return yargs.positional('path', { type: 'string', describe }) as Argv;
}

function inMounts(task: (disks: MountedDisks, signal: AbortSignal) => Promise<void>): Promise<void> {
  return interruptible(async ({ signal }) =>
    task(await mountedDisks(ownFolders(process.env).runtime), signal),
  );
}

interface Range {
  readonly mount: RunningMount;
  /** Empty: all of it. */
  readonly place: string;
}

async function rangesOf(disks: MountedDisks, path: string | undefined): Promise<readonly Range[]> {
  if (path !== undefined) return [await findPlace(path, disks)];
  return requireMounts(disks).map((mount) => ({ mount, place: '' }));
}

async function list(
  disks: MountedDisks,
  path: string | undefined,
  json: boolean,
  signal: AbortSignal,
): Promise<void> {
  const rows: ({ readonly mountpoint: string } & MountStatus['unsent'][number])[] = [];
  for (const { mount, place } of await rangesOf(disks, path)) {
    const { unsent } = await askMount(mount, { command: 'status' }, { signal });
    const within = unsent.filter((one) => place === '' || `${one.path}/`.startsWith(`${place}/`));
    rows.push(...within.map((one) => ({ mountpoint: mount.mountpoint, ...one })));
  }
  if (json) process.stdout.write(`${JSON.stringify({ unsent: rows })}\n`);
  else if (rows.length === 0)
    process.stdout.write('Nothing is unsent for good; yadiskfs status shows what is on its way.\n');
  else {
    for (const row of rows) {
      process.stdout.write(
        `${shownPath(`${row.mountpoint}/${row.path}`)}\n  ${shownPath(row.message)} (${row.code}, since ${dateText(row.since)})\n`,
      );
    }
  }
}

async function retry(
  disks: MountedDisks,
  path: string | undefined,
  json: boolean,
  signal: AbortSignal,
): Promise<void> {
  let retried = 0;
  for (const { mount, place } of await rangesOf(disks, path)) {
    const places = place === '' ? [] : [place];
    retried += (await askMount(mount, { command: 'retry', places }, { signal })).retried;
  }
  process.stdout.write(
    json
      ? `${JSON.stringify({ retried })}\n`
      : retried === 0
        ? 'There is nothing to be tried again.\n'
        : `${retried} to be tried again; yadiskfs status shows what becomes of it.\n`,
  );
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
  const [range, other] = await rangesOf(disks, from);
  if (!range || other) {
    throw new Failure('invalid', 'Several Disks are mounted: which one?', {
      hint: 'Name it with --from DIR; yadiskfs status tells what is mounted.',
    });
  }
  const { files } = await askMount(range.mount, { command: 'export', folder }, { signal });
  if (json) process.stdout.write(`${JSON.stringify({ files })}\n`);
  else if (files.length === 0) process.stdout.write('Nothing is unsent.\n');
  else process.stdout.write(`${files.map((file) => `${shownPath(file)}\n`).join('')}`);
}

async function discard(disks: MountedDisks, path: string, json: boolean, signal: AbortSignal): Promise<void> {
  const { mount, place } = await findPlace(path, disks);
  if (place === '') {
    throw new Failure('invalid', 'Name one file or folder in the mount: all at once is not given up', {
      path,
      hint: 'yadiskfs unsent list shows them.',
    });
  }
  await askMount(mount, { command: 'discard', place }, { signal });
  process.stdout.write(
    json ? `${JSON.stringify({ discarded: place })}\n` : `Given up: ${shownPath(place)}\n`,
  );
}
