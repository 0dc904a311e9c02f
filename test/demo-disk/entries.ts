import type { Content } from '../stand-in/content/content.ts';
import { storedContent } from '../stand-in/content/stored.ts';

/** One file or folder of the demonstration Disk. */
export type DemoEntry = DemoFolder | DemoFile;

interface Common {
  /** Names from the top, joined by `/`; parents come before what is in them. */
  readonly path: string;
  readonly modified: Date;
}

export interface DemoFolder extends Common {
  readonly kind: 'folder';
}

export interface DemoFile extends Common {
  readonly kind: 'file';
  readonly content: Content;
  readonly photo?: { readonly takenAt: Date; readonly previews: Readonly<Record<string, Buffer>> };
  /** Where it is besides in its folder's listing: behind a public link, or in the trash instead of its folder. */
  readonly state?: 'published' | 'trashed';
}

/** What is known of a file before it is made. */
export type FileFacts = Pick<DemoFile, 'photo' | 'state'>;

/** Collects entries; folders come by themselves with what is in them, dated as the first thing in them. */
export class EntryList {
  readonly entries: DemoEntry[] = [];
  readonly #folders = new Set<string>(['']);

  folder(path: string, modified: Date): void {
    if (this.#folders.has(path)) return;
    const end = path.lastIndexOf('/');
    if (end > 0) this.folder(path.slice(0, end), modified);
    this.#folders.add(path);
    this.entries.push({ kind: 'folder', path, modified });
  }

  file(path: string, modified: Date, content: Content | Buffer | string, facts: FileFacts = {}): void {
    const end = path.lastIndexOf('/');
    if (end > 0) this.folder(path.slice(0, end), modified);
    const held = typeof content === 'string' || Buffer.isBuffer(content) ? storedContent(content) : content;
    this.entries.push({ kind: 'file', path, modified, content: held, ...facts });
  }
}
