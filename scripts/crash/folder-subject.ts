import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Model } from '../../test/stand-in/model/model.ts';
import type { Subject } from './subject.ts';

/**
 * A folder of this machine, which loses nothing, and a server that is made equal to it when it is flushed: it proves that the test finds
 * nothing where nothing is. The programs that work in it are killed, since nobody serves it.
 */
export class FolderSubject implements Subject {
  readonly folder: string;
  readonly killed = 'workers';
  protected readonly model: Model;

  constructor(work: string, model: Model) {
    this.folder = join(work, 'folder');
    this.model = model;
  }

  async start(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
  }

  async startAndDie(): Promise<void> {}

  async kill(): Promise<void> {}

  async stop(): Promise<void> {}

  async flush(): Promise<void> {
    const here = new Set<string>();
    await this.#put('', here);
    const there = [...this.model.disk.walk(this.model.disk.root)].map((node) =>
      this.model.disk.pathOf(node).names.join('/'),
    );
    for (const path of there)
      if (!here.has(path) && this.model.find(`disk:/${path}`)) this.model.remove(`disk:/${path}`);
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
    return [];
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
