import { ownFolders } from '../daemon/folders.ts';
import { findPlace, requireMounts } from '../daemon/places.ts';
import { type MountedDisks, mountedDisks, type RunningMount } from '../daemon/running-mounts.ts';
import { Failure } from '../errors.ts';
import { exitCodeOf, reportFailure } from './report.ts';

/** All that is mounted, of which mounts of one login may be meant. */
export function disksMeant(account: string | undefined): Promise<MountedDisks> {
  return mountedDisks(ownFolders(process.env).runtime, account);
}

/** The mount at or around DIR, or all of them. @throws Failure 'local' when there is none */
export async function mountsMeant(
  dir: string | undefined,
  account: string | undefined,
): Promise<readonly RunningMount[]> {
  const disks = await disksMeant(account);
  return dir === undefined ? requireMounts(disks) : [(await findPlace(dir, disks)).mount];
}

/** What came of a question to several mounts. */
interface Answers<Of, Answer> {
  readonly given: readonly (readonly [of: Of, answer: Answer])[];
  readonly failures: readonly Failure[];
}

/**
 * Asks each, whatever becomes of the others: one that is dead keeps nobody from the rest.
 * @throws Failure of the first when none answers
 */
export async function askEach<Of, Answer>(
  all: readonly Of[],
  ask: (of: Of) => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answers<Of, Answer>> {
  const { given, failures } = await outcomesOf(all, ask, signal);
  const [first] = failures;
  if (first && given.length === 0) throw first;
  return { given, failures };
}

/** As `askEach`, also where none answers. @throws what is no `Failure` of one of them: the signal's */
export async function outcomesOf<Of, Answer>(
  all: readonly Of[],
  ask: (of: Of) => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answers<Of, Answer>> {
  const given: (readonly [Of, Answer])[] = [];
  const failures: Failure[] = [];
  const outcomes = await Promise.allSettled(all.map(ask));
  for (const [index, of] of all.entries()) {
    const outcome = outcomes[index];
    if (outcome?.status === 'fulfilled') given.push([of, outcome.value]);
    else if (outcome?.reason instanceof Failure && !signal.aborted) failures.push(outcome.reason);
    else throw outcome?.reason;
  }
  return { given, failures };
}

/** Says at the end what failed beside what is told already. Programs get one failure, as always. */
export function tellFailures(failures: readonly Failure[], json: boolean): void {
  for (const failure of json ? failures.slice(0, 1) : failures) reportFailure(failure, json);
  const [first] = failures;
  if (first) process.exitCode = exitCodeOf(first);
}
