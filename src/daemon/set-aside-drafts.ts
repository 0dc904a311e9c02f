import { rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { severalAtOnce } from '../async/several.ts';
import type { Contents } from '../content/contents.ts';
import { Drafts } from '../content/drafts.ts';
import type { DiskPath } from '../disk-api/paths.ts';
import { Failure } from '../errors.ts';
import { makeFolders } from '../make-folders.ts';
import type { QueueReport, SendQueue, UnsentWork } from '../sync/queue-report.ts';
import { DraftsOverContents, draftsAtOnce, draftsOptions, setAsideFolders } from './local-side.ts';

interface SetAsideDraft {
  readonly folder: string;
  readonly drafts: Drafts;
  readonly name: string;
  /** On the Disk, as the draft itself says; undefined where that is damaged. */
  readonly path: DiskPath | undefined;
  readonly work: UnsentWork;
}

/**
 * Drafts whose list was damaged. Nobody knows any more what was to become of them, so they are not sent; each says itself which path it belonged
 * to, and it is shown with what is unsent, exported with it, and goes when somebody gives it up.
 */
export class SetAsideDrafts {
  readonly #contents: Pick<Contents, 'openReader'>;
  #found: readonly SetAsideDraft[];

  private constructor(found: readonly SetAsideDraft[], contents: Pick<Contents, 'openReader'>) {
    this.#found = found;
    this.#contents = contents;
  }

  /** @param stateFolder undefined where nothing is kept @param onDamage told of a folder that cannot be read */
  static async open(
    stateFolder: string | undefined,
    root: DiskPath,
    contents: Pick<Contents, 'openReader'>,
    onDamage: (error: unknown, folder: string) => void,
  ): Promise<SetAsideDrafts> {
    const folders = stateFolder === undefined ? [] : await setAsideFolders(stateFolder);
    const found = await Promise.all(
      folders.map((folder) =>
        draftsIn(folder, root).catch((error: unknown) => {
          onDamage(error, folder);
          return [];
        }),
      ),
    );
    return new SetAsideDrafts(found.flat(), contents);
  }

  /** A queue that tells of them, too. */
  beside(queue: SendQueue): SendQueue {
    return {
      report: () => this.#reportBeside(queue.report()),
      flush: (places, signal) => queue.flush(places, signal),
      sendDeletions: (which, signal) => queue.sendDeletions(which, signal),
      retry: (places) => queue.retry(places),
      discard: async (place) => {
        if (!(await this.#discard(place))) await queue.discard(place);
      },
      exportTo: async (folder, signal) => [
        ...(await queue.exportTo(folder, signal)),
        ...(await this.#exportTo(folder, signal)),
      ],
    };
  }

  #reportBeside(report: QueueReport): QueueReport {
    return { ...report, unsent: [...report.unsent, ...this.#found.map(({ work }) => work)] };
  }

  async #exportTo(folder: string, signal: AbortSignal): Promise<string[]> {
    const written: string[] = [];
    for (const { drafts, name, path, work } of this.#found) {
      const file = await freeName(join(folder, work.path));
      if (!file.startsWith(join(folder, '/')))
        throw new Failure('invalid', `Not beneath the folder: ${file}`);
      await makeFolders(dirname(file));
      const place = { version: 0, path: path ?? name, resourceId: undefined };
      await new DraftsOverContents(drafts, this.#contents).exportTo(name, place, file, signal);
      written.push(file);
    }
    return written;
  }

  /** @returns whether there was one at the place */
  async #discard(place: string): Promise<boolean> {
    const gone = this.#found.filter(({ work }) => work.path === place);
    for (const { drafts, name, folder } of gone) {
      await drafts.remove(name);
      if ((await drafts.names()).length === 0) await rm(folder, { recursive: true, force: true });
    }
    this.#found = this.#found.filter((draft) => !gone.includes(draft));
    return gone.length > 0;
  }
}

async function draftsIn(folder: string, root: DiskPath): Promise<SetAsideDraft[]> {
  const drafts = await Drafts.open(await draftsOptions(folder));
  const sinceMs = (await stat(folder)).ctimeMs;
  const names = (await drafts.names()).sort();
  return severalAtOnce(names, draftsAtOnce, async (name) => {
    const path = (await drafts.describe(name))?.path;
    const work: UnsentWork = {
      path: path === undefined ? name : pathBeneath(root, path),
      code: 'damaged-store',
      message: `The list of what was to be sent was damaged; the bytes are kept in ${folder}`,
      sinceMs,
    };
    return { folder, drafts, name, path, work };
  });
}

function pathBeneath(root: DiskPath, path: DiskPath): string {
  const beneath = path.startsWith(root) ? path.slice(root.length) : path.replace(/^disk:/, '');
  return beneath.replace(/^\/+/, '');
}

/** Two drafts may have belonged to one path, one after the other. */
async function freeName(file: string): Promise<string> {
  let free = file;
  for (let count = 2; await isThere(free); count++) free = `${file} ${count}`;
  return free;
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
