import { Failure, failedWith } from '../errors.ts';
import type { Api } from './api.ts';
import { calls } from './calls.ts';
import { type ChangeOptions, change, type Made, make } from './changes.ts';
import { resourceFields } from './fields.ts';
import { readResource } from './folder-listing.ts';
import { type DiskPath, requireEntry } from './paths.ts';
import { type ResourceReply, resourceReply } from './replies.ts';

interface MakeFolderResult extends Made {
  /** `there`: a folder was there already; after a lost reply it may be ours. */
  readonly state: 'made' | 'there';
}

/**
 * Makes a folder; one that is there already will do.
 * @throws Failure 'exists' when a file is in the way, 'unsettled' when it is not to be seen what is, 'no-parent' when the folder above is missing
 */
export async function makeFolder(
  api: Api,
  path: DiskPath,
  options: ChangeOptions = {},
): Promise<MakeFolderResult> {
  requireEntry(path);
  const what = `make the folder ${path}`;
  try {
    const made = await make(api, calls.makeFolder, { parameters: { path }, what, path }, options);
    return { state: 'made', ...made };
  } catch (error) {
    if (failedWith(error, 'is-a-folder')) return { state: 'there', path: undefined };
    if (!failedWith(error, 'exists') || !(await isFolder(api, path, options))) throw error;
    return { state: 'there', path: undefined };
  }
}

/** "Exists" says nothing of what it is. @throws Failure 'unsettled' when it is not to be seen: it went again, or does not show yet */
async function isFolder(api: Api, path: DiskPath, options: ChangeOptions): Promise<boolean> {
  try {
    return (await readResource(api, path, options)).type === 'dir';
  } catch (error) {
    if (!failedWith(error, 'not-found')) throw error;
    throw new Failure('unsettled', `Something has the name, and does not show: ${path}`, {
      path,
      cause: error,
    });
  }
}

interface DeleteOptions extends ChangeOptions {
  /** Past the trash. */
  readonly permanently?: boolean;
  /** Only this version of a file. Whether the server honours it is unproven; it is no substitute for a look. */
  readonly md5?: string | undefined;
}

/**
 * Deletes a file, or a folder with all in it. What is not there is deleted: `gone`.
 * @throws Failure 'stale' when `md5` is not that of the file; 'locked'
 */
export async function deleteResource(
  api: Api,
  path: DiskPath,
  options: DeleteOptions = {},
): Promise<'deleted' | 'gone'> {
  requireEntry(path);
  const { permanently = false, md5 } = options;
  const parameters = { path, permanently: String(permanently), ...(md5 === undefined ? {} : { md5 }) };
  return orGone(change(api, calls.deleteResource, { parameters, what: `delete ${path}`, path }, options));
}

/** Takes "not found" for an end: what is not there is deleted. */
export async function orGone(deleting: Promise<unknown>): Promise<'deleted' | 'gone'> {
  try {
    await deleting;
    return 'deleted';
  } catch (error) {
    if (failedWith(error, 'not-found')) return 'gone';
    throw error;
  }
}

/** Values of custom properties; `null` takes one away. The Disk takes 1,024 characters of them in all. */
type PropertyChanges = Readonly<Record<string, string | number | null>>;

/**
 * Sets properties; those that are not named stay. Moves `modified` and `revision` of the resource.
 * @returns the resource as it is then; undefined when only a look can tell
 * @throws Failure 'server' for a file that came seconds ago: then, or silently, properties of it may be lost
 */
export async function setProperties(
  api: Api,
  path: DiskPath,
  properties: PropertyChanges,
  options: ChangeOptions = {},
): Promise<ResourceReply | undefined> {
  const reply = await change(
    api,
    calls.setProperties,
    {
      parameters: { path, fields: resourceFields },
      body: { custom_properties: properties },
      what: `set properties of ${path}`,
      path,
    },
    options,
  );
  const shown = resourceReply.safeParse(reply.kind === 'answered' ? reply.json : undefined);
  return shown.success ? shown.data : undefined;
}
