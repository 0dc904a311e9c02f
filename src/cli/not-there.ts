import { namesIn } from '../daemon/disk-lists.ts';
import type { DiskSession } from '../daemon/disk-session.ts';
import { Failure, failedWith } from '../errors.ts';
import { nearest } from './near-miss.ts';

/** What may have been meant is looked for no longer. */
const lookingMs = 3_000;

const namesHint =
  'Names are as the Disk has them, upper and lower case included; yadiskfs files lists all files.';

/**
 * Says of what is not on the Disk, in place of the Disk's own 404: what is not there, and what may have been meant. All else is handed back as it
 * came.
 */
export async function notThere(session: DiskSession, error: unknown): Promise<unknown> {
  if (!isMissing(error)) return error;
  const { missing, near } = await firstMissing(session, error.path);
  return explained(error, missing, near);
}

/** The same where the Disk is not asked: by a mount, of what it shows. */
export function notThereInMount(error: unknown): unknown {
  return isMissing(error) ? explained(error, error.path) : error;
}

/** And nobody has said yet what to do. */
function isMissing(error: unknown): error is Failure & { readonly path: string } {
  if (!failedWith(error, 'not-found', 'no-parent') || error.hint !== undefined) return false;
  return error.path?.startsWith('disk:/') === true;
}

function explained(error: Failure & { readonly path: string }, missing: string, near?: string): Failure {
  const [message, path] =
    error.code === 'no-parent'
      ? [`There is no such folder on the Disk: ${missing}`, missing]
      : [`The Disk has nothing at ${error.path}`, error.path];
  const hint = near === undefined ? namesHint : `Did you mean ${near}?`;
  return new Failure(error.code, message, { path, hint, cause: error });
}

/** On the way to a path the first that is not there, and what is beside it under a name that is like it. */
async function firstMissing(
  session: DiskSession,
  path: string,
): Promise<{ readonly missing: string; readonly near?: string }> {
  const signal = AbortSignal.any([session.signal, AbortSignal.timeout(lookingMs)]);
  for (let missing = path; ; ) {
    const slash = missing.lastIndexOf('/');
    const [folder, name] = [missing.slice(0, slash), missing.slice(slash + 1)];
    try {
      const near = like(name, await namesIn(session, folder, signal));
      return near === undefined ? { missing } : { missing, near: `${folder}/${near}` };
    } catch (error) {
      if (!failedWith(error, 'not-found', 'not-a-folder') || folder === 'disk:') return { missing };
      missing = folder;
    }
  }
}

function like(name: string, names: readonly string[]): string | undefined {
  // A file in the place of a folder is no other name.
  if (names.includes(name)) return undefined;
  const lower = name.toLowerCase();
  return names.find((one) => one.toLowerCase() === lower) ?? nearest(name, names);
}
