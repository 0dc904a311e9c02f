import { mkdir, open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Model } from '../../test/stand-in/model/model.ts';
import type { PowerCutDisk } from './power/power-cut-disk.ts';
import type { Subject } from './subject.ts';

/** Until programs that were killed have ended. */
const killedMs = 200;

/**
 * A folder of this machine, which loses nothing, and a server that is made equal to it when it is flushed: it proves that the test finds
 * nothing where nothing is. The programs that work in it are killed, since nobody serves it.
 */
export class FolderSubject implements Subject {
  readonly folder: string;
  readonly killed = 'workers';
  protected readonly model: Model;
  readonly #powerCutDisk: PowerCutDisk | undefined;
  #isUnsure = false;
  #cuts = 0;

  /** @param powerCutDisk the folder lies on it: what is not synced may be lost, and the drive says that it trusts no file any more */
  constructor(work: string, model: Model, powerCutDisk?: PowerCutDisk) {
    this.folder = powerCutDisk?.folder ?? join(work, 'folder');
    this.model = model;
    this.#powerCutDisk = powerCutDisk;
  }

  async start(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
  }

  async startAndDie(): Promise<void> {}

  async kill(): Promise<void> {
    if (!this.#powerCutDisk) return;
    await sleep(killedMs);
    this.#cuts += 1;
    await this.#powerCutDisk.cut(`cut ${this.#cuts}`);
    this.#isUnsure = true;
  }

  async stop(): Promise<void> {
    await this.#sync();
  }

  async flush(): Promise<void> {
    this.#isUnsure = false;
    await this.#sync();
    const here = new Set<string>();
    await this.#put('', here);
    const there = [...this.model.disk.walk(this.model.disk.root)].map((node) =>
      this.model.disk.pathOf(node).names.join('/'),
    );
    for (const path of there)
      if (!here.has(path) && this.model.find(`disk:/${path}`)) this.model.remove(`disk:/${path}`);
  }

  /** What is on the server, or was left in good order, outlasts a loss of power. */
  async #sync(): Promise<void> {
    if (!this.#powerCutDisk) return;
    for (const path of ['', ...(await readdir(this.folder, { recursive: true }))]) {
      const handle = await open(join(this.folder, path));
      await handle.sync();
      await handle.close();
    }
  }

  async #put(above: string, here: Set<string>): Promise<void> {
    for (const name of await readdir(join(this.folder, above))) {
      const path = above === '' ? name : `${above}/${name}`;
      const local = join(this.folder, path);
      const { mtimeNs, isFolder } = await lookedAt(local);
      here.add(path);
      const there = this.model.find(`disk:/${path}`);
      if (there && (there.kind === 'dir') !== isFolder) this.model.remove(`disk:/${path}`);
      if (isFolder) {
        if (there?.kind !== 'dir') this.model.mkdir(`disk:/${path}`);
        await this.#put(path, here);
      } else {
        const properties = { rclone_modified: dateText(mtimeNs) };
        this.model.putFile(`disk:/${path}`, await readFile(local), { properties });
      }
    }
  }

  async unsent() {
    if (!this.#isUnsure) return [];
    const paths = await readdir(this.folder, { recursive: true });
    return paths.map((path) => ({ path, code: 'unfinished', message: 'not synced for all that is known' }));
  }

  async conflicts() {
    return [];
  }

  lastWords(): string {
    return '';
  }

  async close(): Promise<void> {}
}

async function lookedAt(path: string) {
  const found = await stat(path, { bigint: true });
  return { mtimeNs: found.mtimeNs, isFolder: found.isDirectory() };
}

function dateText(ns: bigint): string {
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(ns % 1_000_000_000n).padStart(9, '0')}Z`;
}
