import { steadyDateMs } from '../async/steady-date.ts';
import { Database, type Row } from '../database/database.ts';
import { setAside } from '../database/set-aside.ts';
import type { DiskPath } from '../disk-api/paths.ts';
import { Failure } from '../errors.ts';
import { type Node, rootId } from './node.ts';
import { checksumIn, nodeColumns, nodeFrom, recordIn, recordOf } from './node-record.ts';
import { largeFileBytes, treeFormat } from './schema.ts';

/** Says where a folder is on the Disk. */
type PathOf = (folderId: number) => DiskPath;

/** A folder whose entries are all in the store. */
interface StoredListing {
  /** The Disk's revision that was read before the listing was asked for. */
  readonly revision: number | undefined;
  readonly entries: number;
  /** The sum of the checksums of all entries. */
  readonly checksum: number;
}

/** Of a file's bytes, in lower case hexadecimal. */
export interface FileHashes {
  readonly md5: string;
  readonly sha256: string;
}

/** So many rows are written or read without a pause for others: some ten milliseconds. */
export const rowsAtOnce = 1_000;
const commitDelayMs = 250;
const cacheBytes = 16 << 20;

/**
 * The tree on the local disk: SQL, and nothing but SQL.
 *
 * All methods block the loop. Any may throw Failure 'damaged-store': the file does not hold what was written.
 */
export class TreeStore {
  readonly file: string;
  readonly #db: Database;
  readonly #statements: ReturnType<typeof prepareAll>;

  /** @throws Failure as `Database` */
  constructor(file: string, onRolledBack: (failure: Failure) => void) {
    this.file = file;
    this.#db = new Database(file, treeFormat, { commitDelayMs, cacheBytes, onRolledBack });
    try {
      this.#statements = prepareAll(this.#db);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** The largest number that any node ever had; 1 is the root's. */
  lastId(): number {
    return Math.max(rootId, Number(this.#statements.lastId.get()?.[0] ?? 0));
  }

  node(id: number, pathOf: PathOf): Node | undefined {
    const row = this.#statements.node.get(id);
    return row && nodeFrom(row, pathOf);
  }

  parentOf(id: number): number | undefined {
    const row = this.#statements.parentOf.get(id);
    return row && Number(row[0]);
  }

  child(folderId: number, name: string, pathOf: PathOf): Node | undefined {
    const row = this.#statements.child.get(folderId, name);
    return row && nodeFrom(row, pathOf);
  }

  /** All entries of a folder. Checked against the sum that was noted with its listing. */
  children(folderId: number, pathOf: PathOf): Map<string, Node> {
    const listing = this.listing(folderId);
    const rows = this.#statements.children.all(folderId);
    const sum = rows.reduce((total, row) => addChecksums(total, checksumIn(row)), 0);
    if (listing && (listing.entries !== rows.length || listing.checksum !== sum))
      throw new Failure('damaged-store', 'A folder in the store is not what was written', {
        path: this.file,
      });
    return new Map(
      rows.map((row) => {
        const node = nodeFrom(row, pathOf);
        return [node.name, node];
      }),
    );
  }

  listing(folderId: number): StoredListing | undefined {
    const row = this.#statements.listing.get(folderId);
    return row && storedListing(row);
  }

  /** Nodes with this resource, lost ones too. */
  byResource(resourceId: string, pathOf: PathOf): Node[] {
    return this.#statements.byResource.all(resourceId).map((row) => nodeFrom(row, pathOf));
  }

  /** Large files of this size that are not lost, at most `most` of them; with hashes, only those that have one of them. */
  ofSize(sizeBytes: number, hashes: FileHashes | undefined, most: number, pathOf: PathOf): Node[] {
    const { ofSize, ofHash } = this.#statements;
    const rows = hashes
      ? ofHash.all(sizeBytes, hashes.md5, hashes.sha256, most)
      : ofSize.all(sizeBytes, most);
    return rows.map((row) => nodeFrom(row, pathOf));
  }

  /** Whether anything is known that others share with us. */
  hasShared(): boolean {
    return this.#statements.shared.get() !== undefined;
  }

  /** A folder that was never listed, behind this one in the order of their numbers. */
  unlistedFolder(afterId: number): number | undefined {
    const row = this.#statements.unlisted.get(afterId);
    return row && Number(row[0]);
  }

  /** From now on its entries are not all known; what is known of each stays. */
  unlist(folderId: number): void {
    this.#db.write(() => this.#statements.unlist.run(folderId));
  }

  /** Writes nodes in their places, which must be free: those that change places with others are to be lost first. */
  put(nodes: readonly Node[]): void {
    this.#db.write(() => {
      for (const node of nodes) this.#statements.put.run(...recordOf(node));
    });
  }

  /** Nodes that are in no listing, as far as is known. */
  putLost(nodes: readonly Node[], nowMs: number): void {
    this.#db.write(() => {
      for (const node of nodes) this.#statements.putLost.run(...recordOf(node), nowMs);
    });
  }

