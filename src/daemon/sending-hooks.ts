import type { Contents } from '../content/contents.ts';
import type { Api } from '../disk-api/api.ts';
import { readDisk } from '../disk-api/disk.ts';
import { Failure } from '../errors.ts';
import type { OpenFiles } from '../fs/open-files.ts';
import { draftName } from '../fs/shared-file.ts';
import type { SendingHooks, SendingNotice } from '../sync/sending.ts';
import type { DraftState } from '../tree/draft-state.ts';
import type { Freshness } from '../tree/freshness.ts';
import type { LocalNode } from '../tree/local-node.ts';
import type { Node } from '../tree/node.ts';
import type { ShownTree } from '../tree/shown-tree.ts';
import type { Tree } from '../tree/tree.ts';
import type { DesktopNotices } from './desktop-notices.ts';
import { FrozenDraft } from './frozen-draft.ts';
import type { DraftsOverContents } from './local-side.ts';
import { type Log, loggable } from './log.ts';

interface Parts {
  readonly api: Api;
  readonly tree: Tree;
  readonly shown: ShownTree;
  readonly freshness: Freshness;
  readonly files: OpenFiles;
  readonly contents: Contents;
  readonly draftsOverContents: DraftsOverContents;
  /** Whose state this is; undefined where that was never told. */
  readonly uid: string;
  readonly log: Log;
  readonly desktop: DesktopNotices;
}

/** What the floors beneath give to whoever sends: the drive holds them all. */
export function sendingHooks(parts: Parts): SendingHooks {
  const { api, tree, freshness, files, contents, draftsOverContents, uid, log } = parts;
  const placeOf = (node: LocalNode | undefined, name: string) => ({
    path: node?.base ? parts.shown.serverPath(node.base) : name,
    resourceId: node?.base?.resourceId,
  });
  const open = (node: LocalNode | undefined, { name, version }: DraftState) =>
    draftsOverContents.openExisting(name, version, placeOf(node, name));
  return {
    folder: (id) => tree.folder(id),
    knownAt: (id) => tree.shownAt(id),
    lastShown: (id) => tree.node(id),
    relist: async (folderId, signal) => {
      const folder = tree.folder(folderId);
      if (!folder) throw new Failure('stale', 'The folder was never shown');
      await tree.relist(folder, 'background', signal);
      const entries = new Map<string, Node>();
      const current = tree.folder(folderId);
      for (const node of (current && tree.knownChildren(current))?.values() ?? [])
        entries.set(node.remote.name, node);
      return entries;
    },
    showsPast: (folderId, diskName) => tree.showsPast(folderId, diskName),
    noteConfirmed: (folderId) => tree.noteConfirmed(folderId),
    noteMade: (folderId) => tree.noteMade(folderId),
    filesOf: (sizeBytes, digest) => {
      try {
        return tree.filesOf(sizeBytes, digest);
      } catch (error) {
        // It is no more than a hint where something might be saved.
        if (!(error instanceof Failure)) throw error;
        return [];
      }
    },
    isShared: (folderId) => tree.isShared(folderId),
    foldersInUse: () => tree.inUse.since(Number.POSITIVE_INFINITY),
    noteRevision: (revision) => {
      freshness.noteRevision(revision);
    },
    goodBeneath: (id) => {
      // A revision that was never seen to move says nothing about what others have put there.
      if (freshness.trust !== 'proven') return undefined;
      const folder = tree.folder(id);
      return folder && tree.goodBeneath(folder);
    },
    letGo: (id) => {
      tree.letGo(id).catch((error: unknown) => log.warn(loggable(error), 'a number could not be given up'));
    },
    requireOwner: async (signal) => {
      const disk = await readDisk(api, { signal, priority: 'background' });
      if (disk.user?.uid !== undefined && disk.user.uid !== uid)
        throw new Failure('refused', 'This login is not that of whose Disk was mounted: nothing is sent', {
          hint: 'Log in as the one whose Disk it is, or mount again.',
        });
    },
    openDraft: async (node, draft) => {
      const opened = await open(node, draft);
      return files.isOpen(node.id) ? new FrozenDraft(opened) : opened;
    },
    fetchDraft: async (node, signal) => {
      const base = parts.shown.content({ ...node, local: node, remote: undefined });
      if (!base) throw new Failure('stale', 'Nothing is known of the bytes', { path: node.name });
      const name = draftName(node.id);
      const draft = await draftsOverContents.create({ name, path: base.path, base });
      try {
        await draft.complete(signal);
        return {
          name,
          sizeBytes: draft.sizeBytes,
          version: 1,
          sentVersion: undefined,
          finished: true,
        };
      } finally {
        await draft.close();
      }
    },
    newId: () => parts.shown.newId(),
    adoptDraft: async (draft, { remote }) => {
      if (!remote.content) return;
      const opened = await open(undefined, draft);
      try {
        await contents.adopt(remote.content, opened.stream(0));
      } finally {
        await opened.close();
      }
    },
    isOpen: (id) => files.isOpen(id),
    heldForMs: (id) => files.heldForMs(id),
    exportDraft: (node, { name, version }, file, signal) =>
      draftsOverContents.exportTo(name, { version, ...placeOf(node, name) }, file, signal),
    onNotice: (notice) => {
      logNotice(log, notice);
      tellDesktop(parts.desktop, notice);
    },
  };
}

function tellDesktop(desktop: DesktopNotices, notice: SendingNotice): void {
  if (notice.kind === 'conflict') desktop.tell({ ...notice.conflict, kind: 'conflict' });
  if (notice.kind !== 'failed' || !notice.needsAttention) return;
  const { path = '', error } = notice;
  desktop.tell({ kind: 'unsent', path, message: error instanceof Error ? error.message : String(error) });
}

function logNotice(log: Log, notice: SendingNotice): void {
  switch (notice.kind) {
    case 'conflict':
      log.warn({ ...notice.conflict }, 'others had changed it too: what was written here is saved beside it');
      break;
    case 'respelt':
      log.warn(
        { asked: notice.asked, shown: notice.shown },
        'the Disk has taken a name and spelt it otherwise',
      );
      break;
    case 'gave-way':
      log.warn(
        { path: notice.path, what: notice.what },
        'others had changed it: the change made here came to nothing',
      );
      break;
    case 'failed':
      log.warn({ path: notice.path, ...loggable(notice.error) }, 'it could not be sent');
      break;
  }
}
