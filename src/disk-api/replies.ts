import { z } from 'zod';

/**
 * The shapes of replies, as far as we use them. Unknown fields are ignored and most known ones may be missing: fields come
 * and go over the years (recordings of 2024 and 2025 already differ), and a missing one must not take a folder down.
 */

const customProperties = z.record(z.string(), z.unknown());

/** A file or folder as the Disk shows it, in a listing or by itself. */
export const resourceReply = z.object({
  name: z.string(),
  type: z.string(),
  path: z.string().optional(),
  resource_id: z.string().optional(),
  revision: z.number().optional(),
  created: z.string().optional(),
  modified: z.string().optional(),
  size: z.number().int().nonnegative().optional(),
  md5: z.string().optional(),
  sha256: z.string().optional(),
  media_type: z.string().optional(),
  mime_type: z.string().optional(),
  file: z.string().optional(),
  public_url: z.string().optional(),
  custom_properties: customProperties.nullish(),
  share: z.unknown().optional(),
});
export type ResourceReply = z.infer<typeof resourceReply>;

/** A folder with one page of its entries; a file answers without `_embedded` [rec listdir_on_file]. */
export const folderPageReply = resourceReply.extend({
  _embedded: z
    .object({
      items: z.array(resourceReply),
      total: z.number().int().nonnegative().optional(),
      limit: z.number().int().optional(),
      offset: z.number().int().optional(),
    })
    .optional(),
});

/** The Disk itself [rec get_disk_info]. */
export const diskReply = z.object({
  total_space: z.number().nonnegative(),
  used_space: z.number().nonnegative(),
  trash_size: z.number().nonnegative().optional(),
  max_file_size: z.number().nonnegative().optional(),
  paid_max_file_size: z.number().nonnegative().optional(),
  is_paid: z.boolean().optional(),
  revision: z.number().optional(),
  user: z
    .object({ uid: z.string().optional(), login: z.string().optional(), display_name: z.string().optional() })
    .optional(),
});
export type DiskReply = z.infer<typeof diskReply>;

/** `{error, description, message}`; `message` is localised, `description` English. */
export const errorReply = z.object({
  error: z.string().optional(),
  description: z.string().optional(),
  message: z.string().optional(),
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
