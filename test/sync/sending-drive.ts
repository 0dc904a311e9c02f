import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { Api } from '../../src/disk-api/api.ts';
import { listFolder } from '../../src/disk-api/folder-listing.ts';
import { childPath } from '../../src/disk-api/paths.ts';
import { Failure } from '../../src/errors.ts';
import { Queue } from '../../src/sync/queue.ts';
import { type SendingHooks, type SendingNotice, usualSendingTiming } from '../../src/sync/sending.ts';
import { ServerPaths } from '../../src/sync/server-paths.ts';
import type { DraftState } from '../../src/tree/draft-state.ts';
import { LocalChanges, localOf } from '../../src/tree/local-changes.ts';
import { LocalStore } from '../../src/tree/local-store.ts';
import { LocalTree } from '../../src/tree/local-tree.ts';
import { contentOf, kindOf, type Node, nodeOf, rootId } from '../../src/tree/node.ts';
import { isExplained } from '../../src/tree/sameness.ts';
import type { ShownNode } from '../../src/tree/shown-node.ts';
import { traitsOf, traitsThere } from '../../src/tree/shown-traits.ts';
import type { Timestamp } from '../../src/tree/times.ts';
import { noTraits, type Traits } from '../../src/tree/traits.ts';
import { closeLater } from '../close-later.ts';
import { standInClient } from '../disk-api/client.ts';
import type { StandIn, StandInOptions } from '../stand-in/index.ts';
import type { SettingsInput } from '../stand-in/settings.ts';

/** Waits that tests have the patience for. */
export const quickTiming = {
  dateDelayMs: 30,
  lagMs: 3_000,
  unseenMs: 3_000,
  confirmDelayMs: 20,
  lateUploadMs: 300,
};

interface KnownFolder {
  readonly revision: number | undefined;
  readonly entries: ReadonlyMap<string, Node>;
}

interface DriveOptions {
  readonly writeBackMs?: number;
  /** Nothing is copied, or goes under neutral names, unless told. */
  readonly copiedFromBytes?: number;
  readonly neutralFromBytes?: number;
  readonly timing?: Partial<typeof quickTiming>;
}

/**
 * A drive without a mount: the two trees, drafts in memory, and the queue. What it knows of the server is kept in plain maps.
 * `restart` is what a kill leaves: the store of unsent work, the drafts, and nothing else.
 */
export class SendingDrive {
  readonly api: Api;
  readonly disk: StandIn;
  readonly drafts = new Map<string, Buffer>();
  readonly notices: SendingNotice[] = [];
  readonly open = new Set<number>();
  readonly held = new Set<number>();
  readonly known = new Map<number, KnownFolder>();
  /** Asked before the first change; may be made to refuse. */
  requireOwner: () => Promise<void> = async () => {};
  local: LocalTree;
  queue: Queue;
  /** For the queue that is made next. */
  neutralFromBytes: number;
  relists = 0;
  revision: number | undefined;
  readonly #file: string;
  readonly #writeBackMs: number;
  readonly #copiedFromBytes: number;
  readonly #timing: typeof quickTiming;
  #nextId = 2;
  #drafts = 0;
  #stopping = new AbortController();
  #ended: Promise<void> = Promise.resolve();

  private constructor(api: Api, disk: StandIn, file: string, options: DriveOptions) {
    this.api = api;
    this.disk = disk;
    this.#file = file;
    this.#writeBackMs = options.writeBackMs ?? 0;
    this.#copiedFromBytes = options.copiedFromBytes ?? Number.POSITIVE_INFINITY;
    this.#timing = { ...quickTiming, ...options.timing };
    this.neutralFromBytes = options.neutralFromBytes ?? Number.POSITIVE_INFINITY;
    this.local = this.#openTree();
    this.queue = this.#newQueue();
  }

