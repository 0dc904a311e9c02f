import { readDownloadLink } from '../disk-api/download-link.ts';
import type { DiskPath } from '../disk-api/paths.ts';
import {
  type Publication,
  type PublicationTerms,
  publish,
  readAvailableSettings,
  readPublication,
  readPublicSettings,
  unpublish,
} from '../disk-api/publication.ts';
import { Failure, failedWith } from '../errors.ts';
import type { DiskSession } from './disk-session.ts';

/** Under which terms something is public, as far as the Disk tells. */
interface SharedTerms {
  readonly availableUntilSec: number | undefined;
  readonly readOnly: boolean | undefined;
}

/**
 * Makes something public, or changes the terms of what is.
 * @throws Failure 'refused' where the account may not set these terms, or where the Disk did not keep them: then it is public without, unless it
 * was not before; then it is withdrawn again
 */
export async function share(
  session: DiskSession,
  path: DiskPath,
  terms: PublicationTerms,
): Promise<Publication & SharedTerms> {
  const { api, signal } = session;
  const hasTerms = Object.keys(terms).length > 0;
  const before = hasTerms ? await readPublication(api, path, { signal }) : undefined;
  let publication: Publication;
  try {
    publication = await publish(api, path, { signal, terms });
  } catch (error) {
    if (!hasTerms || !failedWith(error, 'refused', 'invalid')) throw error;
    throw new Failure('refused', error.message, {
      path,
      hint: 'This account may not be allowed to set terms for its links: try it without.',
      cause: error,
    });
  }
  if (!hasTerms) return { ...publication, availableUntilSec: undefined, readOnly: undefined };
  const { available_until: availableUntilSec, read_only: readOnly } = await readPublicSettings(api, path, {
    signal,
  });
  const isKept =
    (terms.availableUntilSec === undefined || (availableUntilSec ?? 0) === terms.availableUntilSec) &&
    (terms.readOnly !== true || readOnly === true);
  if (isKept) return { ...publication, availableUntilSec, readOnly };
  const may = await permittedTerms(session, path);
  if (!before) await unpublish(api, path, { signal });
  throw new Failure('refused', `The Disk has not kept the terms of the link of ${path}`, {
    path,
    hint: `${before ? 'It is public as it was before' : 'It was made private again'}.${may}`,
  });
}

/** Takes a link back. @returns whether there was one */
export async function unshare({ api, signal }: DiskSession, path: DiskPath): Promise<boolean> {
  const publication = await readPublication(api, path, { signal });
  if (!publication) return false;
  await unpublish(api, path, { signal });
  return true;
}

/** A link to download something of one's own with, good for some hours and for whoever has it; of a folder, a zip. */
export async function downloadLink({ api, signal }: DiskSession, path: DiskPath): Promise<string> {
  return (await readDownloadLink(api, path, { signal })).href;
}

async function permittedTerms({ api, signal }: DiskSession, path: DiskPath): Promise<string> {
  const { permissions } = await readAvailableSettings(api, path, { signal }).catch(() => ({
    permissions: undefined,
  }));
  const words = permissions?.filter((word): word is string => typeof word === 'string') ?? [];
  return words.length === 0 ? '' : ` This account may set: ${words.join(', ')}.`;
}
