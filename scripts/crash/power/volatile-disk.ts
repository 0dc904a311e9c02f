import { constants } from 'node:os';
import type { Random } from '../../../test/stand-in/random.ts';
import { VolatileBytes } from './volatile-bytes.ts';

/*
 * A file system in memory that knows what of it a loss of power would leave.
 *
 * Bytes: each file has what programs see, and what was synced last. At a cut a file that was changed since then is, by chance, as it was
 * synced, or as programs saw it, or torn: each 4 KiB page that was changed is the old or the new one, and so is its length.
 *
 * Names: creating, renaming and removing are done to what programs see at once, and noted in one row. fsync of a file makes sure of all
 * names that it was given; of a folder, of all that was done in it; and of all that stands before these in the row, since a journalling
 * file system writes it in order. At a cut an end of the row is lost, by chance none or all of what was not made sure of.
 *
 * So it covers: bytes that were written and not synced; names that were and bytes that were not, as after rename without fsync; bytes that
 * were and names that were not. It does not cover: names of different folders that are lost out of order; pages smaller than 4 KiB; a disk
 * that lies about flushing its cache; modes and dates, which are simply kept.
 */

const { ENOENT, EEXIST, ENOTDIR, EISDIR, ENOTEMPTY, EINVAL } = constants.errno;

/** A failed call; the number is positive. */
export class DiskError extends Error {
  readonly errno: number;

  constructor(errno: number) {
    super(`errno ${errno}`);
    this.errno = errno;
  }
}

export interface FileInode {
  readonly kind: 'file';
  readonly ino: number;
  readonly bytes: VolatileBytes;
  mode: number;
  modifiedMs: number;
}

export interface FolderInode {
  readonly kind: 'folder';
  readonly ino: number;
  readonly entries: Map<string, Inode>;
  mode: number;
  modifiedMs: number;
}

export type Inode = FileInode | FolderInode;

/** One change of names: what was done in which folders, and how to do it again. */
interface NameChange {
  readonly inodes: ReadonlySet<number>;
  redo(folders: Map<number, FolderInode>): void;
}

export class VolatileDisk {
  root: FolderInode;
  /** Names as they are on the disk for sure. */
  #durable: FolderInode;
  /** What was done to names since then. */
  #row: NameChange[] = [];
  #nextIno = 2;

  constructor() {
    this.root = newFolder(1, 0o700);
    this.#durable = newFolder(1, 0o700);
  }

  /** @throws DiskError */
  at(path: string): Inode {
    let inode: Inode = this.root;
    for (const name of path.split('/')) {
      if (name === '') continue;
      if (inode.kind !== 'folder') throw new DiskError(ENOTDIR);
      const next = inode.entries.get(name);
      if (!next) throw new DiskError(ENOENT);
      inode = next;
    }
    return inode;
  }

  fileAt(path: string): FileInode {
    const inode = this.at(path);
    if (inode.kind !== 'file') throw new DiskError(EISDIR);
    return inode;
  }

  create(path: string, mode: number): FileInode {
    const file: FileInode = {
      kind: 'file',
      ino: this.#ino(),
      bytes: new VolatileBytes(),
      mode,
      modifiedMs: Date.now(),
    };
    this.#add(path, file);
    return file;
  }

  makeFolder(path: string, mode: number): void {
    this.#add(path, newFolder(this.#ino(), mode));
  }

