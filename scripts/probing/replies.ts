import { z } from 'zod';

/*
 * The few parts of replies that the probe reads. Everything may be missing: a field that has gone is an answer too.
 */

const maybe = <S extends z.ZodType>(shape: S) =>
  shape
    .nullish()
    .transform((value) => value ?? undefined)
    .catch(undefined as never);

export const resourceShape = z.object({
  name: maybe(z.string()),
  path: maybe(z.string()),
  type: maybe(z.string()),
  resource_id: maybe(z.string()),
  revision: maybe(z.number()),
  created: maybe(z.string()),
  modified: maybe(z.string()),
  size: maybe(z.number()),
  md5: maybe(z.string()),
  sha256: maybe(z.string()),
  media_type: maybe(z.string()),
  mime_type: maybe(z.string()),
  antivirus_status: z.unknown().optional(),
  file: maybe(z.string()),
  preview: maybe(z.string()),
  public_url: maybe(z.string()),
  origin_path: maybe(z.string()),
  deleted: maybe(z.string()),
  custom_properties: maybe(z.record(z.string(), z.unknown())),
  share: maybe(z.record(z.string(), z.unknown())),
});
export type Resource = z.infer<typeof resourceShape>;

export const pageShape = z.object({
  _embedded: z.object({
    items: z.array(resourceShape),
    total: maybe(z.number()),
    limit: maybe(z.number()),
  }),
});

export const diskShape = z.object({
  revision: maybe(z.number()),
  max_file_size: maybe(z.number()),
  total_space: maybe(z.number()),
  used_space: maybe(z.number()),
  is_paid: maybe(z.boolean()),
});
export type DiskFacts = z.infer<typeof diskShape>;

export const linkShape = z.object({ href: z.string(), operation_id: maybe(z.string()) });

export const operationShape = z.object({ status: z.string() });

export const errorShape = z.object({ error: maybe(z.string()) });
