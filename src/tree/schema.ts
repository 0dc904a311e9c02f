import type { Format } from '../database/database.ts';

/** Files from this size on are found by their size. Fixed in the format: the index holds no others. */
export const largeFileBytes = 1 << 20;

/**
 * The tables of the tree. A change of them is one more step; what was written by an older version goes through all that follow.
 *
 * nodes     what is known of each file and folder. `lost_at` (Unix milliseconds) is set while it is in no listing: it may turn up
 *           in another folder. `remote_name` is the Disk's own name in JSON where it is shown under another.
 * listings  folders whose entries are all known: how many, the sum of their checksums, and for which revision of the Disk.
 *           INVARIANT: a folder's row is taken away before its entries are changed in several steps, and put back with the last.
 *           `unsent` is always 0.
 *
 * The index over sizes holds large files only: of a million files it is a small part, and nobody looks for others by their size.
 */
export const treeFormat: Format = {
  applicationId: 0x59_44_54_31, // YDT1
  steps: [
    `CREATE TABLE nodes(
       id INTEGER PRIMARY KEY AUTOINCREMENT,
       parent INTEGER NOT NULL,
       name TEXT NOT NULL,
       kind INTEGER NOT NULL,
       unsent INTEGER NOT NULL,
       remote_name TEXT,
       resource_id TEXT,
       revision INTEGER,
       modified_sec INTEGER NOT NULL,
       modified_nsec INTEGER NOT NULL,
       media_type TEXT,
       mime_type TEXT,
       public_url TEXT,
       shared INTEGER NOT NULL,
       properties TEXT,
       size INTEGER,
       md5 TEXT,
       sha256 TEXT,
       version_tag TEXT,
       checksum INTEGER NOT NULL,
       lost_at INTEGER
     );
     CREATE UNIQUE INDEX nodes_in_place ON nodes(parent, name) WHERE lost_at IS NULL;
     CREATE INDEX nodes_lost ON nodes(lost_at) WHERE lost_at IS NOT NULL;
     CREATE INDEX nodes_by_parent ON nodes(parent) WHERE lost_at IS NOT NULL;
     CREATE INDEX nodes_by_resource ON nodes(resource_id) WHERE resource_id IS NOT NULL;
     CREATE INDEX folders ON nodes(id) WHERE kind = 1;
     CREATE INDEX nodes_shared ON nodes(id) WHERE shared = 1;
     CREATE TABLE listings(
       folder INTEGER PRIMARY KEY,
       revision INTEGER,
       entries INTEGER NOT NULL,
       checksum INTEGER NOT NULL
     );
     CREATE TABLE unsent(
       node INTEGER PRIMARY KEY,
       base TEXT,
       intent TEXT,
       since_ms INTEGER NOT NULL
     );`,
    'DROP TABLE unsent;',
    `CREATE INDEX nodes_large ON nodes(size) WHERE size >= ${largeFileBytes};`,
  ],
};