  #add(path: string, inode: Inode): void {
    const { folder, name } = this.#placeOf(path);
    if (folder.entries.has(name)) throw new DiskError(EEXIST);
    folder.modifiedMs = Date.now();
    this.#do(
      [folder.ino, inode.ino],
      (folders) => {
        const known = inode.kind === 'folder' ? (folders.get(inode.ino) ?? inode) : inode;
        folders.get(folder.ino)?.entries.set(name, known);
      },
      inode,
    );
  }

  unlink(path: string): void {
    const { folder, name } = this.#placeOf(path);
    const inode = this.fileAt(path);
    folder.modifiedMs = Date.now();
    this.#do([folder.ino, inode.ino], (folders) => void folders.get(folder.ino)?.entries.delete(name));
  }

  removeFolder(path: string): void {
    const { folder, name } = this.#placeOf(path);
    const inode = this.at(path);
    if (inode.kind !== 'folder') throw new DiskError(ENOTDIR);
    if (inode.entries.size > 0) throw new DiskError(ENOTEMPTY);
    this.#do([folder.ino, inode.ino], (folders) => void folders.get(folder.ino)?.entries.delete(name));
  }

  /** In one go, whatever stands at the target. */
  rename(source: string, target: string): void {
    const from = this.#placeOf(source);
    const to = this.#placeOf(target);
    const inode = this.at(source);
    const taken = to.folder.entries.get(to.name);
    if (taken === inode) return;
    if (target.startsWith(`${source}/`)) throw new DiskError(EINVAL);
    if (taken?.kind === 'folder') {
      if (inode.kind !== 'folder') throw new DiskError(EISDIR);
      if (taken.entries.size > 0) throw new DiskError(ENOTEMPTY);
    } else if (taken && inode.kind === 'folder') throw new DiskError(ENOTDIR);
    this.#do([from.folder.ino, to.folder.ino, inode.ino], (folders) => {
      const moved = folders.get(from.folder.ino)?.entries.get(from.name);
      if (!moved) throw new Error(`nothing to rename at ${source}`);
      folders.get(from.folder.ino)?.entries.delete(from.name);
      folders.get(to.folder.ino)?.entries.set(to.name, moved);
    });
  }

  /** fsync: of a file its bytes and names, of a folder what was done in it. */
  sync(inode: Inode): void {
    if (inode.kind === 'file') inode.bytes.sync();
    const last = this.#row.findLastIndex(({ inodes }) => inodes.has(inode.ino));
    this.#make(this.#durable, this.#row.splice(0, last + 1));
  }

  /** Power is lost: of what was not synced, chance leaves some. Whoever has a file open has nothing any more. */
  cut(random: Pick<Random, 'below' | 'fraction'>): void {
    this.#make(this.#durable, this.#row.splice(0, random.below(this.#row.length + 1)));
    this.#row = [];
    for (const inode of filesIn(this.#durable)) inode.bytes.cut(random);
    this.root = copied(this.#durable);
  }

  #do(inodes: readonly number[], redo: NameChange['redo'], made?: Inode): void {
    const seen = foldersIn(this.root);
    if (made?.kind === 'folder') seen.set(made.ino, made);
    redo(seen);
    this.#row.push({
      inodes: new Set(inodes),
      redo: (folders) => {
        // What programs see and what is sure are two trees: a folder has an entry map in each.
        if (made?.kind === 'folder') folders.set(made.ino, newFolder(made.ino, made.mode));
        redo(folders);
      },
    });
  }

  #make(tree: FolderInode, changes: readonly NameChange[]): void {
    const folders = foldersIn(tree);
    for (const change of changes) change.redo(folders);
  }

  #placeOf(path: string): { folder: FolderInode; name: string } {
    const slash = path.lastIndexOf('/');
    const folder = this.at(path.slice(0, Math.max(0, slash)));
    if (folder.kind !== 'folder') throw new DiskError(ENOTDIR);
    return { folder, name: path.slice(slash + 1) };
  }

  #ino(): number {
    this.#nextIno += 1;
    return this.#nextIno;
  }
}

function newFolder(ino: number, mode: number): FolderInode {
  return { kind: 'folder', ino, entries: new Map(), mode, modifiedMs: Date.now() };
}

function foldersIn(root: FolderInode): Map<number, FolderInode> {
  const folders = new Map([[root.ino, root]]);
  const visit = (folder: FolderInode) => {
    for (const inode of folder.entries.values()) {
      if (inode.kind !== 'folder') continue;
      folders.set(inode.ino, inode);
      visit(inode);
    }
  };
  visit(root);
  return folders;
}

function filesIn(root: FolderInode): Set<FileInode> {
  return new Set(
    [...foldersIn(root).values()].flatMap(({ entries }) =>
      [...entries.values()].filter((inode) => inode.kind === 'file'),
    ),
  );
}

function copied(folder: FolderInode): FolderInode {
  const entries = new Map<string, Inode>();
  for (const [name, inode] of folder.entries)
    entries.set(name, inode.kind === 'folder' ? copied(inode) : inode);
  return { ...folder, entries };
}
