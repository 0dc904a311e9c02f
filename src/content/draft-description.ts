import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { DraftBase } from './base-source.ts';
import { ByteRanges } from './byte-ranges.ts';

/**
 * What lies beside the bytes of a draft, so that they can be rescued without any database.
 *
 * How long the draft is, its file says. Every byte of the file is the draft's, but for the ranges of the base that are `missing`: there the file has
 * holes, or what came too late to be written down here; the base's bytes count there.
 *
 * INVARIANT: a file is never made longer while `missing` reaches beyond its end: what is behind an old end is zeros, not the base.
 */
export interface DraftDescription {
  /** The path on the Disk that it belonged to when this was written. */
  readonly path: string;
  /** Undefined for what was new, or emptied before it was written. */
  readonly base: DraftBase | undefined;
  /** Ranges of the base, as `ByteRanges.edges` has them; beyond the end of the file they do not count. */
  readonly missing: readonly number[];
  /** The base is gone from the server: what is missing will be missing for good. */
  readonly isBaseGone: boolean;
  /** Of the machine's start during which this was written: after another one only what was synced counts. */
  readonly bootId: string;
  /** What was missing when the draft was last synced; undefined: it never was. */
  readonly missingSynced: readonly number[] | undefined;
}

const version = 1;

const edges = z.array(z.number().int().nonnegative()).refine(ByteRanges.areEdges);
const text = z.string().nullable();

/** Null stands for undefined. */
const writtenDescription = z.object({
  path: z.string(),
  base: z
    .object({ sizeBytes: z.number().int().nonnegative(), md5: text, sha256: text, versionTag: z.string() })
    .nullable(),
  missing: edges,
  isBaseGone: z.boolean(),
  bootId: z.string(),
  missingSynced: edges.nullable(),
});

const envelope = z.object({ version: z.literal(version), sum: z.number(), draft: z.unknown() });

export function encodeDescription(description: DraftDescription): string {
  const { base } = description;
  const draft: z.infer<typeof writtenDescription> = {
    path: description.path,
    base: base
      ? {
          sizeBytes: base.sizeBytes,
          md5: base.md5 ?? null,
          sha256: base.sha256 ?? null,
          versionTag: base.versionTag,
        }
      : null,
    missing: [...description.missing],
    isBaseGone: description.isBaseGone,
    bootId: description.bootId,
    missingSynced: description.missingSynced ? [...description.missingSynced] : null,
  };
  return `${JSON.stringify({ version, sum: sumOf(draft), draft })}\n`;
}

/** Undefined when it is damaged: a wrong range would show wrong bytes. */
export function decodeDescription(written: string): DraftDescription | undefined {
  try {
    const { sum, draft } = envelope.parse(JSON.parse(written));
    if (sum !== sumOf(draft)) return undefined;
    const { base, missingSynced, ...rest } = writtenDescription.parse(draft);
    return {
      ...rest,
      base: base ? { ...base, md5: base.md5 ?? undefined, sha256: base.sha256 ?? undefined } : undefined,
      missingSynced: missingSynced ?? undefined,
    };
  } catch {
    return undefined;
  }
}

/** Of the text as it is written: `JSON.parse` keeps the order of keys. */
function sumOf(draft: unknown): number {
  return crc32(JSON.stringify(draft));
}
