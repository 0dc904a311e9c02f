import { SerialTasks } from '../async/serial-tasks.ts';
import { steadyDateMs } from '../async/steady-date.ts';
import { Failure, failedWith } from '../errors.ts';
import type { DraftState } from '../tree/draft-state.ts';
import { localOf } from '../tree/local-changes.ts';
import type { LocalNode } from '../tree/local-node.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import type { ServerContent, ShownNode } from '../tree/shown-node.ts';
import { traitsOf } from '../tree/shown-traits.ts';
import { now } from '../tree/times.ts';

/** What is needed of a draft. */
export interface DraftFile {
  readonly sizeBytes: number;
  read(target: Uint8Array, offset: number): Promise<number>;
  write(bytes: Uint8Array, offset: number): Promise<void>;
  truncate(sizeBytes: number): Promise<void>;
  /** What was written survives kill -9. */
  save(): Promise<void>;
  /** … and a loss of power. */
  sync(): Promise<void>;
  /** Fetches what the base has and the draft not yet. */
  complete(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

interface NewDraft {
  readonly name: string;
  /** Of the file, for whoever has to rescue it. */
  readonly path: string;
  readonly base: ServerContent | undefined;
}

/** Where drafts come from. */
export interface DraftFolder {
  create(draft: NewDraft): Promise<DraftFile>;
  /** @param base where the version that it was made from is, as far as it has one */
  openExisting(
    name: string,
    version: number,
    base: Pick<ServerContent, 'path' | 'resourceId'>,
  ): Promise<DraftFile>;
}

interface SharedFileParts {
  readonly local: LocalTree;
  readonly drafts: DraftFolder | undefined;
  /** The node as it is shown now. */
  readonly now: (node: ShownNode) => ShownNode | undefined;
  /** The bytes that the server has of a node. */
  readonly content: (node: ShownNode) => ServerContent | undefined;
  readonly path: string;
  /** Asked before the file grows. @throws Failure 'no-space', 'too-large' */
  readonly checkGrowth: (sizeBytes: number, growthBytes: number) => void;
  readonly snapshots: SnapshotTiming;
}

/** A file that is held open goes up as it is at one moment … */
export interface SnapshotTiming {
  /** … when it was quiet for so long … */
  readonly quietMs: number;
  /** … and when it never is, this long after it was sent last. */
  readonly longestUnsentMs: number;
}

let draftsMade = 0;

/**
 * A file that somebody has open: one for all its handles, so that all see one version with the same changes.
 *
 * Everything that changes it goes through one line; reads do not.
 */
export class SharedFile {
  /** As it was when the first handle was opened. */
  readonly node: ShownNode;
  readonly #parts: SharedFileParts;
  readonly #line = new SerialTasks();
  /** Made when something is to be waited for: to fire one costs more than to write a small file. */
  #closed: AbortController | undefined;
  #draft: DraftFile | undefined;
  #draftName: string | undefined;
  /** Were sent while the file stayed open; who reads them at this moment may go on. */
  readonly #former: DraftFile[] = [];
  #unsaved = false;
  /** The last write, and the first that was not sent yet; monotonic. */
  #writtenAtMs = 0;
  #unsentSinceMs = 0;
  #sentVersion: number | undefined;
  handles = 0;
  /** What waits for the last close. */
  readonly afterClose: (() => void)[] = [];

  constructor(node: ShownNode, parts: SharedFileParts) {
    this.node = node;
    this.#parts = parts;
  }

  /** Its bytes as far as they are ours; undefined: those of the server. */
  get draft(): DraftFile | undefined {
    return this.#draft;
  }

  /** Written to since the last flush: for so long it is neither quiet nor unsent for too long, if nobody goes on writing. Else 0. */
  get heldForMs(): number {
    if (!this.#unsaved) return 0;
    this.#noteSent();
    const { quietMs, longestUnsentMs } = this.#parts.snapshots;
    const untilMs = Math.min(this.#writtenAtMs + quietMs, this.#unsentSinceMs + longestUnsentMs);
    return Math.max(0, untilMs - performance.now());
  }

  /** Opens the draft where there is one. `emptied`: it is about to be cut to nothing, so that one that is damaged does not matter. */
  async open(emptied: boolean): Promise<void> {
    await this.#line.run(async () => {
      const local = this.#local();
      const state = local?.draft;
      if (this.#draft || !state) return;
      const base = { path: this.#parts.path, resourceId: local?.base?.resourceId };
      try {
        this.#draft = await this.#drafts.openExisting(state.name, state.version, base);
        this.#draftName = state.name;
      } catch (error) {
        // Then a new one is begun.
        if (!emptied || !failedWith(error, 'damaged-store', 'not-found')) throw error;
      }
    });
  }

  /** A new file: its draft is there already, and nobody has closed it yet. */
  begin(draft: DraftFile, name: string): void {
    this.#draft = draft;
    this.#draftName = name;
    this.#unsaved = true;
  }

  /** @throws Failure 'no-space', 'too-large', or what reading the base throws */
  write(bytes: Uint8Array, offset: number): Promise<void> {
    return this.#line.run(async () => {
      const draft = this.#draftAtHand() ?? (await this.#begin(true, true));
      const end = offset + bytes.length;
      this.#parts.checkGrowth(end, Math.max(0, end - draft.sizeBytes));
      this.#announce(false);
      await draft.write(bytes, offset);
      this.#note(draft);
    });
  }

  /** `unfinished`: by an open handle that is about to write it anew. */
  truncate(sizeBytes: number, unfinished: boolean): Promise<void> {
    return this.#line.run(async () => {
      const draft = this.#draftAtHand() ?? (await this.#begin(sizeBytes > 0, !unfinished));
      this.#parts.checkGrowth(sizeBytes, Math.max(0, sizeBytes - draft.sizeBytes));
      this.#announce(unfinished);
      await draft.truncate(sizeBytes);
      this.#note(draft);
    });
  }

