import { steadyDateMs } from '../async/steady-date.ts';
import { Failure, failedWith } from '../errors.ts';
import type { DraftState } from '../tree/draft-state.ts';
import type { LocalChange } from '../tree/local-change.ts';
import { LocalChanges } from '../tree/local-changes.ts';
import type { LocalNode } from '../tree/local-node.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import { isHiddenName, longestNameBytes } from '../tree/names.ts';
import { rootId } from '../tree/node.ts';
import { type Place, placeKey } from '../tree/places.ts';
import type { ShownNode } from '../tree/shown-node.ts';
import type { ShownTree } from '../tree/shown-tree.ts';
import { now } from '../tree/times.ts';
import { isSameTraits, noTraits, type Traits } from '../tree/traits.ts';
import type { ChangeTimes } from './change-times.ts';
import type { OpenFiles } from './open-files.ts';

interface ChangesParts {
  readonly shown: ShownTree;
  readonly local: LocalTree;
  /** Where the last listing has shown a node. */
  readonly knownAt: (id: number) => Place | undefined;
  readonly files: Pick<OpenFiles, 'isOpen' | 'noteRenamed' | 'whenClosed'>;
  /** Whether a desktop's own trash may be made at the top. */
  readonly desktopTrash: 'refuse' | 'allow';
  readonly times: ChangeTimes;
}

const desktopTrashName = /^\.Trash(-\d+)?$/;
/** Between hiding an open file and renaming another onto its name libfuse does nothing else. */
const tentativeMs = 100;

/**
 * Changes of names, as POSIX has them. Each is durable when it returns, and becomes true on the server later.
 *
 * INVARIANT: what is decided after the last wait is decided by what is shown at that moment, and applied before anybody else runs.
 */
export class Changes {
  readonly #parts: ChangesParts;
  readonly #changes: LocalChanges;
  /** By place: what libfuse has hidden there a moment ago. */
  readonly #justHidden = new Map<string, number>();

  constructor(parts: ChangesParts) {
    this.#parts = parts;
    this.#changes = new LocalChanges(parts.local, steadyDateMs, parts.knownAt);
    this.#settleHidden();
  }

  /** @throws Failure 'exists', 'not-a-folder', 'name-too-long', 'not-permitted', 'no-space' */
  async makeFolder(parent: ShownNode, name: string, traits: Traits, signal: AbortSignal): Promise<void> {
    await this.#checkFree(parent, name, signal);
    const place = { parentId: parent.id, name };
    // One with the usual permissions costs no more than a request, and may be there already.
    const details = isSameTraits(traits, noTraits) ? {} : { traits, modified: now() };
    const id = this.#parts.shown.newId();
    this.#apply(this.#changes.create(id, 'folder', place, details));
    // It was made with nothing in it: that is its date.
    this.#parts.times.noteEntries(id);
    this.#noteEntries(parent.id);
  }

