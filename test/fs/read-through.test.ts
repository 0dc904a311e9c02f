import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RemoteContent } from '../../src/disk-api/links.ts';
import { ReadThrough } from '../../src/fs/read-through.ts';
import { type Children, type FileNode, type FolderNode, type Node, nodeOf } from '../../src/tree/node.ts';

interface Fetched {
  readonly name: string;
  readonly endBytes: number;
  readonly finish: (isHere: boolean) => Promise<void>;
  cancelled: boolean;
}

/** A few folders with files, and what was fetched ahead of them. */
class Shelf {
  readonly folders = new Map<number, FolderNode>();
  readonly children = new Map<number, Map<string, Node>>();
  readonly fetched: Fetched[] = [];
  readonly here = new Set<string>();
  areLinked = true;
  readonly relisted: { readonly name: string; readonly answer: () => Promise<void> }[] = [];
  nextFolders: FolderNode[] = [];
  #lastId = 1;

  addFolder(name: string): FolderNode {
    const folder = node({ name, type: 'dir' }, ++this.#lastId, 1);
    if (folder.kind !== 'folder') throw new Error('no folder');
    this.folders.set(folder.id, folder);
    this.children.set(folder.id, new Map());
    return folder;
  }

  addFile(folder: FolderNode, name: string, sizeBytes: number): FileNode {
    const reply = { name, type: 'file', size: sizeBytes, resource_id: `r-${folder.id}-${name}`, revision: 1 };
    const file = node(reply, ++this.#lastId, folder.id);
    if (file.kind !== 'file') throw new Error('no file');
    this.children.get(folder.id)?.set(name, file);
    return file;
  }

  folder = (id: number) => this.folders.get(id);
  childrenAtHand = ({ id }: FolderNode): Children | undefined => this.children.get(id);
  following = () => this.nextFolders;
  relist = (folder: FolderNode) =>
    new Promise<void>((resolve) => {
      const answer = async () => {
        this.areLinked = true;
        resolve();
        await settle();
      };
      this.relisted.push({ name: folder.name, answer });
    });
  hasLink = () => this.areLinked;
  holds = ({ path }: RemoteContent) => this.here.has(path);
  fetchAhead = (content: RemoteContent, endBytes: number) => {
    let resolve: (isHere: boolean) => void = () => {};
    const done = new Promise<boolean>((onResolve) => {
      resolve = onResolve;
    });
    const fetched: Fetched = {
      name: content.path.replace('disk:/', ''),
      endBytes,
      finish: async (isHere) => {
        if (isHere) this.here.add(content.path);
        resolve(isHere);
        await settle();
      },
      cancelled: false,
    };
    this.fetched.push(fetched);
    const cancel = () => {
      fetched.cancelled = true;
      resolve(false);
    };
    return { done, cancel };
  };

  names(): string[] {
    return this.fetched.map(({ name }) => name);
  }
}

function node(
  reply: { readonly name: string; readonly [field: string]: unknown },
  id: number,
  parentId: number,
): Node {
  return nodeOf(reply as never, { id, parentId }, `disk:/${reply.name}`, 0);
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}

describe('fetching ahead of whoever reads a folder through', () => {
  let shelf: Shelf;
  let through: ReadThrough;
  let folder: FolderNode;
  const files = (count: number) =>
    Array.from({ length: count }, (_, index) => shelf.addFile(folder, `${100 + index}`, 4096));
  const read = (...all: (FileNode | undefined)[]) => {
    for (const file of all) if (file) through.noteRead(file);
  };

  beforeEach(() => {
    vi.useFakeTimers();
    shelf = new Shelf();
    folder = shelf.addFolder('folder');
    through = new ReadThrough(shelf, shelf, shelf, shelf);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('does nothing for one file, or two', () => {
    const [a, b] = files(20);
    read(a, a, b);
    expect(shelf.fetched).toEqual([]);
  });

  it('does nothing for files here and there', () => {
    const all = files(60);
    read(all[30], all[5], all[50], all[20], all[3]);
    expect(shelf.fetched).toEqual([]);
  });

  it('fetches what comes next, in a window that grows with what was read', async () => {
    const all = files(60);
    read(all[0], all[1], all[2]);
    expect(shelf.names()).toEqual(['103', '104', '105', '106']);
    for (const one of shelf.fetched) await one.finish(true);
    read(all[3]);
    expect(shelf.names().slice(4)).toEqual(['107', '108', '109', '110', '111']);
  });

  it('goes by the inode numbers where the reader does', () => {
    const names = ['d', 'a', 'c', 'b', 'f', 'e', 'h', 'g'];
    const byNumber = names.map((name) => shelf.addFile(folder, name, 10));
    const children = shelf.children.get(folder.id);
    shelf.children.set(
      folder.id,
      new Map([...(children ?? [])].sort(([one], [other]) => (one < other ? -1 : 1))),
    );
    read(...byNumber.slice(0, 4));
    expect(shelf.names().slice(0, 3)).toEqual(['b', 'f', 'e']);
  });

  it('fetches small files whole, of large ones the beginning, and never more at once than fits', () => {
    const all = files(4);
    shelf.addFile(folder, '200', 5_000_000);
    for (let index = 0; index < 40; index++) shelf.addFile(folder, `3${100 + index}`, 1 << 20);
    read(...all);
    const large = shelf.fetched.find(({ name }) => name === '200');
    expect(large?.endBytes).toBe(131_072);
    expect(shelf.fetched.reduce((sum, { endBytes }) => sum + endBytes, 0)).toBeLessThanOrEqual(16 << 20);
  });

  it('leaves out what is here', () => {
    const all = files(10);
    for (const file of all.slice(3, 6)) shelf.here.add(file.remote.path);
    read(all[0], all[1], all[2]);
    expect(shelf.names()).toEqual(['106', '107', '108', '109']);
  });

  it('goes on in the folders that come next, and takes a reader there for the same', () => {
    const [a, b, c] = files(3);
    const next = shelf.addFolder('next');
    const others = ['x', 'y', 'z'].map((name) => shelf.addFile(next, name, 10));
    shelf.nextFolders = [next];
    read(a, b, c);
    expect(shelf.names()).toEqual(['x', 'y', 'z']);
    read(others[0]);
    expect(shelf.fetched.some(({ cancelled }) => cancelled)).toBe(false);
  });

  it('asks for the links of a folder once, with one listing', async () => {
    const all = files(30);
    shelf.areLinked = false;
    read(all[0], all[1], all[2]);
    expect(shelf.fetched).toEqual([]);
    expect(shelf.relisted.map(({ name }) => name)).toEqual(['folder']);
    read(all[3]);
    expect(shelf.relisted.length).toBe(1);
    await shelf.relisted[0]?.answer();
    expect(shelf.names()[0]).toBe('104');
    expect(shelf.relisted.length).toBe(1);
  });

  it('cancels what is under way when the reader goes elsewhere, or reads no more', async () => {
    const all = files(60);
    read(all[0], all[1], all[2]);
    read(all[50]);
    expect(shelf.fetched.every(({ cancelled }) => cancelled)).toBe(true);
    read(all[51], all[52]);
    const begun = shelf.fetched.filter(({ cancelled }) => !cancelled);
    expect(begun.length).toBeGreaterThan(0);
    vi.advanceTimersByTime(10_000);
    expect(shelf.fetched.every(({ cancelled }) => cancelled)).toBe(true);
    await settle();
    const before = shelf.fetched.length;
    await settle();
    expect(shelf.fetched.length).toBe(before);
  });
});
