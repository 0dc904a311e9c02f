import { randomBytes } from 'node:crypto';
import { SharedTasks } from '../async/shared-tasks.ts';
import { Failure, failedWith } from '../errors.ts';
import type { DraftBase, OpenBase } from './base-source.ts';
import { ByteRanges } from './byte-ranges.ts';
import { Draft } from './draft.ts';
import type { DraftDescription } from './draft-description.ts';
import { DraftFolder } from './draft-folder.ts';
import { LocalRoom } from './local-room.ts';
import { SparseFile } from './sparse-file.ts';
import { missingNow, WrittenDescription } from './written-description.ts';

interface DraftsOptions {
  /** Ours alone; made when it is missing. */
  readonly folder: string;
  /** Room on its disk that no draft may take. */
  readonly minFreeBytes: number;
  /** Of the machine's start: what was not synced before the last one does not count. */
  readonly bootId: string;
}

interface OpenedDraft {
  readonly draft: Draft;
  readonly written: WrittenDescription;
  users: number;
}

/** What lies here of a draft. */
interface FoundDraft {
  /** The path on the Disk that it belonged to. */
  readonly path: string;
  readonly base: DraftBase | undefined;
  readonly sizeBytes: number;
  /** Bytes [start, end) of the base that are not here, start and end in turn. */
  readonly missing: readonly number[];
  readonly isBaseGone: boolean;
  /** False: it was written since, or never synced; after a loss of power nothing is known of its bytes. */
  readonly wasSynced: boolean;
  /** It was written since the machine was started. */
  readonly isOfThisStart: boolean;
}

/**
 * The bytes that were written here and are not on the server yet: one sparse file each, and a description beside it from which it can be
 * rescued without any database.
 *
 * Who opens a draft that is open shares it. The folder belongs to one process (the lock is that of the state folder around it).
 */
export class Drafts {
  readonly #folder: DraftFolder;
  readonly #room: LocalRoom;
  readonly #bootId: string;
  readonly #open = new Map<string, OpenedDraft>();
  readonly #opening = new SharedTasks<string, OpenedDraft>();
  readonly #closing = new Map<string, Promise<void>>();

  private constructor(folder: DraftFolder, options: DraftsOptions) {
    this.#folder = folder;
    this.#room = new LocalRoom(folder.path, options.minFreeBytes);
    this.#bootId = options.bootId;
  }

  /** @throws Failure 'too-new' (nothing is touched), 'damaged-store', 'no-space', 'local' */
  static async open(options: DraftsOptions): Promise<Drafts> {
    return new Drafts(await DraftFolder.open(options.folder), options);
  }

