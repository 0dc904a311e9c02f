import { join } from 'node:path';
import { severalAtOnce } from '../async/several.ts';
import { Downloads } from '../disk-api/downloads.ts';
import type { RemoteContent } from '../disk-api/links.ts';
import {
  listPublic,
  type PublicPlace,
  readPublic,
  readPublicDownloadLink,
} from '../disk-api/public-resources.ts';
import type { PublicReply } from '../disk-api/replies.ts';
import { Failure, failedWith } from '../errors.ts';
import { shownName } from '../tree/names.ts';
import { contentOf } from '../tree/node.ts';
import type { DiskSession } from './disk-session.ts';
import { inItsPlace, makeRealFolder, writeWhole } from './fetched-file.ts';
import { explained } from './public-link.ts';

/** How far a download is. */
interface DownloadProgress {
  readonly files: number;
  readonly filesDone: number;
  readonly sizeBytes: number;
  readonly doneBytes: number;
}

/** What was downloaded. */
interface Downloaded {
  /** The file, or the folder with all in it. */
  readonly path: string;
  readonly files: number;
  /** Of these were there already, and right. */
  readonly thereBefore: number;
  readonly sizeBytes: number;
  /** What could not be, each with its own reason. */
  readonly failures: readonly Failure[];
}

interface DownloadOptions {
  /** A folder of this machine that is there. */
  readonly folder: string;
  /** Under which name; undefined: its own, as a mount would show it. */
  readonly name: string | undefined;
  /** Replaces files that are others. */
  readonly overwrite: boolean;
  readonly onProgress: (progress: DownloadProgress) => void;
}

interface PlannedFile {
  readonly path: string;
  readonly content: RemoteContent;
  readonly modifiedMs: number | undefined;
}

const filesAtOnce = 4;
/** Bytes that were wrong are asked for once more. */
const tries = 2;

/**
 * Downloads what is behind a public link, a folder with all in it file by file: so each is checked against its size and hash, and what is
 * there already is not fetched again. Names are those that a mount would show: none leads out of the target folder.
 * @throws Failure for what concerns all of it; of single files the failures are listed
 */
export async function downloadPublic(
  session: DiskSession,
  place: PublicPlace,
  options: DownloadOptions,
): Promise<Downloaded> {
  const { api, signal } = session;
  const top = await explained(() => readPublic(api, place, { signal }));
  const path = join(options.folder, options.name ?? shownName(top.name));
  const failures: Failure[] = [];
  const files: PlannedFile[] = [];
  if (top.type === 'dir') await planFolder(session, place, path, files, failures);
  else files.push(plannedFile(top, place.path ?? '/', path));

  // Each reply of somebody else's Disk is asked for by the link.
  const downloads = new Downloads(api, undefined, async (_, at, callOptions) => {
    const inner = { key: place.key, path: at === '/' ? undefined : at };
    const shown = await readPublic(api, inner, callOptions);
    if (shown.file !== undefined) return shown;
    return { ...shown, file: (await readPublicDownloadLink(api, inner, callOptions)).href };
  });
  const sizeBytes = files.reduce((sum, { content }) => sum + content.sizeBytes, 0);
  let [filesDone, thereBefore, doneBytes] = [0, 0, 0];
  const tell = () => options.onProgress({ files: files.length, filesDone, sizeBytes, doneBytes });
  try {
    await severalAtOnce(files, filesAtOnce, async (file) => {
      let fetchedBytes = 0;
      try {
        const fetched = await fetchFile(downloads, file, options.overwrite, signal, (chunkBytes) => {
          fetchedBytes += chunkBytes;
          doneBytes += chunkBytes;
          tell();
        });
        if (!fetched) thereBefore++;
      } catch (error) {
        if (!isOfOneFile(error)) throw error;
        failures.push(error);
      }
      doneBytes += file.content.sizeBytes - fetchedBytes;
      filesDone++;
      tell();
    });
  } finally {
    downloads.close();
  }
  return { path, files: files.length, thereBefore, sizeBytes, failures };
}

/** Makes the folders at once; their files are noted. */
async function planFolder(
  session: DiskSession,
  place: PublicPlace,
  target: string,
  files: PlannedFile[],
  failures: Failure[],
): Promise<void> {
  const { api, signal } = session;
  const entries = await listPublic(api, place, { signal });
  await makeRealFolder(target);
  for (const entry of entries) {
    const inner = `${place.path ?? ''}/${entry.name}`;
    const path = join(target, shownName(entry.name));
    try {
      if (entry.type === 'dir') await planFolder(session, { ...place, path: inner }, path, files, failures);
      else files.push(plannedFile(entry, inner, path));
    } catch (error) {
      if (!isOfOneFile(error)) throw error;
      failures.push(error);
    }
  }
}

function plannedFile(reply: PublicReply, inner: string, path: string): PlannedFile {
  const content = contentOf(reply, inner, performance.now());
  if (!content) throw new Failure('refused', `The Disk tells no size of ${reply.name}`, { path });
  const modifiedMs = Date.parse(reply.modified ?? '');
  return { path, content, modifiedMs: Number.isNaN(modifiedMs) ? undefined : modifiedMs };
}

/** @returns false when it was there already */
async function fetchFile(
  downloads: Downloads,
  { path, content, modifiedMs }: PlannedFile,
  overwrite: boolean,
  signal: AbortSignal,
  onBytes: (sizeBytes: number) => void,
): Promise<boolean> {
  const there = await inItsPlace(path, content);
  if (there === 'the same') return false;
  if (there === 'something else' && !overwrite)
    throw new Failure('exists', `Another file is there already: ${path}`, {
      path,
      hint: '--overwrite replaces it.',
    });
  for (let attempt = 1; ; attempt++) {
    try {
      await writeWhole(path, content, counted(downloads, content, signal, onBytes), modifiedMs);
      return true;
    } catch (error) {
      if (!failedWith(error, 'damaged') || attempt === tries) throw error;
      downloads.distrust(content);
    }
  }
}

async function* counted(
  downloads: Downloads,
  content: RemoteContent,
  signal: AbortSignal,
  onBytes: (sizeBytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of downloads.read(content, 0, content.sizeBytes, signal)) {
    onBytes(chunk.length);
    yield chunk;
  }
}

/** The others may do all the same. */
function isOfOneFile(error: unknown): error is Failure {
  return failedWith(error, 'exists', 'damaged', 'refused', 'stale', 'not-found', 'local', 'is-a-folder');
}
