import { z } from 'zod';

/**
 * The shapes of replies, as far as we use them. Unknown fields are ignored and most known ones may be missing: fields come
 * and go over the years (recordings of 2024 and 2025 already differ), and a missing one must not take a folder down.
 */

/** A field that may be missing; `null` is the same as missing, and so is what it cannot hold: nothing else is lost by one of them. */
function maybe<S extends z.ZodType>(shape: S) {
  return shape
    .nullish()
    .catch(undefined)
    .transform((value) => value ?? undefined);
}

/** Whether anything at all was told that we asked for: an empty object is no description. */
function tells(reply: Readonly<Record<string, unknown>>): boolean {
  return Object.values(reply).some((value) => value !== undefined);
}

const customProperties = z.record(z.string(), z.unknown());

type WithoutNulls<T> = { [Key in keyof T]: Exclude<T[Key], null> };

/** `null` is the same as missing: said once for all fields of an entry, since a listing has a thousand of them. */
function withoutNulls<T extends object>(reply: T): WithoutNulls<T> {
  for (const key in reply) if (reply[key] === null) Object.assign(reply, { [key]: undefined });
  return reply as WithoutNulls<T>;
}

const text = z.string().nullish().catch(undefined);

const ofResource = {
  // An empty name would make the path of an entry the path of its folder.
  name: z.string().min(1),
  type: z.string(),
  path: text,
  resource_id: text,
  revision: z.number().nullish().catch(undefined),
  created: text,
  modified: text,
  size: z.number().int().nonnegative().nullish(),
  md5: text,
  sha256: text,
  media_type: text,
  mime_type: text,
  file: text,
  public_url: text,
  public_key: text,
  custom_properties: customProperties.nullish(),
  share: z.unknown().optional(),
};

/** A file or folder as the Disk shows it in a listing. */
export const resourceReply = z.object(ofResource).transform(withoutNulls);
export type ResourceReply = z.infer<typeof resourceReply>;

/** What was asked for by its path may have an empty name: what the Disk's own root is called was never recorded. */
const ofAsked = {
  ...ofResource,
  name: z
    .string()
    .nullable()
    .transform((name) => name ?? ''),
};

export const askedReply = z.object(ofAsked).transform(withoutNulls);

/** In the trash: where it was and when it was thrown away. `path` is `trash:/<name>_<40 hex>`. */
const trashedReply = z
  .object({ ...ofResource, path: z.string().startsWith('trash:/'), deleted: text, origin_path: text })
  .transform(withoutNulls);
export type TrashedReply = z.infer<typeof trashedReply>;

const ofPublic = {
  ...ofResource,
  views_count: z.number().int().nonnegative().nullish().catch(undefined),
  owner: z
    .object({ login: maybe(z.string()), display_name: maybe(z.string()) })
    .nullish()
    .catch(undefined),
};

/** Reached through somebody's public link; `path` begins with `/` and counts from what was published. */
export const publicReply = z.object(ofPublic).transform(withoutNulls);
export type PublicReply = z.infer<typeof publicReply>;

function embedded<S extends z.ZodType>(item: S) {
  return z
    .object({
      items: z.array(item),
      total: maybe(z.number().int().nonnegative()),
      limit: maybe(z.number().int().nonnegative()),
      offset: maybe(z.number().int().nonnegative()),
    })
    .optional();
}

/** A folder with one page of its entries; a file answers without `_embedded` [rec listdir_on_file]. */
export const folderPageReply = z
  .object({ ...ofAsked, _embedded: embedded(resourceReply) })
  .transform(withoutNulls);
export const folderTotalReply = z.object({
  _embedded: z.object({ total: z.number().int().nonnegative() }).optional(),
});
export const publicPageReply = z
  .object({ ...ofPublic, _embedded: embedded(publicReply) })
  .transform(withoutNulls);
/** The trash itself has a name and a type like any folder, which nobody needs. */
export const trashPageReply = z.object({ _embedded: embedded(trashedReply) });

/** A flat list, without a total. */
export const flatListReply = z.object({
  items: z.array(resourceReply),
  limit: maybe(z.number().int().nonnegative()),
  offset: maybe(z.number().int().nonnegative()),
});

/** The Disk itself [rec get_disk_info]. */
export const diskReply = z
  .object({
    total_space: maybe(z.number().nonnegative()),
    used_space: maybe(z.number().nonnegative()),
    trash_size: maybe(z.number().nonnegative()),
    max_file_size: maybe(z.number().nonnegative()),
    paid_max_file_size: maybe(z.number().nonnegative()),
    is_paid: maybe(z.boolean()),
    revision: maybe(z.number()),
    user: maybe(
      z.object({
        // Recorded as text; it is a number all the same.
        uid: maybe(z.union([z.string(), z.int().transform(String)])),
        login: maybe(z.string()),
        display_name: maybe(z.string()),
      }),
    ),
  })
  .refine(tells);
export type DiskReply = z.infer<typeof diskReply>;

/** No more than the revision was asked for: of a Disk that has none, nothing at all is left to tell. */
export const revisionReply = z.union([
  diskReply,
  z.strictObject({ revision: z.null().optional() }).transform(() => ({ revision: undefined })),
]);

/** A way to something: the resource that a change made, an operation, a data host. */
export const linkReply = z.object({ href: z.string().min(1) });

/** Where to put the bytes, and the operation that tells when they are in place. */
export const uploadLinkReply = linkReply.extend({ operation_id: maybe(z.string()) });

export const operationReply = z.object({ status: z.string() });

/** What a publication allows [rec public_settings: only what is set is told, and never the password]. */
export const publicSettingsReply = z.object({
  available_until: maybe(z.number()),
  read_only: maybe(z.boolean()),
});
export type PublicSettingsReply = z.infer<typeof publicSettingsReply>;

/** Which settings of a publication this account may use. */
export const availableSettingsReply = z.object({
  permissions: maybe(z.array(z.unknown())),
  use_sharing: maybe(z.boolean()),
});
export type AvailableSettingsReply = z.infer<typeof availableSettingsReply>;

/** `{error, description, message}`; `message` is localised, `description` English. */
export const errorReply = z
  .object({ error: maybe(z.string()), description: maybe(z.string()), message: maybe(z.string()) })
  .refine(tells);
