import type { CommandModule } from 'yargs';
import { pause } from '../async/pause.ts';
import { askMount } from '../daemon/control-client.ts';
import type { MountStatus } from '../daemon/control-messages.ts';
import { findPlace } from '../daemon/places.ts';
import { mountsOf, type RunningMount } from '../daemon/running-mounts.ts';
import { Failure } from '../errors.ts';
import { translated, words } from '../words/words.ts';
import { type MountAccountArguments, withMountAccount } from './account-options.ts';
import { tellEach, withResting } from './at-rest.ts';
import { disksMeant } from './mounts-meant.ts';
import { exitCodeOf, reportFailure } from './report.ts';
import { fitted, isSending, shownPath, statusLines, type Waiting, waitingLines } from './status-lines.ts';
import { interruptible } from './terminal-interruption.ts';

interface StatusArguments extends MountAccountArguments {
  readonly dir: string | undefined;
  readonly watch: boolean;
  readonly json: boolean;
}

const watchIntervalMs = 1_000;
/** Cursor home, and clear from there to the end. */
const redraw = '\x1b[H\x1b[J';

/** What was heard of all mounts that were asked. */
interface Standing {
  readonly atMs: number;
  readonly mounts: readonly MountStatus[];
  /** Of mounts that do not answer. */
  readonly failures: readonly Failure[];
}

/** `status [DIR]`: how the mount at or around DIR stands, or all of them. */
export const statusCommand: CommandModule<object, StatusArguments> = {
  command: 'status [dir]',
  describe: words.help.status.about,
  builder: (yargs) =>
    withMountAccount(yargs)
      .positional('dir', { type: 'string', describe: words.help.mountOrAll })
      .option('watch', { type: 'boolean', describe: words.help.status.watch, default: false })
      .option('json', { type: 'boolean', describe: words.help.json, default: false }),
  handler: (args) =>
    interruptible(async (stop) => {
      if (args.watch) await watch(args, stop.signal);
      else await once(args, stop.signal);
    }),
};

async function once(args: StatusArguments, signal: AbortSignal): Promise<void> {
  const standing = await look(args, signal);
  const resting = args.dir === undefined ? (await restingWork(args.account)).filter(isAnything) : [];
  if (args.json) {
    const rest = resting.length > 0 ? { resting } : {};
    process.stdout.write(`${JSON.stringify({ mounts: standing.mounts, ...rest })}\n`);
  } else {
    const lines = [...linesOf(standing), ...resting.flatMap(waitingLines)];
    process.stdout.write(`${lines.join('\n')}\n`);
  }
  const [failure] = standing.failures;
  if (!failure) return;
  // People have read it between the others.
  if (args.json) reportFailure(failure, true);
  process.exitCode = exitCodeOf(failure);
}

/** What is kept here where nothing is mounted. Asked once, and never by who watches: for that moment nothing can be mounted there. */
function restingWork(account: string | undefined): Promise<Resting[]> {
  return withResting(account, (resting) =>
    tellEach(resting, (waiting, { unsent }) => ({ ...waiting, unsent: unsent.length })),
  );
}

interface Resting extends Waiting {
  /** What will not go by itself. */
  readonly unsent: number;
}

/** A Disk that was mounted once and has sent all is not worth a word. */
function isAnything({ queue, unsent }: Resting): boolean {
  return isSending(queue) || unsent > 0;
}

/** Until it is interrupted, which is its ordinary end. */
async function watch(args: StatusArguments, signal: AbortSignal): Promise<void> {
  let before: Standing | undefined;
  try {
    for (;;) {
      const standing = await look(args, signal);
      if (args.json) process.stdout.write(`${JSON.stringify({ mounts: standing.mounts })}\n`);
      else {
        const lines = linesOf(standing, before);
        process.stdout.write(
          process.stdout.isTTY
            ? `${redraw}${fitted(lines, process.stdout).join('\n')}\n`
            : `${lines.join('\n')}\n\n`,
        );
      }
      before = standing;
      await pause(watchIntervalMs, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** @throws Failure 'local' when nothing is mounted at `dir` */
async function look({ dir, account }: StatusArguments, signal: AbortSignal): Promise<Standing> {
  const disks = await disksMeant(account);
  const asked = dir === undefined ? mountsOf(disks) : [(await findPlace(dir, disks)).mount];
  const answers = await Promise.all(asked.map((mount) => statusOf(mount, signal)));
  return {
    atMs: Date.now(),
    mounts: answers.flatMap((answer) => (answer instanceof Failure ? [] : [answer])),
    failures: answers.filter((answer) => answer instanceof Failure),
  };
}

async function statusOf(mount: RunningMount, signal: AbortSignal): Promise<MountStatus | Failure> {
  try {
    return await askMount(mount, { command: 'status' }, { signal });
  } catch (error) {
    if (signal.aborted || !(error instanceof Failure)) throw error;
    return error;
  }
}

function linesOf(standing: Standing, before?: Standing): string[] {
  if (standing.mounts.length + standing.failures.length === 0) return [words.status.nothingMounted];
  const parts = [
    ...standing.mounts.map((mount) => statusLines(mount, standing.atMs, speed(mount, standing, before))),
    ...standing.failures.map(({ path = '', message, hint }) => [
      `${shownPath(path)}  ${words.status.noAnswer}`,
      `  ${shownPath(translated(message))}`,
      ...(hint ? [`  ${shownPath(translated(hint))}`] : []),
    ]),
  ];
  return parts.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

/** Of the files that were under way at both looks. In bytes a second. */
function speed(mount: MountStatus, now: Standing, before: Standing | undefined): number | undefined {
  const earlier = before?.mounts.find(({ pid }) => pid === mount.pid);
  if (!before || !earlier) return undefined;
  const sentBytes = mount.queue.active.reduce((sum, { path, sentBytes }) => {
    const was = earlier.queue.active.find((upload) => upload.path === path);
    return sum + Math.max(0, sentBytes - (was?.sentBytes ?? 0));
  }, 0);
  return (sentBytes * 1000) / Math.max(1, now.atMs - before.atMs);
}