  /** What was written survives kill -9, and may be sent. */
  flush(): Promise<void> {
    return this.#line.run(async () => {
      if (!this.#unsaved || !this.#draft) return;
      await this.#draft.save();
      this.#finish();
    });
  }

  /** What was written survives the end of this process. */
  keep(): Promise<void> {
    return this.#line.run(async () => {
      if (!this.#unsaved || !this.#draft) return;
      await this.#draft.save();
      this.#parts.local.apply({ put: [this.#node()] });
    });
  }

  /** What was written survives a loss of power, and may be sent. */
  fsync(): Promise<void> {
    return this.#line.run(async () => {
      await this.#draft?.sync();
      if (this.#unsaved) this.#finish();
      await this.#parts.local.sync();
    });
  }

  /** After the last handle, and a flush. */
  async close(): Promise<void> {
    this.#closed?.abort();
    const drafts = [...this.#former, ...(this.#draft ? [this.#draft] : [])];
    const closed = await Promise.allSettled(drafts.map((draft) => draft.close()));
    for (const outcome of closed) if (outcome.status === 'rejected') throw outcome.reason;
  }

  get #drafts(): DraftFolder {
    const { drafts } = this.#parts;
    if (!drafts) throw new Failure('read-only', 'Nothing can be kept on this machine');
    return drafts;
  }

  #local(): LocalNode | undefined {
    return this.#parts.local.node(this.node.id);
  }

  /** The draft that the tree names; one that it does not name any more was sent, and is not written to again. */
  #draftAtHand(): DraftFile | undefined {
    return this.#local()?.draft?.name === this.#draftName ? this.#draft : undefined;
  }

  /** The first change: from now on the bytes are ours. */
  async #begin(needsBase: boolean, finished: boolean): Promise<DraftFile> {
    const { local, path } = this.#parts;
    const content = needsBase ? this.#parts.content(this.#started()) : undefined;
    const base = content !== undefined && content.sizeBytes > 0 ? content : undefined;
    const name = draftName(this.node.id);
    const draft = await this.#drafts.create({ name, path, base });
    const node = this.#node();
    const state: DraftState = {
      name,
      sizeBytes: base?.sizeBytes ?? 0,
      version: (node.draft?.version ?? 0) + 1,
      sentVersion: undefined,
      finished,
    };
    // Those of the base are told with the hash of its bytes.
    const traits = node.traits ?? traitsOf(this.#started());
    local.apply({ put: [{ ...node, traits, draft: state }] });
    if (this.#draft) this.#former.push(this.#draft);
    this.#draft = draft;
    this.#draftName = name;
    // Nobody waits for it; whoever sends the file asks for the rest again.
    if (base) {
      this.#closed ??= new AbortController();
      draft.complete(this.#closed.signal).catch(() => {});
    }
    return draft;
  }

  #node(): LocalNode {
    return localOf(this.#started(), steadyDateMs());
  }

  /** What a change begins with: what is ours by now, else the version that was opened. */
  #started(): ShownNode {
    const local = this.#local();
    if (local) return { ...this.node, local };
    // What was ours when it was opened was sent since.
    return this.node.local ? (this.#parts.now(this.node) ?? this.node) : this.node;
  }

  /** Before the bytes change that were sent, or closed: after a crash it must be seen that they did, and that what is there is a half. */
  #announce(unfinished: boolean): void {
    const node = this.#node();
    if (!node.draft) return;
    this.#noteSent();
    const { version, sentVersion, finished } = node.draft;
    const isSent = version === sentVersion;
    const isHalved = unfinished && finished;
    if (isSent || this.#unsentSinceMs === 0) this.#unsentSinceMs = performance.now();
    if (this.#unsaved && !isSent && !isHalved) return;
    this.#unsaved = true;
    const draft = { ...node.draft, version: version + 1, finished: finished && !unfinished };
    this.#parts.local.apply({ put: [{ ...node, draft }] });
  }

  /** A snapshot of it was sent while it was being written to. */
  #noteSent(): void {
    const sentVersion = this.#local()?.draft?.sentVersion;
    if (sentVersion === this.#sentVersion) return;
    this.#sentVersion = sentVersion;
    this.#unsentSinceMs = performance.now();
  }

  #note(draft: DraftFile): void {
    const node = this.#node();
    if (!node.draft) throw new Failure('local', 'The draft is not known any more');
    const { version } = node.draft;
    this.#writtenAtMs = performance.now();
    const isLate = this.#writtenAtMs - this.#unsentSinceMs >= this.#parts.snapshots.longestUnsentMs;
    this.#parts.local.touch({
      ...node,
      // What is never quiet is due all the same.
      changedAtMs: isLate ? (this.#local()?.changedAtMs ?? node.changedAtMs) : node.changedAtMs,
      modified: now(),
      trouble: undefined,
      draft: { ...node.draft, sizeBytes: draft.sizeBytes, version: version + 1 },
    });
  }

  #finish(): void {
    this.#unsaved = false;
    const node = this.#node();
    if (node.draft) this.#parts.local.apply({ put: [{ ...node, draft: { ...node.draft, finished: true } }] });
  }
}

/** Never used twice: a draft that is gone may still lie there. */
export function draftName(nodeId: number): string {
  draftsMade++;
  return `${nodeId}-${Date.now().toString(36)}-${draftsMade.toString(36)}`;
}
