import { z } from 'zod';
import { Failure } from '../errors.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import { folderPathHere } from './conflict-copy.ts';
import type { ConflictNote } from './queue-report.ts';
import type { SendingHooks } from './sending.ts';

/** Of more, the oldest are forgotten; each was told when it came. */
const mostNotes = 100;
/** Under this word in the store of unsent work. */
const word = 'conflicts';

const written = z.object({
  version: z.literal(1),
  notes: z.array(
    z.object({
      /** Of the copy. */
      id: z.number(),
      parentId: z.number(),
      name: z.string(),
      copyName: z.string(),
      sinceMs: z.number(),
    }),
  ),
});
type Note = z.infer<typeof written>['notes'][number];

interface NotedParts {
  readonly local: Pick<LocalTree, 'node' | 'note' | 'noted'>;
  readonly hooks: Pick<SendingHooks, 'folder' | 'knownAt'>;
}

/**
 * The conflict copies that nobody has looked after yet: each is one until it is renamed, moved or deleted, here or there. Kept over restarts.
 */
export class ConflictNotes {
  readonly #parts: NotedParts;
  #notes: readonly Note[];

  constructor(parts: NotedParts) {
    this.#parts = parts;
    this.#notes = readNotes(parts.local.noted(word));
  }

  /** Ours has just got another name. @param path where it stood, as people know it */
  add(id: number, path: string, sinceMs: number): void {
    const node = this.#parts.local.node(id);
    if (!node) return;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const note = { id, parentId: node.parentId, name, copyName: node.name, sinceMs };
    this.#keep([...this.#notes.filter((other) => other.id !== id), note].slice(-mostNotes));
  }

  list(): readonly ConflictNote[] {
    const standing = this.#notes.filter((note) => this.#stands(note));
    if (standing.length < this.#notes.length) this.#keep(standing);
    return standing.map(({ parentId, name, copyName, sinceMs }) => {
      const folder = folderPathHere(this.#parts, parentId);
      const above = folder === '' ? '' : `${folder}/`;
      return { path: above + name, copy: above + copyName, sinceMs };
    });
  }

  #stands({ id, parentId, copyName }: Note): boolean {
    const { local, hooks } = this.#parts;
    const ours = local.node(id);
    if (ours && ours.state !== 'shown') return false;
    const place = ours ?? hooks.knownAt(id);
    return place?.parentId === parentId && place.name === copyName;
  }

  #keep(notes: readonly Note[]): void {
    this.#notes = notes;
    const value = { version: 1, notes: [...notes] } satisfies z.infer<typeof written>;
    try {
      this.#parts.local.note(word, JSON.stringify(value));
    } catch (error) {
      // On a full disk they last as long as this process.
      if (!(error instanceof Failure)) throw error;
    }
  }
}

/** What a later version has written, or nobody, is none. */
function readNotes(text: string | undefined): readonly Note[] {
  try {
    return text === undefined ? [] : written.parse(JSON.parse(text)).notes;
  } catch {
    return [];
  }
}
