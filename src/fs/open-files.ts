import { constants } from 'node:fs';
import { LRUCache } from 'lru-cache';
import type { Contents } from '../content/contents.ts';
import type { Reader } from '../content/reader.ts';
import { Failure, failedWith } from '../errors.ts';
import type { DraftState } from '../tree/draft-state.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import type { FileNode } from '../tree/node.ts';
import { type Place, placeKey } from '../tree/places.ts';
import type { ShownNode } from '../tree/shown-node.ts';
import type { ShownTree } from '../tree/shown-tree.ts';
import type { Tree } from '../tree/tree.ts';
import { KernelPlaces } from './kernel-places.ts';
import type { ReadThrough } from './read-through.ts';
import {
  type DraftFile,
  type DraftFolder,
  draftName,
  SharedFile,
  type SnapshotTiming,
} from './shared-file.ts';

interface OpenHandle {
  readonly file: SharedFile;
  /** Whoever only reads says nothing by closing. */
  readonly mayWrite: boolean;
  /** Of the server's bytes. */
  reader: Reader | undefined;
  wasRead: boolean;
}

interface OpenFilesParts {
  readonly tree: Tree;
  readonly shown: ShownTree;
  readonly local: LocalTree;
  readonly contents: Contents;
  /** Undefined where nothing can be kept. */
  readonly drafts: DraftFolder | undefined;
  readonly readThrough: ReadThrough;
  /** @throws Failure 'no-space', 'too-large' */
  readonly checkGrowth: (sizeBytes: number, growthBytes: number) => void;
  readonly snapshots: SnapshotTiming;
}

/** Of the others the kernel's pages are dropped when they are opened again. */
const rememberedFiles = 20_000;

/**
 * Handles of open files. A file is ONE version of the server from the first open to the last close, with what is written here laid
 * over it; the node keeps it, in size and content, until the last handle is closed.
 */
export class OpenFiles {
  readonly #parts: OpenFilesParts;
  readonly #handles = new Map<number, OpenHandle>();
  /** By node. */
  readonly #files = new Map<number, SharedFile>();
  /** Drafts of files that are being made, by node. */
  readonly #made = new Map<number, DraftFile>();
  /** What was opened or closed last in each place: what the kernel may hold pages of there. */
  readonly #lastSeen = new LRUCache<string, string>({ max: rememberedFiles });
  readonly #kernelPlaces = new KernelPlaces();
  #lastHandle = 0;
  #isEnding = false;

  constructor(parts: OpenFilesParts) {
    this.#parts = parts;
  }