  /**
   * Forgets a node, and that all entries of its folder are known. What was in it is lost, and told as of the folder above: a node in a folder that is not
   * there would count as damage.
   */
  forget(id: number, folderId: number): void {
    const { unlist, beneath, adopt, forget } = this.#statements;
    this.#db.write(() => {
      unlist.run(folderId);
      unlist.run(id);
      for (const row of beneath.all(id, id)) {
        const record = recordIn(folderId, row);
        adopt.run(folderId, checksumIn(record), steadyDateMs(), record[0] ?? null);
      }
      forget.run(id);
    });
  }

  putListing(folderId: number, listing: StoredListing): void {
    const { revision, entries, checksum } = listing;
    this.#db.write(() => this.#statements.putListing.run(folderId, revision ?? null, entries, checksum));
  }

  /** They are in no listing any more, but may turn up elsewhere. */
  lose(ids: readonly number[], nowMs: number): void {
    this.#db.write(() => {
      for (const id of ids) this.#statements.lose.run(nowMs, id);
    });
  }

  /** All entries of a folder. */
  loseChildren(folderId: number, nowMs: number): void {
    this.#db.write(() => this.#statements.loseChildren.run(nowMs, folderId));
  }

  /**
   * Forgets some of what was lost before a moment, and all beneath it, a bounded number of rows at a time.
   * @returns whether there is more
   */
  forgetLost(beforeMs: number): boolean {
    const { lost, anyBeneath, loseBeneath, forget, unlist } = this.#statements;
    return this.#db.write(() => {
      let changes = 0;
      for (const [id = null] of lost.all(beforeMs, rowsAtOnce)) {
        // What is beneath goes first, else nobody would ever find it.
        unlist.run(id);
        if (anyBeneath.get(id, id)) {
          changes += loseBeneath.run(beforeMs, id, rowsAtOnce).changes;
        } else {
          changes += forget.run(id).changes;
        }
      }
      return changes > 0;
    });
  }

  /** What was written so far survives the end of this process, whatever ends it. */
  commit(): void {
    this.#db.commit();
  }

  /** … whatever becomes of the machine. */
  sync(): void {
    this.#db.sync();
  }

  close(): void {
    this.#db.close();
  }

  /** Closes what is damaged and renames it. @returns the new name */
  setAside(): string {
    try {
      this.#db.close();
    } catch {
      // What could not be committed is part of the damage.
    }
    return setAside(this.file);
  }
}

function storedListing([revision = null, entries, checksum]: Row): StoredListing {
  return {
    revision: revision === null ? undefined : Number(revision),
    entries: Number(entries),
    checksum: Number(checksum),
  };
}

/** Sums are kept in 32 bits. */
export function addChecksums(one: number, other: number): number {
  return (one + other) >>> 0;
}

function prepareAll(db: Database) {
  const places = nodeColumns
    .split(',')
    .map(() => '?')
    .join(',');
  const updates = nodeColumns
    .split(', ')
    .map((column) => `${column} = excluded.${column}`)
    .join(',');
  return {
    lastId: db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'nodes'"),
    node: db.prepare(`SELECT ${nodeColumns} FROM nodes WHERE id = ?`),
    parentOf: db.prepare('SELECT parent FROM nodes WHERE id = ?'),
    child: db.prepare(`SELECT ${nodeColumns} FROM nodes WHERE parent = ? AND name = ? AND lost_at IS NULL`),
    children: db.prepare(
      `SELECT ${nodeColumns} FROM nodes WHERE parent = ? AND lost_at IS NULL ORDER BY name`,
    ),
    byResource: db.prepare(`SELECT ${nodeColumns} FROM nodes WHERE resource_id = ?`),
    // The bound is written out: else SQLite would not know that the index holds them all.
    ofSize: db.prepare(
      `SELECT ${nodeColumns} FROM nodes
       WHERE size = ? AND size >= ${largeFileBytes} AND lost_at IS NULL LIMIT ?`,
    ),
    ofHash: db.prepare(
      `SELECT ${nodeColumns} FROM nodes
       WHERE size = ? AND size >= ${largeFileBytes} AND lost_at IS NULL AND (md5 = ? OR sha256 = ?) LIMIT ?`,
    ),
    listing: db.prepare('SELECT revision, entries, checksum FROM listings WHERE folder = ?'),
    unlisted: db.prepare(
      `SELECT id FROM nodes WHERE kind = 1 AND id > ? AND lost_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM listings WHERE folder = id) ORDER BY id LIMIT 1`,
    ),
    shared: db.prepare('SELECT 1 FROM nodes WHERE shared = 1 LIMIT 1'),
    put: db.prepare(
      `INSERT INTO nodes(${nodeColumns}) VALUES (${places})
       ON CONFLICT(id) DO UPDATE SET ${updates}, lost_at = NULL`,
    ),
    putLost: db.prepare(`INSERT INTO nodes(${nodeColumns}, lost_at) VALUES (${places}, ?)`),
    putListing: db.prepare('INSERT OR REPLACE INTO listings VALUES (?, ?, ?, ?)'),
    unlist: db.prepare('DELETE FROM listings WHERE folder = ?'),
    lose: db.prepare('UPDATE nodes SET lost_at = ? WHERE id = ?'),
    loseChildren: db.prepare('UPDATE nodes SET lost_at = ? WHERE parent = ? AND lost_at IS NULL'),
    lost: db.prepare('SELECT id FROM nodes WHERE lost_at < ? LIMIT ?'),
    // In two parts, each of which has an index.
    anyBeneath: db.prepare(
      `SELECT 1 FROM nodes WHERE parent = ? AND lost_at IS NULL
       UNION ALL SELECT 1 FROM nodes WHERE parent = ? AND lost_at IS NOT NULL LIMIT 1`,
    ),
    beneath: db.prepare(
      `SELECT ${nodeColumns} FROM nodes WHERE parent = ? AND lost_at IS NULL
       UNION ALL SELECT ${nodeColumns} FROM nodes WHERE parent = ? AND lost_at IS NOT NULL`,
    ),
    adopt: db.prepare('UPDATE nodes SET parent = ?, checksum = ?, lost_at = ? WHERE id = ?'),
    loseBeneath: db.prepare(
      `UPDATE nodes SET lost_at = ? - 1 WHERE id IN
       (SELECT id FROM nodes WHERE parent = ? AND lost_at IS NULL LIMIT ?)`,
    ),
    forget: db.prepare('DELETE FROM nodes WHERE id = ?'),
  };
}
