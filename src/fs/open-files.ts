import { LRUCache } from 'lru-cache';
import type { Contents } from '../content/contents.ts';
import type { Reader } from '../content/reader.ts';
import { Failure, failedWith } from '../errors.ts';
import type { FileNode } from '../tree/node.ts';
import type { Tree } from '../tree/tree.ts';
import type { ReadThrough } from './read-through.ts';

interface OpenFile {
  readonly node: FileNode;
  readonly reader: Reader;
  wasRead: boolean;
}

/** Of the others the kernel's pages are dropped when they are opened again. */
const rememberedFiles = 20_000;

/**
 * Handles of open files. A handle is ONE version from open to close: the one that the node had when the first handle on it was
 * opened; the node keeps it, in size and content, until the last one is closed.
 */
export class OpenFiles {
  readonly #tree: Tree;
  readonly #contents: Contents;
  readonly #readThrough: ReadThrough;
  readonly #files = new Map<number, OpenFile>();
  /** What was opened last in each place: what the kernel may hold pages of there. */
  readonly #lastOpened = new LRUCache<string, string>({ max: rememberedFiles });
  #lastHandle = 0;

  constructor(tree: Tree, contents: Contents, readThrough: ReadThrough) {
    this.#tree = tree;
    this.#contents = contents;
    this.#readThrough = readThrough;
  }

  /**
   * `unchanged`: the file is the one that was opened last time, and nothing went wrong with it since.
   * @throws Failure 'server' when the Disk has not told the size of the file.
   */
  open(node: FileNode): { readonly handle: number; readonly unchanged: boolean } {
    const { content, path } = node.remote;
    if (!content) throw new Failure('server', `The Disk does not tell the size of ${path}`, { path });
    const handle = this.#freeHandle();
    this.#files.set(handle, { node, reader: this.#contents.openReader(content), wasRead: false });
    this.#tree.hold(node);
    const opened = `${node.id} ${content.versionTag} ${content.sizeBytes} ${content.sha256 ?? content.md5}`;
    const unchanged = this.#lastOpened.get(placeOf(node)) === opened;
    this.#lastOpened.set(placeOf(node), opened);
    return { handle, unchanged };
  }

  node(handle: number): FileNode {
    return this.#file(handle).node;
  }

  /** Fills `target` from `offset` on; returns how many bytes, fewer only at the end of the file. @throws Failure as Reader.read. */
  async read(handle: number, target: Uint8Array, offset: number): Promise<number> {
    const file = this.#file(handle);
    const { node, reader } = file;
    try {
      const reading = reader.read(target, offset);
      // Once its own requests are on their way.
      if (!file.wasRead) this.#readThrough.noteRead(node);
      file.wasRead = true;
      return await reading;
    } catch (error) {
      // Another version is there: the next open is to find it, not the one that we remember.
      if (failedWith(error, 'stale', 'damaged')) {
        this.#lastOpened.delete(placeOf(node));
        this.#tree.distrust(node.parentId);
      }
      throw error;
    }
  }

  close(handle: number): void {
    const { node, reader } = this.#file(handle);
    this.#files.delete(handle);
    reader.close();
    this.#tree.release(node);
  }

  /** Closes all handles: waits of readers end. */
  closeAll(): void {
    for (const handle of [...this.#files.keys()]) this.close(handle);
    this.#readThrough.letGo();
  }

  #file(handle: number): OpenFile {
    const file = this.#files.get(handle);
    if (!file) throw new Failure('bad-handle', `Not an open file: handle ${handle}`);
    return file;
  }

  /** Handles are 1 … 2^31-1, as the binding carries them, and come back into use late. */
  #freeHandle(): number {
    do this.#lastHandle = (this.#lastHandle % 0x7fff_ffff) + 1;
    while (this.#files.has(this.#lastHandle));
    return this.#lastHandle;
  }
}

function placeOf({ parentId, name }: FileNode): string {
  return `${parentId}/${name}`;
}