  /**
   * `unchanged`: the bytes are those that were there last time, and nothing went wrong with them since. `isTorn`: the kernel must not keep pages of it.
   * @throws Failure 'server' when the Disk has not told the size of the file, 'local' when the draft cannot be opened
   */
  async open(
    node: ShownNode,
    flags: number,
  ): Promise<{ readonly handle: number; readonly unchanged: boolean; readonly isTorn: boolean }> {
    if (node.kind === 'folder') throw new Failure('is-a-folder', `Is a folder: ${node.name}`);
    const file = this.#share(node);
    try {
      const isEmptied = (flags & constants.O_TRUNC) !== 0;
      await file.open(isEmptied);
      if (isEmptied) await file.truncate(0, true);
      const isTorn = this.isTorn(node);
      const unchanged = !isTorn && this.#lastSeen.get(placeOf(node)) === this.#versionOf(file);
      this.#noteSeen(file, node);
      const mayWrite = isEmptied || (flags & (constants.O_WRONLY | constants.O_RDWR)) !== 0;
      return { handle: this.#handle(file, mayWrite), unchanged, isTorn };
    } catch (error) {
      await this.#leave(file);
      throw error;
    }
  }

  /** The empty draft of a file that is about to be made. @throws Failure 'no-space', 'local', 'read-only' */
  async makeDraft(
    id: number,
    place: { readonly parentId: number; readonly name: string },
  ): Promise<DraftState> {
    const { drafts, shown } = this.#parts;
    if (!drafts) throw new Failure('read-only', 'Nothing can be kept on this machine');
    const name = draftName(id);
    this.#made.set(id, await drafts.create({ name, path: shown.serverPath(place), base: undefined }));
    return { name, sizeBytes: 0, version: 1, sentVersion: undefined, finished: false };
  }

  /** The first handle of a file that has just been made with its draft. */
  create(node: ShownNode): number {
    const draft = this.#made.get(node.id);
    const state = node.local?.draft;
    this.#made.delete(node.id);
    if (!draft || !state) throw new Failure('local', 'A new file has no draft');
    const file = this.#share(node);
    file.begin(draft, state.name);
    return this.#handle(file, true);
  }

  isHandle(handle: number): boolean {
    return this.#handles.has(handle);
  }

  /** The node of a handle, as it is now. @throws Failure 'bad-handle' */
  node(handle: number): ShownNode {
    const { node } = this.#open(handle).file;
    return this.#parts.shown.now(node) ?? node;
  }

  /** Whether somebody has it open. */
  isOpen(id: number): boolean {
    return this.#files.has(id);
  }

  /** Whether the kernel takes it for one with another file that is open. */
  isTorn(node: ShownNode): boolean {
    return this.#files.size > 0 && this.#kernelPlaces.isTorn(node.id, placeOf(node));
  }

  /** A program has renamed it. */
  noteRenamed(id: number, { parentId, name }: Place): void {
    this.#kernelPlaces.renamed(id, placeKey(parentId, name));
  }

  /** Runs a task when nobody has the file open: now, or after the last close. */
  whenClosed(id: number, task: () => void): void {
    const file = this.#files.get(id);
    if (file) file.afterClose.push(task);
    else task();
  }

  /** It was written to since the last flush, and not long ago: for so long it is not sent, unless that goes on. Else 0. */
  heldForMs(id: number): number {
    return this.#files.get(id)?.heldForMs ?? 0;
  }

  /** Fills `target` from `offset` on; returns how many bytes, fewer only at the end of the file. @throws Failure as Reader.read. */
  async read(handle: number, target: Uint8Array, offset: number): Promise<number> {
    const open = this.#open(handle);
    const { file } = open;
    if (file.draft) return file.draft.read(target, offset);
    try {
      const reading = this.#readerOf(open).read(target, offset);
      // Once its own requests are on their way.
      if (!open.wasRead && isKnown(file.node)) this.#parts.readThrough.noteRead(file.node);
      open.wasRead = true;
      return await reading;
    } catch (error) {
      // Another version is there: the next open is to find it, not the one that we remember.
      if (failedWith(error, 'stale', 'damaged')) {
        this.#lastSeen.delete(placeOf(file.node));
        this.#parts.tree.distrust(file.node.parentId);
      }
      throw error;
    }
  }

  /** All of `bytes`. @throws Failure as `SharedFile.write` */
  async write(handle: number, bytes: Uint8Array, offset: number): Promise<void> {
    await this.#open(handle).file.write(bytes, offset);
  }

  async truncate(handle: number, sizeBytes: number): Promise<void> {
    await this.#open(handle).file.truncate(sizeBytes, false);
  }

  /** truncate(2): without a handle. */
  async truncateNode(node: ShownNode, sizeBytes: number): Promise<void> {
    if (node.kind === 'folder') throw new Failure('is-a-folder', `Is a folder: ${node.name}`);
    const file = this.#share(node);
    try {
      await file.open(sizeBytes === 0);
      await file.truncate(sizeBytes, false);
      // Whoever else has it open may be in the middle of something; what was answered survives all the same.
      await (file.handles === 1 ? file.flush() : file.keep());
    } finally {
      await this.#leave(file);
    }
  }

  /** Whether it was opened for writing, too. */
  mayWrite(handle: number): boolean {
    return this.#open(handle).mayWrite;
  }

  /** One close(2). Of somebody who only reads, it does not end what another is in the middle of writing. */
  async flush(handle: number): Promise<void> {
    const { file, mayWrite } = this.#open(handle);
    if (mayWrite) await file.flush();
  }

  async fsync(handle: number): Promise<void> {
    await this.#open(handle).file.fsync();
  }

  /** After the last close(2). */
  async close(handle: number): Promise<void> {
    const { file, reader } = this.#open(handle);
    this.#handles.delete(handle);
    reader?.close();
    // What was written the kernel has as it is here; of all else `open` has noted what was there.
    if (this.#parts.local.node(file.node.id)?.draft)
      this.#noteSeen(file, this.#parts.shown.now(file.node) ?? file.node);
    await this.#leave(file);
  }

  /** Closes all handles: waits of readers end. What was not closed by those who wrote it is kept, and not sent. */
  async closeAll(): Promise<void> {
    this.#isEnding = true;
    this.#parts.readThrough.letGo();
    await Promise.allSettled([...this.#handles.keys()].map((handle) => this.close(handle)));
  }

  #share(node: ShownNode): SharedFile {
    let file = this.#files.get(node.id);
    if (!file) {
      const { shown, local, drafts, checkGrowth, snapshots } = this.#parts;
      if (!node.local?.draft && !shown.content(node))
        throw new Failure('server', `The Disk does not tell the size of ${node.name}`, { path: node.name });
      file = new SharedFile(node, {
        local,
        drafts,
        now: (each) => shown.now(each),
        content: (each) => shown.content(each),
        path: shown.serverPath(node.local?.base ?? node),
        checkGrowth,
        snapshots,
      });
      this.#files.set(node.id, file);
      this.#kernelPlaces.opened(node.id, placeOf(node));
      if (isKnown(node)) this.#parts.tree.hold(node);
    }
    file.handles++;
    return file;
  }

  async #leave(file: SharedFile): Promise<void> {
    if (--file.handles > 0) return;
    try {
      await (this.#isEnding ? file.keep() : file.flush());
    } finally {
      // Somebody may have opened it meanwhile, and closed it again.
      if (file.handles === 0 && this.#files.get(file.node.id) === file) {
        this.#files.delete(file.node.id);
        this.#kernelPlaces.closed(file.node.id);
        if (isKnown(file.node)) this.#parts.tree.release(file.node);
        try {
          await file.close();
        } finally {
          // By then somebody may have opened it once more.
          for (const task of file.afterClose) this.whenClosed(file.node.id, task);
        }
      }
    }
  }

  #handle(file: SharedFile, mayWrite: boolean): number {
    const handle = this.#freeHandle();
    this.#handles.set(handle, { file, mayWrite, reader: undefined, wasRead: false });
    return handle;
  }

  #readerOf(open: OpenHandle): Reader {
    if (open.reader) return open.reader;
    const content = this.#parts.shown.content(open.file.node);
    if (!content) throw new Failure('local', 'A file without bytes was read');
    open.reader = this.#parts.contents.openReader(content);
    return open.reader;
  }

  /** What the kernel may hold pages of where the file stands now; none where they may be those of another. */
  #noteSeen(file: SharedFile, node: ShownNode): void {
    if (this.isTorn(node)) this.#lastSeen.delete(placeOf(node));
    else this.#lastSeen.set(placeOf(node), this.#versionOf(file));
  }

  /** Tells the bytes of a file from those that it had before. */
  #versionOf({ node }: SharedFile): string {
    const draft = this.#parts.local.node(node.id)?.draft;
    if (draft) return `${node.id} ${draft.name} ${draft.version}`;
    const content = this.#parts.shown.content(node);
    return `${node.id} ${content?.versionTag} ${content?.sizeBytes} ${content?.sha256 ?? content?.md5}`;
  }

  #open(handle: number): OpenHandle {
    const open = this.#handles.get(handle);
    if (!open) throw new Failure('bad-handle', `Not an open file: handle ${handle}`);
    return open;
  }

  /** Handles are 1 … 2^31-1, as the binding carries them, and come back into use late. */
  #freeHandle(): number {
    do this.#lastHandle = (this.#lastHandle % 0x7fff_ffff) + 1;
    while (this.#handles.has(this.#lastHandle));
    return this.#lastHandle;
  }
}

/** Whether it is as the server has it. */
function isKnown(node: ShownNode): node is FileNode {
  return node.kind === 'file' && node.remote !== undefined && node.local === undefined;
}

function placeOf({ parentId, name }: ShownNode): string {
  return placeKey(parentId, name);
}
