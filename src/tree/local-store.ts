import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { Database, type Format } from '../database/database.ts';
import { Failure } from '../errors.ts';
import type { FolderAbove } from './folders-above.ts';
import type { LocalChange } from './local-change.ts';
import type { LocalNode } from './local-node.ts';
import type { PastEntry, PastPlace } from './past-entries.ts';
import { traitsHere } from './shown-traits.ts';

/**
 * unsent   one row for each node that differs here, as JSON with its checksum.
 * past     what was at a place on the server until an effect of ours, as JSON. Rows that cannot be read can be done without.
 * folders  the folders above unsent nodes, as JSON: what is known of the Disk may be lost. Rows that cannot be read can be done without.
 * meta     words about the whole.
 */
const localFormat: Format = {
  applicationId: 0x59_44_55_31, // YDU1
  steps: [
    `CREATE TABLE unsent(id INTEGER PRIMARY KEY, node TEXT NOT NULL, checksum INTEGER NOT NULL);
     CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL);`,
    'CREATE TABLE past(place TEXT PRIMARY KEY, entries TEXT NOT NULL);',
    // With it came intents of copies, and of bytes that go under another name first: an older program would take their rows for damaged.
    'CREATE TABLE folders(id INTEGER PRIMARY KEY, folder TEXT NOT NULL);',
    // With it came traits, in the rows: an older program would lose them without a word.
    "INSERT OR REPLACE INTO meta VALUES ('traits', 'yes');",
  ],
};

const cacheBytes = 4 << 20;

const timestamp = z.object({ sec: z.number(), nsec: z.number() });
const optional = <T extends z.ZodType>(type: T) => type.optional();
const baseShape = z.object({
  parentId: z.number(),
  name: z.string(),
  resourceId: optional(z.string()),
  content: optional(
    z.object({
      sizeBytes: z.number(),
      md5: optional(z.string()),
      sha256: optional(z.string()),
      versionTag: z.string(),
    }),
  ),
  modified: timestamp,
  properties: optional(z.string()),
});
const traitsShape = z.object({
  permissions: optional(z.number()),
  isLink: z.boolean(),
  attributes: z.array(z.tuple([z.string(), z.string()])),
});
const pastShape = z.array(z.object({ base: baseShape, atMs: z.number() }));
const placeShape = z.object({ parentId: z.number(), name: z.string() });
const folderShape = z.object({
  id: z.number(),
  parentId: z.number(),
  name: z.string(),
  resourceId: optional(z.string()),
});
const sentShape = {
  path: z.string(),
  place: placeShape,
  sizeBytes: z.number(),
  md5: z.string(),
  sha256: z.string(),
  version: z.number(),
  isBeside: z.boolean().default(false),
  operationId: optional(z.string()),
};
const nodeShape = z.object({
  id: z.number(),
  kind: z.enum(['file', 'folder']),
  parentId: z.number(),
  name: z.string(),
  state: z.enum(['shown', 'deleted']),
  hidden: optional(z.object({ name: z.string(), tentative: z.boolean() })),
  base: optional(baseShape),
  replaces: optional(z.object({ id: z.number(), base: baseShape })),
  draft: optional(
    z.object({
      name: z.string(),
      sizeBytes: z.number(),
      version: z.number(),
      sentVersion: optional(z.number()),
      finished: z.boolean(),
    }),
  ),
  modified: optional(timestamp),
  traits: optional(traitsShape),
  changedAtMs: z.number(),
  intent: optional(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('upload'), ...sentShape }),
      z.object({ kind: z.literal('copy'), from: z.string(), ...sentShape }),
      z.object({ kind: z.literal('make-folder'), path: z.string(), place: placeShape }),
      z.object({
        kind: z.literal('move'),
        from: z.string(),
        to: z.string(),
        place: placeShape,
        operationId: optional(z.string()),
      }),
      z.object({ kind: z.literal('delete'), path: z.string(), operationId: optional(z.string()) }),
    ]),
  ),
  trouble: optional(
    z.object({
      code: z.string(),
      message: z.string(),
      sinceMs: z.number(),
      retryAtMs: optional(z.number()),
    }),
  ),
});

