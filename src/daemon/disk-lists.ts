import {
  type MediaType,
  mediaTypes,
  readFiles,
  readLastUploaded,
  readPublished,
} from '../disk-api/flat-lists.ts';
import { listFolder } from '../disk-api/folder-listing.ts';
import { parseDiskPath } from '../disk-api/paths.ts';
import { Failure } from '../errors.ts';
import { type DiskEntry, diskEntryOf } from './disk-entry.ts';
import type { DiskSession } from './disk-session.ts';

/** For whoever types them. */
export const kindsOfFile: readonly string[] = mediaTypes;

/** `image,video`. @throws Failure 'invalid' for what the Disk knows no kind of */
export function parseMediaTypes(text: string | undefined): readonly MediaType[] | undefined {
  if (text === undefined) return undefined;
  return text.split(',').map((word) => {
    const kind = mediaTypes.find((known) => known === word.trim().toLowerCase());
    if (kind) return kind;
    throw new Failure('invalid', `The Disk knows no kind of file "${word.trim()}"`, {
      hint: `It knows ${mediaTypes.join(', ')}.`,
    });
  });
}

/** The names in a folder of the Disk. @throws Failure 'not-found', 'not-a-folder' */
export async function namesIn(
  { api }: DiskSession,
  folder: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  return (await listFolder(api, parseDiskPath(folder), { signal })).entries.map(({ name }) => name);
}

/** All files of the Disk, by their paths. */
export async function* allFiles(
  { api, signal }: DiskSession,
  kinds: readonly MediaType[] | undefined,
): AsyncGenerator<DiskEntry> {
  for await (const reply of readFiles(api, { signal, mediaTypes: kinds })) yield diskEntryOf(reply);
}

/** The files that were uploaded last, newest first. */
export async function lastUploaded(
  { api, signal }: DiskSession,
  most: number,
  kinds: readonly MediaType[] | undefined,
): Promise<DiskEntry[]> {
  const replies = await readLastUploaded(api, most, { signal, mediaTypes: kinds });
  return replies.map((reply) => diskEntryOf(reply));
}

/** All that is public, what was published last first. */
export async function allPublished(
  { api, signal }: DiskSession,
  kind: DiskEntry['kind'] | undefined,
): Promise<DiskEntry[]> {
  const type = kind === undefined ? undefined : kind === 'folder' ? 'dir' : 'file';
  const entries: DiskEntry[] = [];
  for await (const reply of readPublished(api, { signal, type })) entries.push(diskEntryOf(reply));
  return entries;
}
