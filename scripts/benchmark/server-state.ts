import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Mounted } from './mounted.ts';
import type { Stage } from './stage.ts';

const entriesSchema = z.array(
  z.object({
    path: z.string(),
    type: z.enum(['file', 'dir']),
    modified: z.string(),
    sizeBytes: z.int().optional(),
    md5: z.string().optional(),
    properties: z.record(z.string(), z.unknown()).nullish(),
  }),
);

/** What a file must be on the server. */
export interface WantedFile {
  /** Below the folder of the scene. */
  readonly path: string;
  readonly md5: string;
  /** Unix time; undefined where the date is not asked for. */
  readonly modifiedSeconds?: number | undefined;
}

interface FoundFile {
  readonly md5: string;
  readonly modifiedSeconds: number;
}

/** rclone waits for five seconds, and then sends four files at once. */
const patienceMs = 600_000;
/** Of rclone some dates never come: it sets them before the file is final, and the Disk drops them without a word. */
const patienceForDatesMs = 60_000;
const lookIntervalMs = 100;
/** A look at many files costs the server something: one that is looked at all the time is slower for who sends. */
const millisecondsAFile = 0.7;

/** What is in the folder of a scene on the server, as it really is there. */
export class ServerState {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Takes away what an earlier run has made. */
  async clear(): Promise<void> {
    const { diskPath, site } = this.#stage;
    for (const { path } of await this.#entries()) {
      if (!path.slice(diskPath.length + 1).includes('/'))
        await site.control.post('delete', { path, permanently: true });
    }
    await site.control.post('empty-trash');
  }

  /** Names, folders with them. */
  async names(): Promise<string[]> {
    return (await this.#entries()).map(({ path }) => path.slice(this.#stage.diskPath.length + 1));
  }

  async files(): Promise<ReadonlyMap<string, FoundFile>> {
    const files = (await this.#entries()).filter(({ type }) => type === 'file');
    return new Map(
      files.map(({ path, md5 = '', modified, properties }) => {
        const stored = properties?.['rclone_modified'];
        const date = typeof stored === 'string' ? stored : modified;
        const modifiedSeconds = Math.floor(Date.parse(date) / 1000);
        return [path.slice(this.#stage.diskPath.length + 1), { md5, modifiedSeconds }];
      }),
    );
  }

  /**
   * Waits for the server to have what is wanted, and nothing else. yadiskfs is told to send; rclone does so by itself.
   * @returns seconds until the bytes were there, and until the dates were; null where that did not come to be in time. Dates that do not come
   * are a mistake of ours, and a finding of rclone's
   */
  async sent(mounted: Mounted, wanted: readonly WantedFile[]) {
    const startedMs = performance.now();
    const flushed = this.#stage.flush(mounted);
    flushed.catch(() => {}); // whoever waits for it below hears of it
    const contentSeconds = await this.#until(startedMs, patienceMs, (files) => has(files, wanted, false));
    const datesUntilMs = performance.now() - startedMs + patienceForDatesMs;
    const allSeconds = await this.#until(startedMs, datesUntilMs, (files) => has(files, wanted, true));
    await flushed;
    const isOurs = !this.#stage.isRclone;
    await this.compare(isOurs ? wanted : wanted.map(({ path, md5 }) => ({ path, md5 })));
    return { contentSeconds, allSeconds };
  }

  /** As `sent`, for an empty folder. */
  async emptied(mounted: Mounted): Promise<number | null> {
    const startedMs = performance.now();
    const flushed = this.#stage.flush(mounted);
    flushed.catch(() => {});
    const seconds = await this.#until(startedMs, patienceMs, async () => (await this.names()).length === 0);
    await flushed;
    this.#stage.compareUnordered('names after rm', await this.names(), []);
    return seconds;
  }

  /** Notes what is not as wanted. */
  async compare(wanted: readonly WantedFile[]): Promise<void> {
    const files = await this.files();
    const line = (path: string, md5: string, modifiedSeconds: number | undefined) =>
      `${path} ${md5} ${modifiedSeconds ?? ''}`;
    const dated = new Set(
      wanted.filter(({ modifiedSeconds }) => modifiedSeconds !== undefined).map(({ path }) => path),
    );
    this.#stage.compareUnordered(
      'bytes and dates on the server',
      [...files].map(([path, file]) =>
        line(path, file.md5, dated.has(path) ? file.modifiedSeconds : undefined),
      ),
      wanted.map(({ path, md5, modifiedSeconds }) => line(path, md5, modifiedSeconds)),
    );
  }

  async #until(
    startedMs: number,
    forMs: number,
    isSo: (files: ReadonlyMap<string, FoundFile>) => boolean | Promise<boolean>,
  ): Promise<number | null> {
    for (;;) {
      const files = await this.files();
      if (await isSo(files)) return (performance.now() - startedMs) / 1000;
      if (performance.now() - startedMs > forMs) return null;
      await sleep(lookIntervalMs + files.size * millisecondsAFile, undefined, { signal: this.#stage.signal });
    }
  }

  async #entries() {
    const { site, diskPath } = this.#stage;
    return entriesSchema.parse(await site.control.get(`beneath?path=${encodeURIComponent(diskPath)}`));
  }
}

function has(
  files: ReadonlyMap<string, FoundFile>,
  wanted: readonly WantedFile[],
  withDates: boolean,
): boolean {
  return (
    files.size === wanted.length &&
    wanted.every(({ path, md5, modifiedSeconds }) => {
      const file = files.get(path);
      if (file?.md5 !== md5) return false;
      return !withDates || modifiedSeconds === undefined || file.modifiedSeconds === modifiedSeconds;
    })
  );
}

/** How often the server was asked for a file, and how often it was not there. */
export interface Presence {
  readonly looks: number;
  readonly missing: number;
}

/** Looks all the time whether a file is on the server, until told to stop. */
export function watchPresence(stage: Stage, path: string): () => Promise<Presence> {
  let isOver = false;
  let [looks, missing] = [0, 0];
  const watched = (async () => {
    while (!isOver && !stage.signal.aborted) {
      const isThere = await stage.site.control
        .get(`entry?path=${encodeURIComponent(`${stage.diskPath}/${path}`)}`)
        .then(() => true)
        .catch(() => false);
      looks += 1;
      if (!isThere) missing += 1;
      await sleep(4);
    }
  })();
  return async () => {
    isOver = true;
    await watched;
    return { looks, missing };
  };
}