  static async start(
    settings: SettingsInput = {},
    options: StandInOptions & DriveOptions = {},
  ): Promise<SendingDrive> {
    const { api, disk } = await standInClient(settings, options);
    const folder = await mkdtemp(join(tmpdir(), 'yadiskfs-sending-'));
    closeLater(() => rm(folder, { recursive: true, force: true }));
    const drive = new SendingDrive(api, disk, join(folder, 'unsent.db'), options);
    closeLater(() => drive.stop());
    return drive;
  }

  run(): void {
    this.#stopping = new AbortController();
    this.#ended = this.queue.run(this.#stopping.signal).catch((error: unknown) => {
      this.notices.push({ kind: 'failed', path: undefined, error });
    });
  }

  /** Nothing is sent any more. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Failure('aborted', 'The drive ends'));
    await this.#ended;
    this.#ended = Promise.resolve();
  }

  /** What a later process finds. */
  async restart(): Promise<void> {
    await this.stop();
    this.local.close();
    this.local = this.#openTree();
    this.queue = this.#newQueue();
  }

  async close(): Promise<void> {
    await this.stop();
    this.local.close();
  }

  /** Sends everything; fails when something cannot be sent. */
  async flush(timeoutMs = 20_000): Promise<void> {
    await this.queue.flush([], AbortSignal.timeout(timeoutMs)).catch((error: unknown) => {
      throw new Error(`Not flushed: ${this.#inspect()}`, { cause: error });
    });
  }

  /** Until nothing differs here any more. */
  async settle(timeoutMs = 20_000): Promise<void> {
    const endMs = performance.now() + timeoutMs;
    while (this.local.size > 0) {
      if (performance.now() > endMs) throw new Error(`Not settled: ${this.#inspect()}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  #inspect(): string {
    return inspect([[...this.local.all()], this.notices.slice(-5)], { depth: 6 });
  }

  // What programs do. Paths begin at the root of the mount, without a slash.

  async mkdir(path: string): Promise<number> {
    const { parentId, name } = await this.#place(path);
    const id = this.#nextId++;
    this.local.apply(this.#changes.create(id, 'folder', { parentId, name }, {}));
    return id;
  }

  /** Creates or overwrites, and closes. */
  async write(path: string, text: string | Buffer, modified?: Timestamp): Promise<number> {
    const bytes = Buffer.from(text);
    const { parentId, name } = await this.#place(path);
    const shown = (await this.list(parentId)).get(name);
    if (shown?.kind === 'folder') throw new Error('Not allowed');
    const before = shown?.local?.draft;
    const draft: DraftState = {
      name: before?.name ?? `draft-${++this.#drafts}`,
      sizeBytes: bytes.length,
      version: (before?.version ?? 0) + 1,
      sentVersion: before?.sentVersion,
      finished: true,
    };
    this.drafts.set(draft.name, bytes);
    const nowMs = Date.now();
    const date = modified ?? { sec: Math.floor(nowMs / 1000), nsec: 123_456_789 };
    const details = { draft, modified: date, traits: shown ? traitsOf(shown) : noTraits };
    if (shown) {
      this.local.apply({ put: [{ ...localOf(shown, nowMs), ...details }] });
      return shown.id;
    }
    const id = this.#nextId++;
    this.local.apply(this.#changes.create(id, 'file', { parentId, name }, details));
    return id;
  }

  async touch(path: string, modified: Timestamp): Promise<void> {
    const shown = await this.shown(path);
    this.local.apply({ put: [{ ...localOf(shown, Date.now()), modified }] });
  }

  /** As the drive does it: with the date that is shown. */
  async setTraits(path: string, change: (traits: Traits) => Traits): Promise<void> {
    const shown = await this.shown(path);
    const local = localOf(shown, Date.now());
    const modified = local.modified ?? shown.remote?.modified;
    this.local.apply({ put: [{ ...local, traits: change(traitsOf(shown)), modified }] });
  }

  async rename(from: string, to: string): Promise<void> {
    const source = await this.shown(from);
    const place = await this.#place(to);
    const target = (await this.list(place.parentId)).get(place.name);
    this.local.apply(this.#changes.rename(source, place, target));
  }

  async remove(path: string): Promise<void> {
    this.local.apply(this.#changes.remove(await this.shown(path)));
  }

  async find(path: string): Promise<ShownNode | undefined> {
    const { parentId, name } = await this.#place(path);
    return (await this.list(parentId)).get(name);
  }

  /** Where POSIX allows it. */
  async renameAsAllowed(from: string, to: string): Promise<void> {
    const source = await this.shown(from);
    const target = await this.find(to);
    const isInside = to === from || to.startsWith(`${from}/`) || from.startsWith(`${to}/`);
    if (isInside || (target && target.kind !== source.kind)) throw new Error('Not allowed');
    if (target?.kind === 'folder' && (await this.list(target.id)).size > 0) throw new Error('Not allowed');
    await this.rename(from, to);
  }

  /** As `rm -r`: from the leaves up. */
  async removeAll(path: string): Promise<void> {
    const shown = await this.shown(path);
    if (shown.kind === 'folder')
      for (const name of (await this.list(shown.id)).keys()) await this.removeAll(`${path}/${name}`);
    await this.remove(path);
  }

  async shown(path: string): Promise<ShownNode> {
    const { parentId, name } = await this.#place(path);
    const shown = (await this.list(parentId)).get(name);
    if (!shown) throw new Error(`Not shown: ${path}`);
    return shown;
  }

  /** What programs see. */
  async list(folderId: number): Promise<ReadonlyMap<string, ShownNode>> {
    const isNew = this.local.node(folderId) && !this.folder(folderId);
    if (!this.known.has(folderId) && !isNew) await this.relist(folderId);
    const shown = new Map<string, ShownNode>();
    for (const node of this.known.get(folderId)?.entries.values() ?? [])
      if (!this.local.node(node.id)) shown.set(node.name, { ...node, local: undefined });
    for (const [name, node] of this.local.shownIn(folderId))
      shown.set(name, { ...node, remote: undefined, local: node });
    return shown;
  }

  /** Everything that programs see: paths, and of files the md5 of their bytes; with the mode, where they have one of their own. */
  async everything(folderId = rootId, above = ''): Promise<Map<string, string>> {
    const all = new Map<string, string>();
    for (const [name, node] of await this.list(folderId)) {
      const path = above === '' ? name : `${above}/${name}`;
      if (node.kind === 'folder') {
        all.set(path, `folder${modeIn(traitsOf(node))}`);
        for (const [inner, what] of await this.everything(node.id, path)) all.set(inner, what);
        continue;
      }
      const bytes = node.local?.draft && this.drafts.get(node.local.draft.name);
      const hash = bytes ? md5(bytes) : (node.remote?.content?.md5 ?? node.local?.base?.content?.md5);
      all.set(path, `${hash ?? '?'}${modeIn(traitsOf(node))}`);
    }
    return all;
  }

  /** The same of the server, as it really is. */
  async everythingThere(): Promise<Map<string, string>> {
    const { entries } = await this.disk.control.tree();
    return new Map(
      entries.map(({ path, type, md5: hash, sizeBytes = 0, properties }) => {
        const content = type === 'dir' ? undefined : { sizeBytes, md5: hash, sha256: undefined };
        const traits = traitsThere({ properties: JSON.stringify(properties ?? {}), content });
        return [path.slice('disk:/'.length), `${content ? (hash ?? '?') : 'folder'}${modeIn(traits)}`];
      }),
    );
  }

  folder(id: number): Node | undefined {
    for (const { entries } of this.known.values())
      for (const node of entries.values()) if (node.id === id && node.kind === 'folder') return node;
    return undefined;
  }

  async relist(folderId: number): Promise<ReadonlyMap<string, Node>> {
    if (folderId !== rootId && !this.folder(folderId)) throw new Failure('stale', 'Never shown');
    this.relists++;
    const { revision } = this;
    const path = new ServerPaths('disk:/', this.local, this.#hooks).folder(folderId);
    const { entries } = await listFolder(this.api, path);
    const before = this.known.get(folderId)?.entries;
    const byName = new Map<string, Node>();
    for (const reply of entries) {
      const content = contentOf(reply, path, 0);
      // As the tree does it: what was there before an effect of ours is left out, and what is known to be there since stays.
      if (this.local.isPast(folderId, reply.name, { resourceId: reply.resource_id, content })) {
        const since = before?.get(reply.name);
        if (since && since.remote.resourceId !== reply.resource_id) byName.set(reply.name, since);
        continue;
      }
      const intended = this.local.intendedAt(folderId, reply.name);
      const isIntended = intended && isExplained(intended, content);
      const based = isIntended ? intended : this.local.basedAt(folderId, reply.name);
      const old = before?.get(reply.name);
      const moved = this.#byResource(reply.resource_id);
      const isFree = (id: number | undefined) => id !== undefined && !this.local.node(id)?.base;
      const id =
        (based?.kind === kindOf(reply) ? based.id : undefined) ??
        (isFree(moved?.id) ? moved?.id : undefined) ??
        (old?.kind === kindOf(reply) && isFree(old.id) ? old.id : undefined) ??
        this.#nextId++;
      byName.set(reply.name, nodeOf(reply, { id, parentId: folderId }, childPath(path, reply.name), 0));
    }
    const taken = new Set([...byName.values()].map(({ id }) => id));
    for (const [id, other] of this.known) {
      const kept = [...other.entries].filter(([, node]) => !taken.has(node.id));
      this.known.set(id, { ...other, entries: new Map(kept) });
    }
    this.known.set(folderId, { revision, entries: byName });
    return byName;
  }

  #byResource(resourceId: string | undefined): Node | undefined {
    for (const { entries } of this.known.values())
      for (const node of entries.values())
        if (resourceId !== undefined && node.remote.resourceId === resourceId) return node;
    return undefined;
  }

  get #changes(): LocalChanges {
    return new LocalChanges(this.local, Date.now, (id) => this.#knownAt(id));
  }

  #knownAt(id: number): { readonly parentId: number; readonly name: string } | undefined {
    for (const [parentId, { entries }] of this.known)
      for (const node of entries.values()) if (node.id === id) return { parentId, name: node.remote.name };
    return undefined;
  }

  #lastShown(id: number): Node | undefined {
    for (const { entries } of this.known.values())
      for (const node of entries.values()) if (node.id === id) return node;
    return undefined;
  }

  #goodBeneath(folderId: number): readonly Node[] | undefined {
    const folder = this.known.get(folderId);
    if (!folder || folder.revision === undefined || folder.revision !== this.revision) return undefined;
    const entries = [...folder.entries.values()];
    const inner = entries.map((node) => (node.kind === 'folder' ? this.#goodBeneath(node.id) : []));
    if (inner.includes(undefined)) return undefined;
    return [...entries, ...inner.flatMap((nodes) => nodes ?? [])];
  }

  get #hooks(): SendingHooks {
    return {
      folder: (id) => this.folder(id),
      knownAt: (id) => this.#knownAt(id),
      lastShown: (id) => this.#lastShown(id),
      relist: (id) => this.relist(id),
      showsPast: () => false,
      filesOf: (sizeBytes, digest) =>
        [...this.known.values()].flatMap(({ entries }) =>
          [...entries.values()].filter(({ remote: { content } }) => {
            if (content?.sizeBytes !== sizeBytes) return false;
            return !digest || content.md5 === digest.md5;
          }),
        ),
      isShared: () => false,
      foldersInUse: () => [...this.known.keys()],
      noteConfirmed: () => {},
      noteMade: () => {},
      noteRevision: (revision) => {
        this.revision = revision;
      },
      goodBeneath: (id) => this.#goodBeneath(id),
      letGo: (id) => {
        for (const [folderId, folder] of this.known) {
          const kept = [...folder.entries].filter(([, node]) => node.id !== id);
          this.known.set(folderId, { ...folder, entries: new Map(kept) });
        }
      },
      requireOwner: () => this.requireOwner(),
      openDraft: async (_node, draft) => this.#outgoing(draft),
      fetchDraft: async ({ id, base }) => {
        const path = new ServerPaths('disk:/', this.local, this.#hooks).at(base ?? { parentId: 1, name: '' });
        const bytes = this.disk.model.read(path);
        const name = `fetched-${id}`;
        this.drafts.set(name, bytes);
        return { name, sizeBytes: bytes.length, version: 1, sentVersion: undefined, finished: true };
      },
      newId: () => this.#nextId++,
      adoptDraft: async () => {},
      isOpen: (id) => this.open.has(id),
      heldForMs: (id) => (this.held.has(id) ? 60_000 : 0),
      exportDraft: async (_node, { name }, file) => writeFile(file, this.drafts.get(name) ?? ''),
      onNotice: (notice) => this.notices.push(notice),
    };
  }

  #outgoing({ name }: DraftState) {
    const { drafts } = this;
    const bytes = drafts.get(name);
    if (!bytes) throw new Failure('not-found', `No such draft: ${name}`);
    return {
      sizeBytes: bytes.length,
      complete: async () => {},
      sync: async () => {},
      async *stream(start: number) {
        for (let at = start; at < bytes.length; at += 256 << 10) {
          if (drafts.get(name) !== bytes) throw new Failure('local', 'The file was changed meanwhile');
          yield bytes.subarray(at, at + (256 << 10));
        }
      },
      close: async () => {},
    };
  }

  #openTree(): LocalTree {
    const tree = new LocalTree({
      store: new LocalStore(this.#file),
      onDamage: (failure) => {
        throw failure;
      },
    });
    for (const { id } of tree.all()) this.#nextId = Math.max(this.#nextId, id + 1);
    const names = new Map([...tree.all()].map(({ id, draft }) => [id, draft?.name]));
    const note = (id: number, name: string | undefined) => {
      const before = names.get(id);
      // As the drive does: what nobody names any more is not needed.
      if (before !== undefined && before !== name) this.drafts.delete(before);
      names.set(id, name);
    };
    tree.onChange(({ put = [], remove = [] }) => {
      for (const id of remove) note(id, undefined);
      for (const { id, draft } of put) note(id, draft?.name);
    });
    return tree;
  }

  #newQueue(): Queue {
    return new Queue({
      api: this.api,
      root: 'disk:/',
      local: this.local,
      hooks: this.#hooks,
      options: {
        deletesPermanently: false,
        hostName: 'HOST',
        now: () => Date.now(),
        timing: { ...usualSendingTiming, ...this.#timing },
        writeBackMs: this.#writeBackMs,
        transfers: 4,
        copiedFromBytes: this.#copiedFromBytes,
        neutralFromBytes: this.neutralFromBytes,
      },
    });
  }

  async #place(path: string): Promise<{ readonly parentId: number; readonly name: string }> {
    const names = path.split('/');
    const name = names.pop() ?? '';
    let parentId = rootId;
    for (const each of names) {
      const folder = (await this.list(parentId)).get(each);
      if (folder?.kind !== 'folder') throw new Error(`Not a folder: ${each} of ${path}`);
      parentId = folder.id;
    }
    return { parentId, name };
  }
}

function modeIn({ permissions }: Traits): string {
  return permissions === undefined ? '' : ` ${permissions.toString(8)}`;
}

export function md5(bytes: Buffer | string): string {
  return createHash('md5').update(bytes).digest('hex');
}