  /**
   * A new draft: empty, or with the bytes of `base` until others are written.
   * @param name letters, digits, `-` and `_`; never used twice
   * @param path where it stands on the Disk
   * @throws Failure 'exists', 'no-space', 'local'
   */
  async create(options: {
    readonly name: string;
    readonly path: string;
    readonly base?: { readonly content: DraftBase; readonly open: OpenBase } | undefined;
  }): Promise<Draft> {
    const { name, path, base } = options;
    const sizeBytes = base?.content.sizeBytes ?? 0;
    this.#room.take(0);
    const description: DraftDescription = {
      path,
      base: base?.content,
      missing: ByteRanges.upTo(sizeBytes).edges,
      isBaseGone: false,
      bootId: this.#bootId,
      missingSynced: undefined,
    };
    await this.#folder.describeFirst(name, description);
    let file: SparseFile;
    try {
      file = await SparseFile.create(this.#folder.bytesPath(name), sizeBytes);
    } catch (error) {
      // Bytes that lay here before are not ours to remove.
      if (failedWith(error, 'exists')) await this.#folder.removeDescription(name).catch(() => {});
      else await this.#folder.remove(name).catch(() => {});
      throw error;
    }
    const opened = this.#opened(name, file, sizeBytes, description, 0, base?.open);
    this.#open.set(name, opened);
    return opened.draft;
  }

  /**
   * One that lies here.
   * @param version the least that its `version` begins with
   * @throws Failure 'not-found', 'damaged-store' when its description is damaged, 'local'
   */
  async openExisting(
    name: string,
    options: { readonly version: number; readonly openBase: OpenBase },
  ): Promise<Draft> {
    for (;;) {
      await this.#closing.get(name)?.catch(() => {});
      const opened =
        this.#open.get(name) ?? (await this.#opening.run(name, () => this.#openFile(name, options)));
      // Whoever waited for it too may have closed it by now.
      if (this.#open.get(name) !== opened) continue;
      opened.users++;
      return opened.draft;
    }
  }

  /** One that is open goes on until it is closed. @throws Failure 'local' */
  async remove(name: string): Promise<void> {
    await this.#closing.get(name)?.catch(() => {});
    await this.#open.get(name)?.written.stop();
    await this.#folder.remove(name);
  }

  /** Copies what lies here, holes and all, to a new file elsewhere. @throws Failure 'exists', 'not-found', 'no-space', 'local' */
  copyOut(name: string, file: string): Promise<void> {
    return this.#folder.copyOut(name, file);
  }

  /** One that nobody has open goes into another folder of drafts. @throws Failure 'no-space', 'local' */
  moveOut(name: string, folder: string): Promise<void> {
    return this.#folder.moveOut(name, folder);
  }

  /** All that lie here, damaged ones too. @throws Failure 'local' */
  names(): Promise<string[]> {
    return this.#folder.names();
  }

  /** Undefined when its description is damaged or missing, or there are no bytes. @throws Failure 'local' */
  async describe(name: string): Promise<FoundDraft | undefined> {
    const sizeBytes = await this.#folder.sizeBytes(name);
    const description = await this.#folder.description(name);
    if (sizeBytes === undefined || !description) return undefined;
    return {
      path: description.path,
      base: description.base,
      sizeBytes,
      missing: missingNow(description, sizeBytes, this.#bootId).edges,
      isBaseGone: description.isBaseGone,
      wasSynced: description.missingSynced !== undefined && (await this.#folder.isAsSynced(name)),
      isOfThisStart: description.bootId === this.#bootId,
    };
  }

  async #openFile(
    name: string,
    options: { readonly version: number; readonly openBase: OpenBase },
  ): Promise<OpenedDraft> {
    const path = this.#folder.bytesPath(name);
    if ((await this.#folder.sizeBytes(name)) === undefined)
      throw new Failure('not-found', `There is no draft ${path}`, { path });
    const description = await this.#folder.description(name);
    if (!description)
      throw new Failure('damaged-store', `What was written down about a draft is damaged: ${path}`, {
        path,
        hint: 'The bytes that were written here are in this file; those of the version it was made from may be missing.',
      });
    const file = await SparseFile.open(path);
    let sizeBytes: number;
    try {
      sizeBytes = await file.sizeBytes();
    } catch (error) {
      await file.close();
      throw error;
    }
    const opened = this.#opened(name, file, sizeBytes, description, options.version, options.openBase);
    opened.users = 0;
    this.#open.set(name, opened);
    return opened;
  }

  #opened(
    name: string,
    file: SparseFile,
    sizeBytes: number,
    description: DraftDescription,
    version: number,
    openBase: OpenBase | undefined,
  ): OpenedDraft {
    const { path, base, isBaseGone } = description;
    const written = new WrittenDescription(this.#folder, name, description, this.#bootId);
    const draft = new Draft({
      file,
      sizeBytes,
      missing: missingNow(description, sizeBytes, this.#bootId),
      written,
      room: this.#room,
      path,
      base: base && openBase ? { content: base, open: openBase } : undefined,
      isBaseGone,
      version,
      openKept: () => this.#folder.openNameless(`${name}-${randomBytes(6).toString('hex')}`),
      leave: (finish) => this.#leave(name, finish),
    });
    return { draft, written, users: 1 };
  }

  async #leave(name: string, finish: () => Promise<void>): Promise<void> {
    const opened = this.#open.get(name);
    if (!opened || --opened.users > 0) return;
    this.#open.delete(name);
    const finished = finish().finally(() => this.#closing.delete(name));
    this.#closing.set(name, finished);
    await finished;
  }
}
