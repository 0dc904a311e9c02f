import { z } from 'zod';

/**
 * The shapes of replies, as far as we use them. Unknown fields are ignored and most known ones may be missing: fields come
 * and go over the years (recordings of 2024 and 2025 already differ), and a missing one must not take a folder down.
 */

/** A field that may be missing; `null` is the same as missing. */
function maybe<S extends z.ZodType>(shape: S) {
  return shape.nullish().transform((value) => value ?? undefined);
}

const customProperties = z.record(z.string(), z.unknown());

/** A file or folder as the Disk shows it, in a listing or by itself. */
export const resourceReply = z.object({
  name: z.string(),
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
  custom_properties: maybe(customProperties),
  share: z.unknown().optional(),
});
export type ResourceReply = z.infer<typeof resourceReply>;

/** A folder with one page of its entries; a file answers without `_embedded` [rec listdir_on_file]. */
export const folderPageReply = resourceReply.extend({
  _embedded: z
    .object({
      items: z.array(resourceReply),
      total: maybe(z.number().int().nonnegative()),
      limit: maybe(z.number().int()),
      offset: maybe(z.number().int()),
    })
    .optional(),
});

/** The Disk itself [rec get_disk_info]. */
export const diskReply = z.object({
  total_space: maybe(z.number().nonnegative()),
  used_space: maybe(z.number().nonnegative()),
  trash_size: maybe(z.number().nonnegative()),
  max_file_size: maybe(z.number().nonnegative()),
  paid_max_file_size: maybe(z.number().nonnegative()),
  is_paid: maybe(z.boolean()),
  revision: maybe(z.number()),
  user: z
    .object({ uid: maybe(z.string()), login: maybe(z.string()), display_name: maybe(z.string()) })
    .optional(),
});
export type DiskReply = z.infer<typeof diskReply>;

/** `{error, description, message}`; `message` is localised, `description` English. */
export const errorReply = z.object({
  error: maybe(z.string()),
  description: maybe(z.string()),
  message: maybe(z.string()),
});

const resourceFields = [
  'name',
  'type',
  'resource_id',
  'revision',
  'created',
  'modified',
  'size',
  'md5',
  'sha256',
  'media_type',
  'mime_type',
  'file',
  'public_url',
  'custom_properties',
  'share',
];

/** What is asked of one resource: all that a node keeps, so that link, hash and size come from one reply. */
export const resourceFieldsParameter = resourceFields.join(',');

/** The same for each entry of a folder, with what paging needs; the folder's own fields come along. */
export const folderPageFieldsParameter = [
  ...resourceFields,
  '_embedded.total',
  '_embedded.limit',
  '_embedded.offset',
  ...resourceFields.map((field) => `_embedded.items.${field}`),
].join(',');

export const diskFieldsParameter =
  'total_space,used_space,trash_size,max_file_size,paid_max_file_size,is_paid,revision,user';
