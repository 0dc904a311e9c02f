import { rootId } from '../../src/tree/node.ts';

/** Something on the server, by the number that it has here too. */
export interface Entry {
  readonly id: number;
  readonly parentId: number;
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** Stands for the bytes. */
  readonly content: number;
  readonly modified: number;
}

/** A tree that goes by paths and answers as the Disk's API does; whatever it would refuse ends the test. */
export class SimulatedServer {
  readonly entries = new Map<number, Entry>();

  /** A folder, or the bytes of a file; `overwrites`: what must stand there, and is replaced. */
  put(
    path: string,
    {
      id,
      kind,
      content,
      overwrites,
    }: Pick<Entry, 'id' | 'kind' | 'content'> & { readonly overwrites: number | undefined },
  ): Entry {
    const place = this.#freed(path, overwrites);
    const modified = overwrites === id ? (this.entries.get(id)?.modified ?? 0) : 0;
    const made = { id, ...place, kind, content, modified };
    if (overwrites !== undefined) this.entries.delete(overwrites);
    this.entries.set(id, made);
    return made;
  }

  move(from: string, to: string, id: number, overwrites: number | undefined): Entry {
    const moved = this.#find(from);
    if (moved?.id !== id) throw new Error(`404: ${from} is not ${id}`);
    if (`${to}/`.startsWith(`${from}/`)) throw new Error(`409: ${from} cannot be moved to ${to}`);
    const place = this.#freed(to, overwrites);
    if (overwrites !== undefined) this.entries.delete(overwrites);
    const entry = { ...moved, ...place };
    this.entries.set(id, entry);
    return entry;
  }

  delete(path: string, id: number): void {
    if (this.#find(path)?.id !== id) throw new Error(`404: ${path} is not ${id}`);
    for (const each of this.idsWithin(path)) this.entries.delete(each);
  }

  setModified(path: string, modified: number): void {
    const entry = this.#find(path);
    if (!entry) throw new Error(`404: ${path}`);
    this.entries.set(entry.id, { ...entry, modified });
  }

  /** What stands there and all in it. */
  idsWithin(path: string): number[] {
    const top = this.#find(path);
    const found = top ? [top.id] : [];
    for (const id of found)
      for (const entry of this.entries.values()) if (entry.parentId === id) found.push(entry.id);
    return found;
  }

  #freed(path: string, overwrites: number | undefined): { parentId: number; name: string } {
    const slash = path.lastIndexOf('/');
    const parentPath = path.slice(0, slash);
    const parent = this.#find(parentPath);
    if (parentPath !== 'disk:' && parent?.kind !== 'folder') throw new Error(`409: no folder ${parentPath}`);
    const stands = this.#find(path);
    if (stands?.id !== overwrites)
      throw new Error(`409: ${path} is ${stands?.id} instead of ${overwrites ?? 'free'}`);
    if (stands?.kind === 'folder') throw new Error(`${path}: a folder is never overwritten`);
    return { parentId: parent?.id ?? rootId, name: path.slice(slash + 1) };
  }

  #find(path: string): Entry | undefined {
    let parentId = rootId;
    let found: Entry | undefined;
    for (const name of path.split('/').slice(1)) {
      found = [...this.entries.values()].find((entry) => entry.parentId === parentId && entry.name === name);
      if (!found) return undefined;
      parentId = found.id;
    }
    return found;
  }
}
