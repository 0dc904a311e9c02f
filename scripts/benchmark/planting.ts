import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Content } from '../../test/stand-in/content/content.ts';
import { declaredCount, declaredEntry } from '../../test/stand-in/model/declared.ts';
import type { DeclaredContent } from '../../test/stand-in/model/declared-content.ts';
import { declaredFileContent } from '../../test/stand-in/model/declared-ranges.ts';
import { Dates } from './dates.ts';
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

const fileSchema = z.object({ md5: z.string(), sizeBytes: z.int() });
const folderSchema = z.object({ modified: z.string() });

/** Folders of each plot in which two files get dates of their own. */
const datedFolders = 10;
const hourMs = 3_600_000;

/**
 * Puts a scene's plots onto the Disk. In some folders the first file has the date that rclone stores, to the nanosecond, and
 * the second was changed long ago; all else has the moment of planting.
 * @param files those that will be read: the Disk computes their hashes now and not while somebody waits
 * @returns the dates of everything there
 * @throws Error when the Disk holds other bytes than the plots say
 */
export async function plant(
  control: DiskControl,
  root: string,
  plots: readonly Plot[],
  files: readonly PlantedFile[],
): Promise<Dates> {
  const at = (path: string) => join('disk:', root, path);
  const look = (path: string) => control.get(`entry?path=${encodeURIComponent(at(path))}`);
  const entries = plots.map(({ path, declared }) => ({ path: at(path), declared }));
  await control.post('seed', { entries });
  const dates = new Dates();
  for (const plot of plots) {
    dates.setPlot(plot.path, folderSchema.parse(await look(plot.path)).modified);
    for (const { path, touch, shown } of datings(plot)) {
      await control.post('touch', { path: at(path), ...touch });
      dates.setFile(path, shown);
    }
  }
  for (const { path, content } of files) {
    const { md5, sizeBytes } = fileSchema.parse(await look(path));
    if (content.sizeBytes !== sizeBytes) throw new Error(`${at(path)} has another size than was planted`);
    digests.set(content, md5);
  }
  return dates;
}

interface Dating {
  readonly path: string;
  /** As the control interface takes it. */
  readonly touch: Readonly<Record<string, unknown>>;
  /** What a mount should show then, RFC 3339. */
  readonly shown: string;
}

function* datings(plot: Plot): Generator<Dating> {
  let folders = 0;
  let files = 0;
  let current: string | undefined;
  for (const { path, content } of plantedEntries([plot])) {
    if (!content) continue;
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (folder !== current) {
      if (folders === datedFolders) return;
      current = folder;
      folders += 1;
      files = 0;
    }
    files += 1;
    const moment = new Date(Date.UTC(2001, 1, 3, 4, 5, 6) + folders * hourMs).toISOString().slice(0, 19);
    if (files === 1) {
      const shown = `${moment}.123456789Z`;
      yield { path, touch: { properties: { rclone_modified: shown } }, shown };
    } else if (files === 2) yield { path, touch: { modified: `${moment}Z` }, shown: `${moment}Z` };
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
