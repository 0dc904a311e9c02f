import { constants, cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { steadyDateMs } from '../../src/async/steady-date.ts';
import { BlockCache } from '../../src/content/block-cache.ts';
import { Contents } from '../../src/content/contents.ts';
import { DesktopNotices } from '../../src/daemon/desktop-notices.ts';
import { DraftTidying } from '../../src/daemon/draft-tidying.ts';
import { DraftsOverContents, openLocalSide } from '../../src/daemon/local-side.ts';
import { sendingHooks } from '../../src/daemon/sending-hooks.ts';
import { Api } from '../../src/disk-api/api.ts';
import { Downloads } from '../../src/disk-api/downloads.ts';
import { Failure, failedWith } from '../../src/errors.ts';
import { AttributeChanges } from '../../src/fs/attribute-changes.ts';
import { ChangeTimes } from '../../src/fs/change-times.ts';
import { Changes } from '../../src/fs/changes.ts';
import { OpenFiles } from '../../src/fs/open-files.ts';
import { ReadThrough } from '../../src/fs/read-through.ts';
import { Poller } from '../../src/sync/poller.ts';
import { Queue } from '../../src/sync/queue.ts';
import { type SendingNotice, usualCopiedFromBytes, usualSendingTiming } from '../../src/sync/sending.ts';
import { Freshness } from '../../src/tree/freshness.ts';
import { KnownTree } from '../../src/tree/known-tree.ts';
import type { LocalTree } from '../../src/tree/local-tree.ts';
import type { ShownNode } from '../../src/tree/shown-node.ts';
import { ShownTree } from '../../src/tree/shown-tree.ts';
import type { Timestamp } from '../../src/tree/times.ts';
import { noTraits } from '../../src/tree/traits.ts';
import { Tree } from '../../src/tree/tree.ts';
import { WalkAhead } from '../../src/tree/walk-ahead.ts';
import { en } from '../../src/words/en.ts';

const root = 'disk:/';
const pollIntervalMs = 15_000;
const usualWriteBackMs = 1_000;

export interface MachineOptions {
  readonly name: string;
  readonly apiUrl: string;
  readonly token: string;
  /** Where it keeps what is unsent; one folder for each life, so that a crash leaves the one before as it was. */
  readonly folder: string;
  readonly onNotice: (notice: SendingNotice) => void;
  readonly writeBackMs?: number;
}

/** What a life is made of. */
interface Parts {
  readonly stop: AbortController;
  readonly folder: string;
  readonly api: Api;
  readonly downloads: Downloads;
  readonly local: LocalTree;
  readonly known: KnownTree;
  readonly shown: ShownTree;
  readonly files: OpenFiles;
  readonly changes: Changes;
  readonly attributes: AttributeChanges;
  readonly queue: Queue;
  readonly tidying: DraftTidying;
  readonly tasks: readonly Promise<void>[];
}

/** One machine with a mount, from the file system down: all but FUSE, and the cache on the local disk. */
export class Machine {
  readonly options: MachineOptions;
  #parts: Parts;
  #lives = 1;
  #handles: number[] = [];

  private constructor(options: MachineOptions, parts: Parts) {
    this.options = options;
    this.#parts = parts;
  }

  static async start(options: MachineOptions): Promise<Machine> {
    return new Machine(options, await begin(options, join(options.folder, '1')));
  }

  get local(): LocalTree {
    return this.#parts.local;
  }

  get queue(): Queue {
    return this.#parts.queue;
  }

  get #signal(): AbortSignal {
    return this.#parts.stop.signal;
  }

  /** Ends in good order, and begins again. */
  async restart(): Promise<void> {
    await end(this.#parts);
    this.#handles = [];
    this.#parts = await begin(this.options, this.#parts.folder);
  }

  /** What the local disk has in this moment is all that is left. */
  async crash(): Promise<void> {
    const before = this.#parts;
    const folder = join(this.options.folder, String(++this.#lives));
    cpSync(before.folder, folder, { recursive: true });
    before.api.close();
    await end(before);
    this.#handles = [];
    this.#parts = await begin(this.options, folder);
  }

  async close(): Promise<void> {
    await end(this.#parts);
  }

  // What programs do. Paths without a slash at the beginning.

  async find(path: string): Promise<ShownNode> {
    const { shown } = this.#parts;
    let node = shown.root;
    for (const name of path === '' ? [] : path.split('/')) node = await shown.child(node, name, this.#signal);
    return node;
  }

  /** All that is shown: paths, folders before what is in them. */
  async everything(): Promise<Map<string, ShownNode>> {
    const { shown } = this.#parts;
    const all = new Map<string, ShownNode>();
    const walk = async (folder: ShownNode, above: string): Promise<void> => {
      for (const [name, node] of await shown.list(folder, this.#signal)) {
        all.set(`${above}${name}`, node);
        if (node.kind === 'folder') await walk(node, `${above}${name}/`);
      }
    };
    await walk(shown.root, '');
    return all;
  }

  /** Where the Disk has the folder of something that differs here, or will have it. */
  folderOnDisk(id: number): string | undefined {
    const node = this.#parts.local.node(id);
    return node && this.#parts.shown.folderPath(node.parentId);
  }

  async makeFolder(path: string): Promise<void> {
    const { parent, name } = await this.#place(path);
    await this.#parts.changes.makeFolder(parent, name, noTraits, this.#signal);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#parts.changes.rename(await this.#place(from), await this.#place(to), this.#signal);
  }

  async unlink(path: string): Promise<void> {
    const { parent, name } = await this.#place(path);
    await this.#parts.changes.unlink(parent, name, this.#signal);
  }

  async removeFolder(path: string): Promise<void> {
    const { parent, name } = await this.#place(path);
    await this.#parts.changes.removeFolder(parent, name, this.#signal);
  }

  async touch(path: string, modified: Timestamp): Promise<void> {
    this.#parts.attributes.setModified(await this.find(path), modified);
  }

  /** Opens for writing, and makes the file where there is none. */
  async open(path: string): Promise<number> {
    const { shown, changes, files } = this.#parts;
    const { parent, name } = await this.#place(path);
    const there = await shown.child(parent, name, this.#signal).catch((error: unknown) => {
      if (failedWith(error, 'not-found')) return undefined;
      throw error;
    });
    const handle = there
      ? (await files.open(there, constants.O_RDWR)).handle
      : files.create(
          await changes.makeFile(
            parent,
            name,
            noTraits,
            (id, place) => files.makeDraft(id, place),
            this.#signal,
          ),
        );
    this.#handles.push(handle);
    return handle;
  }

  node(handle: number): ShownNode {
    return this.#parts.files.node(handle);
  }

  async read(handle: number): Promise<string> {
    const chunk = Buffer.alloc(1 << 20);
    const count = await this.#parts.files.read(handle, chunk, 0);
    return chunk.toString('utf8', 0, count);
  }

  async write(handle: number, text: string, offset: number): Promise<void> {
    const { files } = this.#parts;
    if (offset === 0) await files.truncate(handle, 0);
    await files.write(handle, Buffer.from(text), offset);
  }

  async sync(handle: number): Promise<void> {
    await this.#parts.files.fsync(handle);
  }

  async closeFile(handle: number): Promise<void> {
    const { files } = this.#parts;
    this.#handles = this.#handles.filter((each) => each !== handle);
    try {
      await files.flush(handle);
    } finally {
      await files.close(handle);
    }
  }

  isOpen(handle: number): boolean {
    return this.#handles.includes(handle);
  }

  async #place(path: string): Promise<{ readonly parent: ShownNode; readonly name: string }> {
    const slash = path.lastIndexOf('/');
    return { parent: await this.find(path.slice(0, Math.max(0, slash))), name: path.slice(slash + 1) };
  }
}

async function begin(options: MachineOptions, folder: string): Promise<Parts> {
  const { name, token, onNotice } = options;
  const stop = new AbortController();
  const { signal } = stop;
  const log = pino({ level: 'error' }, { write: (line: string) => console.error(name, line.trim()) });
  const quiet = pino({ level: 'silent' });
  const api = new Api({
    url: new URL(options.apiUrl),
    tokens: { accessToken: async () => token },
    ratePerSecond: 0,
  });
  const downloads = new Downloads(api, (resourceId) => known.whereIs(resourceId));
  mkdirSync(folder, { recursive: true });
  const { local, drafts } = await openLocalSide(folder, quiet);
  if (!drafts) throw new Error('Nothing can be kept here');
  // The local disk is whole, and has room.
  const fail = (error: Failure) =>
    onNotice({ kind: 'failed', path: undefined, error: new Error(error.message, { cause: error }) });
  const known: KnownTree = new KnownTree({
    storeFile: join(folder, 'tree.db'),
    root,
    local,
    onDamage: fail,
    onUnwritten: fail,
  });
  const freshness = new Freshness({ intervalMs: pollIntervalMs });
  const tree = new Tree(api, known, freshness, {
    root,
    pathOf: (each) => shown.knownPath(each),
    onLink: (content) => downloads.rememberLink(content),
    onChanged: () => {},
  });
  local.standBeside({ folder: (id) => tree.folder(id), sync: () => known.sync() });
  const shown: ShownTree = new ShownTree(tree, local);
  const contents = new Contents(new BlockCache({ limitBytes: 8 << 20 }), downloads, {
    readAheadBytes: 1 << 20,
  });
  const tidying = new DraftTidying(local, drafts, log);
  await tidying.removeLeftovers();
  const draftsOverContents = new DraftsOverContents(drafts, contents);
  const files = new OpenFiles({
    ...{ tree, shown, local, contents },
    drafts: draftsOverContents,
    readThrough: new ReadThrough(tree, new WalkAhead(tree), contents, downloads),
    checkGrowth: () => {},
    snapshots: { quietMs: 5_000, longestUnsentMs: 60_000 },
  });
  const times = new ChangeTimes(local);
  const owner = { uid: 0, gid: 0, umask: 0o22, mask: 0 };
  const attributes = new AttributeChanges({ shown, local, times, owner });
  const changes = new Changes({
    ...{ shown, local, files, times },
    knownAt: (id) => tree.shownAt(id),
    desktopTrash: 'refuse',
  });
  const desktop = new DesktopNotices({}, { ...en.notices, translated: (text) => text });
  const hooks = sendingHooks({
    ...{ api, tree, shown, freshness, files, contents, draftsOverContents, desktop },
    uid: '100000001',
    log: quiet,
  });
  const queue = new Queue({
    ...{ api, root, local },
    hooks: {
      ...hooks,
      onNotice: (notice) => {
        onNotice(notice);
        hooks.onNotice(notice);
      },
    },
    options: {
      deletesPermanently: false,
      hostName: name,
      now: steadyDateMs,
      timing: usualSendingTiming,
      writeBackMs: options.writeBackMs ?? usualWriteBackMs,
      transfers: 4,
      copiedFromBytes: usualCopiedFromBytes,
      neutralFromBytes: Number.POSITIVE_INFINITY,
    },
  });
  const poller = new Poller(api, tree, freshness, {
    intervalMs: pollIntervalMs,
    inUseMs: 20_000,
    onNotice: () => {},
  });
  await tree.open(signal);
  const isOver = (error: unknown) => {
    if (!signal.aborted) onNotice({ kind: 'failed', path: undefined, error });
  };
  const tasks = [queue.run(signal).catch(isOver), poller.run(signal).catch(isOver)];
  return {
    ...{
      stop,
      folder,
      api,
      downloads,
      local,
      known,
      shown,
      files,
      changes,
      attributes,
      queue,
      tidying,
      tasks,
    },
  };
}

async function end(parts: Parts): Promise<void> {
  parts.stop.abort(new Failure('aborted', 'The machine is switched off'));
  await parts.files.closeAll();
  await Promise.all(parts.tasks);
  await parts.tidying.close();
  parts.downloads.close();
  parts.api.close();
  parts.known.close();
  parts.local.close();
}
