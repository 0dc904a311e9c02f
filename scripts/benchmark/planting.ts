import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Content } from '../../test/stand-in/content/content.ts';
import { declaredCount, declaredEntry } from '../../test/stand-in/model/declared.ts';
import type { DeclaredContent } from '../../test/stand-in/model/declared-content.ts';
import { declaredFileContent } from '../../test/stand-in/model/declared-ranges.ts';
import type { DiskControl } from './site.ts';

/** A folder that a scene needs on the Disk, by a rule. */
export interface Plot {
  /** Below the scene's own folder; '' is that itself. */
  readonly path: string;
  readonly declared: DeclaredContent;
}

/** One resource of a plot. */
interface PlantedEntry {
  /** Below the scene's own folder. */
  readonly path: string;
  /** Undefined for a folder. */
  readonly content: Content | undefined;
}

export interface PlantedFile extends PlantedEntry {
  readonly content: Content;
}

/** Everything beneath plots, and the plots. */
export function* plantedEntries(plots: readonly Plot[]): Generator<PlantedEntry> {
  for (const { path, declared } of plots) {
    if (path !== '') yield { path, content: undefined };
    yield* beneath(path === '' ? '' : `${path}/`, declared);
  }
}

function* beneath(start: string, declared: DeclaredContent): Generator<PlantedEntry> {
  for (let index = 0; index < declaredCount(declared); index += 1) {
    const { kind, name } = declaredEntry(declared, index);
    const path = `${start}${name}`;
    if (kind === 'file') yield { path, content: declaredFileContent(declared, name) };
    else yield { path, content: undefined };
    if (kind === 'dir' && declared.inside) yield* beneath(`${path}/`, declared.inside);
  }
}

/** The files beneath plots. */
export function plantedFiles(plots: readonly Plot[]): PlantedFile[] {
  return [...plantedEntries(plots)].flatMap(({ path, content }) => (content ? [{ path, content }] : []));
}

const entrySchema = z.object({ md5: z.string(), sizeBytes: z.int() });

/**
 * Puts a scene's plots onto the Disk.
 * @param files those that will be read: the Disk computes their hashes now and not while somebody waits
 * @throws Error when the Disk holds other bytes than the plots say
 */
export async function plant(
  control: DiskControl,
  root: string,
  plots: readonly Plot[],
  files: readonly PlantedFile[],
): Promise<void> {
  const entries = plots.map(({ path, declared }) => ({ path: join('disk:', root, path), declared }));
  await control.post('seed', { entries });
  for (const { path, content } of files) {
    const at = join('disk:', root, path);
    const { md5, sizeBytes } = entrySchema.parse(await control.get(`entry?path=${encodeURIComponent(at)}`));
    if (content.sizeBytes !== sizeBytes) throw new Error(`${at} has another size than was planted`);
    digests.set(content, md5);
  }
}

const digests = new WeakMap<Content, string>();

/** MD5 of a part of a file: of the whole as the Disk tells it, else of the bytes that the Disk makes of the same rule. */
export function trueMd5(content: Content, start: number, end: number): string {
  const told = digests.get(content);
  if (told !== undefined && start === 0 && end === content.sizeBytes) return told;
  return createHash('md5').update(content.read(start, end)).digest('hex');
}

function join(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('/');
}
