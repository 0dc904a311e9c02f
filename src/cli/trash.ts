import type { Argv, CommandModule } from 'yargs';
import type { DiskSession } from '../daemon/disk-session.ts';
import {
  emptyAll,
  oneInTrash,
  removeThing,
  restoreTarget,
  restoreThing,
  type TrashedThing,
  thingsInTrash,
} from '../daemon/trashed-things.ts';
import { Failure } from '../errors.ts';
import { dateText } from '../words/local-time.ts';
import { words } from '../words/words.ts';
import { type AccountArguments, withAccount } from './account-options.ts';
import { answer, onDisk } from './on-disk.ts';
import { shownPath } from './status-lines.ts';
import { sizeCell, tableLines } from './table-lines.ts';
import { TerminalLine } from './terminal-line.ts';
import { TerminalQuestions } from './terminal-questions.ts';

interface ListArguments extends AccountArguments {
  readonly folder: string | undefined;
}

interface RestoreArguments extends AccountArguments {
  readonly item: string;
  readonly as: string | undefined;
  readonly overwrite: boolean;
}

interface EndingArguments extends AccountArguments {
  readonly yes: boolean;
}

interface RemoveArguments extends EndingArguments {
  readonly item: string;
}

/** The Disk may take its time over a trash of years. */
const emptyingMs = 3600_000;

/** `trash …`: the Disk's own trash. */
export const trashCommand: CommandModule = {
  command: 'trash',
  describe: words.help.trash.about,
  builder: (yargs) =>
    yargs
      .command<ListArguments>(
        'list [folder]',
        words.help.trash.list,
        (own) =>
          withLogin(own).positional('folder', {
            type: 'string',
            describe: words.help.trash.folder,
          }) as Argv<ListArguments>,
        list,
      )
      .command<RestoreArguments>(
        'restore <item>',
        words.help.trash.restore,
        (own) =>
          withItem(own).options({
            as: { type: 'string', requiresArg: true, describe: words.help.trash.as },
            overwrite: { type: 'boolean', default: false, describe: words.help.trash.overwrite },
          }) as Argv<RestoreArguments>,
        restore,
      )
      .command<RemoveArguments>(
        'remove <item>',
        words.help.trash.remove,
        (own) => withYes(withItem(own)) as Argv<RemoveArguments>,
        remove,
      )
      .command<EndingArguments>(
        'empty',
        words.help.trash.empty,
        (own) => withYes(withLogin(own)) as Argv<EndingArguments>,
        empty,
      )
      .demandCommand(1, 'list, restore, remove or empty?')
      .strict(),
  handler: () => {},
};

function withLogin(yargs: Argv): Argv<AccountArguments> {
  return withAccount(yargs, words.help.whichLogin);
}

function withItem(yargs: Argv): Argv<AccountArguments> {
  return withLogin(yargs).positional('item', {
    type: 'string',
    demandOption: true,
    describe: words.help.trash.item,
  }) as Argv<AccountArguments>;
}

function withYes(yargs: Argv<AccountArguments>): Argv<EndingArguments> {
  return yargs.option('yes', {
    alias: 'y',
    type: 'boolean',
    default: false,
    describe: words.help.trash.yes,
  }) as Argv<EndingArguments>;
}

function list(args: ListArguments): Promise<void> {
  return onDisk(args, [], async (session) => {
    if (args.folder === undefined) await withLatestDeletions(session);
    const things = await thingsInTrash(session, args.folder);
    const rows = things.map((thing) => [
      thing.deleted === undefined ? '' : dateText(thing.deleted),
      sizeCell(thing),
      shownPath(thing.originPath ?? thing.name),
      shownPath(thing.id),
    ]);
    const lines = rows.length === 0 ? [words.answers.trash.isEmpty] : tableLines(rows, [1]);
    answer(args.json, { trash: things.map(thingJson) }, lines);
  });
}

/** Whoever has just deleted something looks for it here. What cannot be sent is told by `status`, and keeps nobody from seeing the rest. */
async function withLatestDeletions(session: DiskSession): Promise<void> {
  try {
    await session.deletionsSentFirst();
  } catch (error) {
    if (session.signal.aborted || !(error instanceof Failure)) throw error;
  }
}

function restore(args: RestoreArguments): Promise<void> {
  return onDisk(args, [args.item], async (session) => {
    const thing = await oneInTrash(session, args.item);
    const target = args.as === undefined ? undefined : await restoreTarget(session, thing, args.as);
    const path = await restoreThing(session, thing, { target, overwrite: args.overwrite });
    answer(args.json, { path, restored: thingJson(thing) }, [words.answers.trash.restored(shownPath(path))]);
  });
}

function remove(args: RemoveArguments): Promise<void> {
  return onDisk(args, [args.item], async (session, stop) => {
    const thing = await oneInTrash(session, args.item);
    const what = shownPath(thing.originPath ?? thing.name);
    await confirmed(args, words.answers.trash.deleteQuestion(what), stop);
    await removeThing(session, thing);
    answer(args.json, { removed: thingJson(thing) }, [words.answers.trash.deleted(what)]);
  });
}

function empty(args: EndingArguments): Promise<void> {
  return onDisk(args, [], async (session, stop) => {
    const things = await thingsInTrash(session);
    if (things.length > 0) {
      await confirmed(args, words.answers.trash.deleteQuestion(sumText(things)), stop);
      await emptied(session, args.json);
    }
    const { deleted, wasEmpty } = words.answers.trash;
    const said = things.length === 0 ? wasEmpty : `${deleted(sumText(things))}.`;
    answer(args.json, { removed: things.map(thingJson) }, [said]);
  });
}

async function emptied(session: DiskSession, json: boolean): Promise<void> {
  const line = new TerminalLine(!json);
  line.put(words.sending.emptyingTrash);
  await emptyAll(session, emptyingMs).finally(() => line.clear());
}

/** `3 things (1.2 MiB and what is in folders)` */
function sumText(things: readonly TrashedThing[]): string {
  const sizeBytes = things.reduce((sum, thing) => sum + (thing.sizeBytes ?? 0), 0);
  const hasFolders = things.some(({ kind }) => kind === 'folder');
  return words.answers.trash.sum(things.length, sizeBytes, hasFolders);
}

/** @throws Failure 'invalid' where nobody can be asked, 'aborted' for a no */
async function confirmed(args: EndingArguments, question: string, stop: AbortController): Promise<void> {
  if (args.yes) return;
  if (!process.stdin.isTTY || !process.stdout.isTTY || args.json)
    throw new Failure('invalid', 'What is deleted from the trash cannot be brought back', {
      hint: '--yes says that it is meant.',
    });
  const questions = new TerminalQuestions(stop);
  try {
    if (!(await questions.confirm(question, false))) throw new Failure('aborted', 'Nothing was deleted');
  } finally {
    questions.close();
  }
}

function thingJson({ id, name, originPath, kind, sizeBytes, deleted }: TrashedThing) {
  return { id, name, originPath, type: kind, sizeBytes, deleted };
}
