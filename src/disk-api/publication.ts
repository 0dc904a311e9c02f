import { pause } from '../async/pause.ts';
import { Failure } from '../errors.ts';
import type { Api, CallOptions } from './api.ts';
import { calls } from './calls.ts';
import { type ChangeOptions, change } from './changes.ts';
import { linkFields, publicationFields } from './fields.ts';
import { type DiskPath, requireEntry } from './paths.ts';
import {
  type AvailableSettingsReply,
  availableSettingsReply,
  type PublicSettingsReply,
  publicSettingsReply,
  resourceReply,
} from './replies.ts';

/** The link under which everybody may see something. */
export interface Publication {
  readonly url: string;
  /** What the API itself takes in place of the link. */
  readonly key: string | undefined;
}

/** Terms of a publication, where the account may set them. Those that are not named stay as they are. */
export interface PublicationTerms {
  readonly password?: string;
  /** Unix seconds; 0 takes the end away. */
  readonly availableUntilSec?: number;
  /** Whether the owner forbids downloads. */
  readonly readOnly?: boolean;
}

/** A change of publication may be seen a moment late. */
const looks = 6;
const lookEveryMs = 300;

/** Publishes a file or folder, and answers its link. What is public already keeps the link that it has. */
export async function publish(
  api: Api,
  path: DiskPath,
  options: ChangeOptions & { readonly terms?: PublicationTerms } = {},
): Promise<Publication> {
  requireEntry(path);
  const parameters = { path, allow_address_access: 'false', fields: linkFields };
  const body = { public_settings: termsBody(options.terms ?? {}) };
  await change(api, calls.publish, { parameters, body, what: `publish ${path}`, path }, options);
  for (let look = 1; look <= looks; look++) {
    const publication = await readPublication(api, path, options);
    if (publication) return publication;
    await pause(lookEveryMs, options.signal);
  }
  throw new Failure('unsettled', `${path} was published, but the Disk does not tell its link`, {
    path,
    hint: 'Ask again in a moment.',
  });
}

/** Takes the link back. What is not public stays so. */
export async function unpublish(api: Api, path: DiskPath, options: ChangeOptions = {}): Promise<void> {
  const parameters = { path, fields: linkFields };
  await change(api, calls.unpublish, { parameters, what: `take back the link of ${path}`, path }, options);
}

/** The link of what is public; undefined when it is not. */
export async function readPublication(
  api: Api,
  path: DiskPath,
  options?: CallOptions,
): Promise<Publication | undefined> {
  const parameters = { path, limit: '0', fields: publicationFields };
  const shown = await api.read('/resources', parameters, resourceReply, `show the link of ${path}`, options);
  return shown.public_url === undefined ? undefined : { url: shown.public_url, key: shown.public_key };
}

const settingsRoute = '/public/resources/public-settings';

/** The terms under which something is public; the password is never told. */
export function readPublicSettings(
  api: Api,
  path: DiskPath,
  options?: CallOptions,
): Promise<PublicSettingsReply> {
  const parameters = { path, allow_address_access: 'false' };
  const what = `show the terms of the link of ${path}`;
  return api.read(settingsRoute, parameters, publicSettingsReply, what, options);
}

/** Changes terms; an empty password or 0 takes one away. */
export async function setPublicSettings(
  api: Api,
  path: DiskPath,
  terms: PublicationTerms,
  options: ChangeOptions = {},
): Promise<void> {
  const what = `set the terms of the link of ${path}`;
  const asked = { parameters: { path }, body: termsBody(terms), what, path };
  await change(api, calls.setPublicSettings, asked, options);
}

/** Which terms this account may set. */
export function readAvailableSettings(
  api: Api,
  path: DiskPath,
  options?: CallOptions,
): Promise<AvailableSettingsReply> {
  const what = `show the terms that a link of ${path} may have`;
  return api.read(`${settingsRoute}/available-settings`, { path }, availableSettingsReply, what, options);
}

function termsBody({ password, availableUntilSec, readOnly }: PublicationTerms): Record<string, unknown> {
  return {
    ...(password === undefined ? {} : { password }),
    // `false` clears it, as one public client does it; a 0 would be a time that is over.
    ...(availableUntilSec === undefined ? {} : { available_until: availableUntilSec || false }),
    ...(readOnly === undefined ? {} : { read_only: readOnly }),
  };
}
