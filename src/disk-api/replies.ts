import { z } from 'zod';

/**
 * The shapes of replies, as far as we use them. Unknown fields are ignored and most known ones may be missing: fields come
 * and go over the years (recordings of 2024 and 2025 already differ), and a missing one must not take a folder down.
 */

/** A field that may be missing; `null` is the same as missing. */
function maybe<S extends z.ZodType>(shape: S) {
  return shape.nullish().transform((value) => value ?? undefined);
}

/** Whether anything at all was told that we asked for: an empty object is no description. */
function tells(reply: Readonly<Record<string, unknown>>): boolean {
  return Object.values(reply).some((value) => value !== undefined);
}

const customProperties = z.record(z.string(), z.unknown());

/** A file or folder as the Disk shows it, in a listing or by itself. */
export const resourceReply = z.object({
  // An empty name would make the path of an entry the path of its folder.
  name: z.string().min(1),
  type: z.string(),
  path: maybe(z.string()),
  resource_id: maybe(z.string()),
  revision: maybe(z.number()),
  created: maybe(z.string()),
  modified: maybe(z.string()),
  size: maybe(z.number().int().nonnegative()),
  md5: maybe(z.string()),
  sha256: maybe(z.string()),
  media_type: maybe(z.string()),
  mime_type: maybe(z.string()),
  file: maybe(z.string()),
  public_url: maybe(z.string()),
  public_key: maybe(z.string()),
  custom_properties: maybe(customProperties),
  share: z.unknown().optional(),
});
export type ResourceReply = z.infer<typeof resourceReply>;

/** In the trash: where it was and when it was thrown away. `path` is `trash:/<name>_<40 hex>`. */
const trashedReply = resourceReply.extend({
  path: z.string().startsWith('trash:/'),
  deleted: maybe(z.string()),
  origin_path: maybe(z.string()),
});
export type TrashedReply = z.infer<typeof trashedReply>;

/** Reached through somebody's public link; `path` begins with `/` and counts from what was published. */
export const publicReply = resourceReply.extend({
  views_count: maybe(z.number().int().nonnegative()),
  owner: maybe(z.object({ login: maybe(z.string()), display_name: maybe(z.string()) })),
});
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
export const folderPageReply = resourceReply.extend({ _embedded: embedded(resourceReply) });
export const publicPageReply = publicReply.extend({ _embedded: embedded(publicReply) });
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
      z.object({ uid: maybe(z.string()), login: maybe(z.string()), display_name: maybe(z.string()) }),
    ),
  })
  .refine(tells);
export type DiskReply = z.infer<typeof diskReply>;

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
