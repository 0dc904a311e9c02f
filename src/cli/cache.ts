import type { Argv, CommandModule } from 'yargs';
import { askMount } from '../daemon/control-client.ts';
import { ownFolders } from '../daemon/folders.ts';
import { eachRestingCache } from '../daemon/resting-caches.ts';
import { mountsOf, type RunningMount } from '../daemon/running-mounts.ts';
import { Failure } from '../errors.ts';
import { counted } from '../words/en/counted.ts';
import { words } from '../words/words.ts';
import { type MountAccountArguments, withMountAccount } from './account-options.ts';
import { askEach, disksMeant, tellFailures } from './mounts-meant.ts';
import { answer } from './on-disk.ts';
import { shownPath } from './status-lines.ts';
import { interruptible } from './terminal-interruption.ts';

interface CacheArguments extends MountAccountArguments {
  readonly json: boolean;
}

type Store = Parameters<Parameters<typeof eachRestingCache>[1]>[0]['store'];

/** What is asked of a mount, and of a cache that no mount uses; and how it is told. */
interface CacheTask<Answer extends object> {
  ofMount(mount: RunningMount, signal: AbortSignal): Promise<Answer>;
  ofStore(store: Store, signal: AbortSignal): Promise<Answer>;
  text(answer: Answer): string;
}

/** `cache …`: blocks of files that are kept on the local disk; all Disks, mounted or not. */
export const cacheCommand: CommandModule = {
  command: 'cache',
  describe: words.help.cache.about,
  builder: (yargs) =>
    yargs
      .command<CacheArguments>('stats', words.help.cache.stats, withJson, async (args) => {
        await onCaches(stats, args);
      })
      .command<CacheArguments>('clear', words.help.cache.clear, withJson, async (args) => {
        await onCaches(clear, args);
      })
      .command<CacheArguments>('verify', words.help.cache.verify, withJson, async (args) => {
        const answers = await onCaches(verify, args);
        const wrong = answers.reduce((sum, { wrongBlocks }) => sum + wrongBlocks, 0);
        if (wrong > 0)
          throw new Failure(
            'damaged',
            `${counted(wrong, 'block')} of the cache had changed on the local disk`,
            {
              hint: 'They are dropped, and fetched again when they are read. Is that disk all right?',
            },
          );
      })
      .demandCommand(1, 'stats, clear or verify?')
      .strict(),
  handler: () => {},
};

const stats: CacheTask<{ usedBytes: number; limitBytes: number | null; extents: number }> = {
  ofMount: (mount, signal) => askMount(mount, { command: 'cache-stats' }, { signal }),
  ofStore: async (store) => ({
    usedBytes: store.usedBytes,
    limitBytes: null,
    extents: store.extentCount,
  }),
  text: ({ usedBytes, limitBytes, extents }) => words.answers.cache.stats(usedBytes, limitBytes, extents),
};

const clear: CacheTask<{ freedBytes: number }> = {
  ofMount: (mount, signal) => askMount(mount, { command: 'cache-clear' }, { signal }),
  ofStore: async (store) => ({ freedBytes: await store.clear() }),
  text: ({ freedBytes }) => words.answers.cache.freed(freedBytes),
};

const verify: CacheTask<{ extents: number; blocks: number; bytes: number; wrongBlocks: number }> = {
  ofMount: (mount, signal) => askMount(mount, { command: 'cache-verify' }, { signal }),
  ofStore: (store, signal) => store.verify(signal),
  text: ({ blocks, bytes, wrongBlocks }) => words.answers.cache.verified(bytes, blocks, wrongBlocks),
};

/** Asks mounts for theirs, and looks after the others itself. */
function onCaches<Answer extends object>(
  task: CacheTask<Answer>,
  { account, json }: CacheArguments,
): Promise<readonly Answer[]> {
  return interruptible(async ({ signal }) => {
    const found: { readonly of: object; readonly name: string; readonly answer: Answer }[] = [];
    const mounts = mountsOf(await disksMeant(account));
    const { given, failures } = await askEach(mounts, (mount) => task.ofMount(mount, signal), signal);
    for (const [{ mountpoint }, one] of given)
      found.push({ of: { mountpoint }, name: mountpoint, answer: one });
    // Whose they are is not known without a mount.
    if (account === undefined)
      await eachRestingCache(ownFolders(process.env).cache, async ({ folder, store }) => {
        found.push({ of: { folder }, name: folder, answer: await task.ofStore(store, signal) });
      });
    const lines = found.map(({ name, answer: one }) => `${shownPath(name)}: ${task.text(one)}`);
    answer(
      json,
      { caches: found.map(({ of, answer: one }) => ({ ...of, ...one })) },
      lines.length === 0 ? [words.answers.cache.nothing] : lines,
    );
    tellFailures(failures, json);
    return found.map(({ answer: one }) => one);
  });
}

function withJson(yargs: Argv): Argv<CacheArguments> {
  return withMountAccount(yargs).option('json', {
    type: 'boolean',
    default: false,
    describe: words.help.json,
  }) as Argv<CacheArguments>;
}
