import type { Database, Format, Statement } from '../database/database.ts';

/** "yab1" */
const applicationId = 0x79616231;
export const format: Format = {
  applicationId,
  steps: [
    `CREATE TABLE place(
       only INTEGER PRIMARY KEY CHECK (only = 1),
       shape TEXT NOT NULL, used_bytes INTEGER NOT NULL, next_file INTEGER NOT NULL, clock INTEGER NOT NULL, clean INTEGER NOT NULL,
       row_check INTEGER NOT NULL);
     CREATE TABLE extents(
       file INTEGER PRIMARY KEY, content BLOB NOT NULL, number INTEGER NOT NULL, present INTEGER NOT NULL,
       sums BLOB NOT NULL, bytes INTEGER NOT NULL, used INTEGER NOT NULL, row_check INTEGER NOT NULL,
       UNIQUE (content, number));
     CREATE INDEX extents_by_use ON extents(used);
     CREATE TABLE proofs(content BLOB PRIMARY KEY, sums BLOB NOT NULL, row_check INTEGER NOT NULL);`,
  ],
};

export type Statements = Readonly<Record<keyof typeof statements, Statement>>;

const statements = {
  place: 'SELECT shape, used_bytes, next_file, clock, clean, row_check FROM place',
  setPlace: 'REPLACE INTO place VALUES (1, ?, ?, ?, ?, ?, ?)',
  find: 'SELECT file, present, sums, bytes, row_check FROM extents WHERE content = ? AND number = ?',
  record: 'REPLACE INTO extents VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  touch: 'UPDATE extents SET used = ? WHERE file = ?',
  ofFile: 'SELECT bytes, content FROM extents WHERE file = ?',
  remove: 'DELETE FROM extents WHERE file = ?',
  filesOf: 'SELECT file FROM extents WHERE content = ?',
  contents: 'SELECT DISTINCT content FROM extents WHERE content > ? ORDER BY content LIMIT ?',
  oldest: 'SELECT file, bytes FROM extents ORDER BY used LIMIT ?',
  count: 'SELECT count(*) FROM extents',
  after:
    'SELECT content, number, file, present, sums, bytes, row_check FROM extents WHERE file > ? ORDER BY file LIMIT ?',
  knows: 'SELECT 1 FROM extents WHERE file = ?',
  proof: 'SELECT sums, row_check FROM proofs WHERE content = ?',
  setProof: 'REPLACE INTO proofs VALUES (?, ?, ?)',
  removeProof: 'DELETE FROM proofs WHERE content = ?',
  /** The primary key alone is read: sums of large files are long. */
  lone: 'DELETE FROM proofs WHERE content IN (SELECT content FROM proofs p WHERE NOT EXISTS (SELECT 1 FROM extents WHERE content = p.content))',
  removeLoneProof:
    'DELETE FROM proofs WHERE content = ? AND NOT EXISTS (SELECT 1 FROM extents WHERE content = ?)',
} as const;

/** All that is ever asked. */
export function preparedStatements(db: Database): Statements {
  const entries = Object.entries(statements).map(([name, sql]) => [name, db.prepare(sql)]);
  return Object.fromEntries(entries) as Statements;
}
