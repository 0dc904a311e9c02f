import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { DeclaredContent } from './model/declared-content.ts';
import type { GivenContent, Model, PutOptions } from './model/model.ts';
import type { Previews } from './model/nodes.ts';

/** A time as ISO 8601 text, or in milliseconds since the epoch. */
const time = z.union([z.number(), z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))]);
const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));
const hex = (length: number) => z.string().regex(new RegExp(`^[0-9a-f]{${length}}$`));

/** A folder by a rule. */
export const declaredSchema: z.ZodType<DeclaredContent> = z.strictObject({
  files: z.int().min(0),
  folders: z.int().min(0).optional(),
  filePrefix: z.string().optional(),
  fileExtension: z.string().optional(),
  folderPrefix: z.string().optional(),
  fileSizeBytes: z.int().min(0),
  seed: z.string().optional(),
  get inside() {
    return declaredSchema.optional();
  },
});

const syntheticSchema = z.strictObject({
  sizeBytes: z.int().min(0),
  seed: z.string().optional(),
  md5: hex(32).optional(),
  sha256: hex(64).optional(),
});

const shareSchema = z.strictObject({ isRoot: z.boolean(), isOwned: z.boolean(), rights: z.string() });

/** What can be said of a resource beside its bytes. */
export const traitsSchema = z.strictObject({
  created: time.optional(),
  modified: time.optional(),
  properties: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  /** One image for every size, or images by size name. */
  preview: z.union([base64, z.record(z.string(), base64)]).optional(),
  mimeType: z.string().optional(),
  mediaType: z.string().optional(),
  antivirus: z.string().optional(),
  exif: z.record(z.string(), z.unknown()).optional(),
  photoslice: time.optional(),
  share: shareSchema.optional(),
  revision: z.int().optional(),
});

/** How another client puts a file in place. */
export const arrivalSchema = z.strictObject({
  finalAfterMs: z.number().min(0).optional(),
  seenLateMs: z.number().min(0).optional(),
  byOwner: z.boolean().optional(),
  parents: z.boolean().optional(),
});

/** The bytes of a file: one of these. None of them makes an empty file. */
export const contentSchema = z.strictObject({
  text: z.string().optional(),
  base64: base64.optional(),
  synthetic: syntheticSchema.optional(),
});

const publishedSchema = z.union([
  z.boolean(),
  z.strictObject({
    publicKey: z.string().optional(),
    publicUrl: z.string().optional(),
    at: time.optional(),
    settings: z.record(z.string(), z.unknown()).optional(),
  }),
]);

const entrySchema = contentSchema.extend(traitsSchema.shape).extend({
  path: z.string(),
  /** True for an empty folder. */
  folder: z.boolean().optional(),
  declared: declaredSchema.optional(),
  /** Bytes and preview from files beside the seed file. */
  file: z.string().optional(),
  previewFile: z.string().optional(),
  published: publishedSchema.optional(),
  /** Deleted again: it is found in the trash, with `path` as its origin. */
  trashed: z.boolean().optional(),
});

/** A described Disk. Entries come in any order; folders above them are made. */
export const seedSchema = z.strictObject({
  settings: z.record(z.string(), z.unknown()).optional(),
  entries: z.array(entrySchema),
});
export type Seed = z.input<typeof seedSchema>;
type Entry = z.output<typeof entrySchema>;

/** Says of a content what the model needs to know. */
export function givenContent(given: z.output<typeof contentSchema>): GivenContent {
  const { text, base64: bytes, synthetic } = given;
  if (!synthetic) return bytes ?? text ?? '';
  const { seed, sizeBytes, md5, sha256 } = synthetic;
  const digest = md5 !== undefined && sha256 !== undefined ? { md5, sha256 } : undefined;
  return { synthetic: { sizeBytes, seed, digest } };
}

/** Says of traits what the model needs to know. */
export function givenTraits(traits: z.output<typeof traitsSchema>): PutOptions {
  return {
    createdMs: traits.created,
    modifiedMs: traits.modified,
    properties: traits.properties,
    previews: previewsOf(traits.preview),
    mimeType: traits.mimeType,
    mediaType: traits.mediaType,
    antivirus: traits.antivirus,
    exif: traits.exif,
    photosliceMs: traits.photoslice,
    share: traits.share,
  };
}

function previewsOf(preview: z.output<typeof traitsSchema>['preview']): Previews | undefined {
  return Buffer.isBuffer(preview) ? { DEFAULT: preview } : preview;
}

/**
 * Puts everything that a seed describes onto the Disk.
 * @param baseFolder where files that the seed names are; without it a seed may name none.
 * @throws ZodError, Refusal, or the error of a file that cannot be read.
 */
export function plantSeed(model: Model, given: unknown, baseFolder?: string): void {
  const { entries } = seedSchema.parse(given);
  for (const entry of entries) plantEntry(model, entry, baseFolder);
}

function plantEntry(model: Model, entry: Entry, baseFolder: string | undefined): void {
  const { path, published } = entry;
  const beside = (name: string) => {
    if (baseFolder === undefined) throw new Error(`${path}: files cannot be named here`);
    return readFileSync(join(baseFolder, name));
  };
  const traits = givenTraits(entry);
  if (entry.declared) model.declare(path, entry.declared);
  else if (entry.folder) model.mkdir(path, { parents: true });
  else {
    const { file, previewFile } = entry;
    const content = file === undefined ? givenContent(entry) : beside(file);
    const previews = previewFile === undefined ? traits.previews : { DEFAULT: beside(previewFile) };
    model.putFile(path, content, { ...traits, previews });
  }
  if (published === true) model.publish(path);
  else if (typeof published === 'object') model.publish(path, { ...published, publishedMs: published.at });
  if (entry.folder || entry.declared || entry.revision !== undefined) {
    model.touch(path, { ...traits, revision: entry.revision });
  }
  if (entry.trashed) model.remove(path);
}

/** Reads a seed file and plants it. */
export function plantSeedFile(model: Model, file: string): void {
  plantSeed(model, JSON.parse(readFileSync(file, 'utf8')), dirname(file));
}

/** The settings that a seed file asks for. */
export function seedSettings(file: string): Record<string, unknown> {
  return seedSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).settings ?? {};
}