  /**
   * A file, or a link; one that is not finished is not sent before its first close.
   * @param makeDraft the bytes come first: what is known to be there must be there
   * @throws Failure as `makeFolder`, or what `makeDraft` throws
   */
  async makeFile(
    parent: ShownNode,
    name: string,
    traits: Traits,
    makeDraft: (id: number, place: Place) => Promise<DraftState>,
    signal: AbortSignal,
  ): Promise<ShownNode> {
    await this.#checkFree(parent, name, signal);
    const place: Place = { parentId: parent.id, name };
    const id = this.#parts.shown.newId();
    const draft = await makeDraft(id, place);
    this.#apply(this.#changes.create(id, 'file', place, { modified: now(), traits, draft }));
    this.#noteEntries(parent.id);
    return { ...place, id, kind: 'file', local: this.#parts.local.node(id) };
  }

  /** @throws Failure 'is-a-folder', 'not-found' */
  async unlink(parent: ShownNode, name: string, signal: AbortSignal): Promise<void> {
    const node = await this.#parts.shown.child(parent, name, signal);
    if (node.kind === 'folder') throw new Failure('is-a-folder', `Is a folder: ${name}`);
    if (node.local?.hidden) {
      // Between its last close and this, somebody whom the kernel had told of it before may have opened it: libfuse will not say when that ends.
      this.#parts.files.whenClosed(node.id, () => this.#unhide(node.id));
      return;
    }
    this.#apply(this.#changes.remove(this.#now(node)));
    this.#noteEntries(parent.id);
  }

  /** @throws Failure 'not-a-folder', 'not-empty', 'not-found', or what listing it throws */
  async removeFolder(parent: ShownNode, name: string, signal: AbortSignal): Promise<void> {
    const node = await this.#parts.shown.child(parent, name, signal);
    await this.#checkEmpty(node, signal);
    this.#apply(this.#changes.remove(this.#now(node)));
    this.#noteEntries(parent.id);
  }

  /** rename(2): replaces a file, or an empty folder. @throws Failure 'is-a-folder', 'not-a-folder', 'not-empty', 'invalid' */
  async rename(
    from: { readonly parent: ShownNode; readonly name: string },
    to: { readonly parent: ShownNode; readonly name: string },
    signal: AbortSignal,
  ): Promise<void> {
    // Whatever stood there and is open libfuse has hidden just before.
    const hiddenId = this.#justHidden.get(placeKey(to.parent.id, to.name));
    try {
      await this.#rename(from, to, hiddenId !== undefined, signal);
    } catch (error) {
      if (hiddenId !== undefined) this.#apply(this.#changes.bringBack(hiddenId));
      throw error;
    }
  }

  async #rename(
    from: { readonly parent: ShownNode; readonly name: string },
    to: { readonly parent: ShownNode; readonly name: string },
    isTargetHidden: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const { shown, files } = this.#parts;
    const source = await shown.child(from.parent, from.name, signal);
    if (from.parent.id === to.parent.id && isHiddenName(to.name) && files.isOpen(source.id)) {
      this.#hide(source, to.name);
      this.#noteEntries(from.parent.id);
      return;
    }
    this.#checkName(to.parent, to.name);
    const there = await shown.child(to.parent, to.name, signal).catch(orNothing);
    // What others have put there since nobody here has seen: it is not what is to be replaced.
    const target = isTargetHidden && !there?.local ? undefined : there;
    if (target?.id === source.id) return;
    if (target && target.kind !== source.kind) {
      if (target.kind === 'folder') throw new Failure('is-a-folder', `Is a folder: ${to.name}`);
      throw new Failure('not-a-folder', `Not a folder: ${to.name}`);
    }
    if (target?.kind === 'folder') await this.#checkEmpty(target, signal);
    if (source.kind === 'folder' && this.#isAtOrBelow(to.parent, source.id))
      throw new Failure('invalid', `A folder cannot be moved into itself: ${from.name}`);
    const place: Place = { parentId: to.parent.id, name: to.name };
    this.#apply(this.#changes.rename(this.#now(source), place, target && this.#now(target)));
    files.noteRenamed(source.id, place);
    for (const id of new Set([from.parent.id, to.parent.id])) this.#noteEntries(id);
  }

  /** What was changed so far survives a loss of power. */
  sync(): Promise<void> {
    return this.#parts.local.sync();
  }

  /** After a crash: what was hidden for a rename that never came stands where it stood; all else that was hidden nobody has open any more. */
  #settleHidden(): void {
    const { local } = this.#parts;
    for (const node of [...local.all()]) {
      if (!node.hidden) continue;
      const isFree = !local.shownIn(node.parentId).has(node.name);
      if (node.hidden.tentative && isFree) this.#apply(this.#changes.bringBack(node.id));
      else this.#unhide(node.id);
    }
  }