/** What differs here, on the local disk: SQL, and nothing but SQL. All methods block the loop. */
export class LocalStore {
  readonly file: string;
  readonly #db: Database;
  readonly #put;
  readonly #remove;
  readonly #all;
  readonly #putPast;
  readonly #removePast;
  readonly #allPast;
  readonly #putFolder;
  readonly #removeFolder;
  readonly #allFolders;
  readonly #note;
  readonly #noted;
  #syncs = 0;

  /** @throws Failure as `Database` */
  constructor(file: string) {
    this.file = file;
    this.#db = new Database(file, localFormat, { commitDelayMs: 0, cacheBytes });
    this.#put = this.#db.prepare('INSERT OR REPLACE INTO unsent VALUES (?, ?, ?)');
    this.#remove = this.#db.prepare('DELETE FROM unsent WHERE id = ?');
    this.#note = this.#db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)');
    this.#noted = this.#db.prepare('SELECT value FROM meta WHERE name = ?');
    this.#putPast = this.#db.prepare('INSERT OR REPLACE INTO past VALUES (?, ?)');
    this.#removePast = this.#db.prepare('DELETE FROM past WHERE place = ?');
    this.#allPast = this.#db.prepare('SELECT place, entries FROM past ORDER BY rowid');
    this.#putFolder = this.#db.prepare('INSERT OR REPLACE INTO folders VALUES (?, ?)');
    this.#removeFolder = this.#db.prepare('DELETE FROM folders WHERE id = ?');
    this.#allFolders = this.#db.prepare('SELECT folder FROM folders ORDER BY id');
    this.#all = this.#db.prepare('SELECT id, node, checksum FROM unsent ORDER BY id');
  }

  /** All nodes; a row that is not what was written is left out, and told. */
  load(onDamage: (failure: Failure, id: number) => void): LocalNode[] {
    return this.#all.all().flatMap(([id, text, checksum]) => {
      const isWhole = crc32(String(text)) === checksum;
      const node = isWhole ? (parsed(nodeShape, String(text)) as LocalNode | undefined) : undefined;
      if (!node)
        onDamage(
          new Failure('damaged-store', `Unsent work is damaged: ${id}`, { path: this.file }),
          Number(id),
        );
      return node ? withTraits(node) : [];
    });
  }

  /** What was on the server at places until a short time ago, or longer. */
  loadPast(): PastPlace[] {
    return this.#allPast.all().flatMap(([place, text]) => {
      const entries = parsed(pastShape, String(text)) as PastEntry[] | undefined;
      return entries ? [{ key: String(place), entries }] : [];
    });
  }

  /** The folders above unsent nodes. */
  loadFolders(): FolderAbove[] {
    return this.#allFolders.all().flatMap(([text]) => {
      const folder = parsed(folderShape, String(text)) as FolderAbove | undefined;
      return folder ?? [];
    });
  }

  forgetFolders(ids: readonly number[]): void {
    this.#db.write(() => {
      for (const id of ids) this.#removeFolder.run(id);
    });
  }

  /** Committed when this returns: it survives kill -9. */
  write(
    { put = [], remove = [] }: LocalChange,
    past: readonly PastPlace[],
    folders: readonly FolderAbove[],
  ): void {
    this.#db.write(() => {
      for (const folder of folders) this.#putFolder.run(folder.id, JSON.stringify(folder));
      for (const { key, entries } of past) {
        if (entries.length === 0) this.#removePast.run(key);
        else this.#putPast.run(key, JSON.stringify(entries));
      }
      for (const id of remove) this.#remove.run(id);
      for (const node of put) {
        const text = JSON.stringify(node);
        this.#put.run(node.id, text, crc32(text));
      }
    });
    this.#db.commit();
  }

  /** What was written so far survives a loss of power. */
  sync(): void {
    // A transaction that writes nothing would sync nothing either.
    this.#db.writeDurably(() => this.#note.run('synced', String(++this.#syncs)));
  }

  /** A word about the whole, which survives a loss of power. */
  note(name: string, value: string): void {
    this.#db.writeDurably(() => this.#note.run(name, value));
  }

  noted(name: string): string | undefined {
    const row = this.#noted.get(name);
    return row && String(row[0]);
  }

  close(): void {
    this.#db.close();
  }
}

/** Rows from before there were traits here. */
function withTraits(node: LocalNode): LocalNode {
  return node.draft && !node.traits ? { ...node, traits: traitsHere(node) } : node;
}

/** Undefined for what is not of that shape. */
function parsed<T>(shape: z.ZodType<T>, text: string): T | undefined {
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