  #hide(source: ShownNode, name: string): void {
    const key = placeKey(source.parentId, source.name);
    this.#apply(this.#changes.remove(this.#now(source), name));
    this.#parts.files.noteRenamed(source.id, { parentId: source.parentId, name });
    this.#justHidden.set(key, source.id);
    const settle = () => {
      if (this.#justHidden.get(key) === source.id) this.#justHidden.delete(key);
      const node = this.#parts.local.node(source.id);
      if (node?.hidden?.tentative)
        this.#parts.local.apply({ put: [{ ...node, hidden: { ...node.hidden, tentative: false } }] });
    };
    setTimeout(() => {
      try {
        settle();
      } catch {
        // Then a crash would bring it back, and nothing worse.
      }
    }, tentativeMs).unref();
  }

  /** Nobody has it open any more. */
  #unhide(id: number): void {
    const { local, knownAt } = this.#parts;
    const node = local.node(id);
    if (!node) return;
    // What was replaced on the server is shown by older listings still: it goes on hiding that.
    if (node.base || node.intent || knownAt(id))
      this.#apply({
        put: [
          {
            ...node,
            hidden: undefined,
            draft: node.intent && node.draft,
            modified: undefined,
            traits: undefined,
          },
        ],
      });
    else this.#apply({ remove: [id] });
  }

  /** Something came into the folder, or went. */
  #noteEntries(folderId: number): void {
    this.#parts.times.noteEntries(folderId);
    const folder = this.#parts.local.node(folderId);
    // A date that is to be sent anyway is that of the last change; for this alone none is sent.
    if (folder?.state !== 'shown' || !folder.modified || needsNoDate(folder)) return;
    this.#apply({ put: [{ ...folder, modified: now() }] });
  }

  #apply(change: LocalChange): void {
    this.#parts.local.apply(change);
  }

  #now(node: ShownNode): ShownNode {
    return stillShown(this.#parts.shown, node);
  }

  async #checkFree(parent: ShownNode, name: string, signal: AbortSignal): Promise<void> {
    this.#checkName(parent, name);
    const there = await this.#parts.shown.child(parent, name, signal).catch(orNothing);
    if (there) throw new Failure('exists', `There is something of that name: ${name}`);
  }

  #checkName(parent: ShownNode, name: string): void {
    if (parent.kind !== 'folder') throw new Failure('not-a-folder', `Not a folder: ${parent.name}`);
    if (parent.local?.state === 'deleted')
      throw new Failure('not-found', `Not here any more: ${parent.name}`);
    if (Buffer.byteLength(name) > longestNameBytes)
      throw new Failure('name-too-long', `No name is that long: ${name}`);
    if (this.#parts.desktopTrash === 'refuse' && this.#isDesktopTrash(parent, name))
      throw new Failure(
        'not-permitted',
        "A desktop's trash is not made on the Disk, which has one of its own",
        {
          hint: 'Delete instead: it goes to the trash of the Disk. With --desktop-trash allow it is a plain folder.',
        },
      );
  }

  /** The folder itself, or something in it, however deep. */
  #isDesktopTrash(parent: ShownNode, name: string): boolean {
    if (parent.id === rootId) return desktopTrashName.test(name);
    const [top] = this.#parts.shown.place(parent.id);
    return top !== undefined && desktopTrashName.test(top);
  }

  async #checkEmpty(node: ShownNode, signal: AbortSignal): Promise<void> {
    const children = await this.#parts.shown.list(node, signal);
    if (children.size > 0) throw new Failure('not-empty', `Not empty: ${node.name}`);
  }

  #isAtOrBelow(folder: ShownNode, id: number): boolean {
    return this.#parts.shown.chain(folder.id).includes(id);
  }
}

/** The node as it is by now. @throws Failure 'not-found' */
export function stillShown(shown: Pick<ShownTree, 'now'>, node: ShownNode): ShownNode {
  const current = shown.now(node);
  if (!current || current.local?.state === 'deleted')
    throw new Failure('not-found', `Not here any more: ${node.name}`);
  return current;
}

/** The server has the one that it is to have. */
function needsNoDate({ modified, base }: LocalNode): boolean {
  return modified?.sec === base?.modified.sec && modified?.nsec === base?.modified.nsec;
}

function orNothing(error: unknown): undefined {
  if (failedWith(error, 'not-found')) return undefined;
  throw error;
}
