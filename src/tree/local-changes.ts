import { steadyDateMs } from '../async/steady-date.ts';
import type { LocalChange } from './local-change.ts';
import { LocalEdit, type LocalPlaces } from './local-edit.ts';
import { type Base, blankNode, type LocalNode } from './local-node.ts';
import { shownName } from './names.ts';
import type { Node } from './node.ts';
import { isInPlace, type Place } from './places.ts';

import type { ShownNode } from './shown-node.ts';

/** What the server has of a node that does not differ yet. */
function baseOf(node: Pick<Node, 'parentId' | 'remote'>): Base {
  const { remote } = node;
  return {
    parentId: node.parentId,
    name: remote.name,
    resourceId: remote.resourceId,
    content: remote.content && {
      sizeBytes: remote.content.sizeBytes,
      md5: remote.content.md5,
      sha256: remote.content.sha256,
      versionTag: remote.content.versionTag,
    },
    modified: remote.modified,
    properties: remote.properties,
  };
}

/** The local node of something shown; a fresh one where nothing differs yet. */
export function localOf(shown: ShownNode, nowMs: number): LocalNode {
  if (shown.local) return { ...shown.local, changedAtMs: nowMs };
  if (!shown.remote) throw new Error('A node is neither here nor there');
  return {
    ...blankNode(shown.id, shown.kind, shown, nowMs),
    base: baseOf({ parentId: shown.parentId, remote: shown.remote }),
  };
}

/** What a finished step leaves on its node, beside the base. */
type Settled = Partial<Pick<LocalNode, 'draft' | 'modified' | 'traits' | 'trouble'>>;

/**
 * What operations on names, and steps that took effect, make of the local tree. Each returns the change as a whole; the caller has checked
 * that POSIX allows it.
 *
 * INVARIANT: a file that is to go where a file stands that is to be deleted takes it over (`replaces`), however it came to that, so that the
 * name is never missing; but not while something is done with the one that stands there.
 */
export class LocalChanges {
  readonly #tree: LocalPlaces;
  readonly #now: () => number;
  readonly #knownAt: (id: number) => Place | undefined;

  /**
   * @param now Unix milliseconds
   * @param knownAt where the last listing showed a node: the folder and the Disk's own name. What it shows elsewhere than the base says was
   * moved by us, and stays here until a listing shows that
   */
  constructor(
    tree: LocalPlaces,
    now: () => number = steadyDateMs,
    knownAt: (id: number) => Place | undefined = () => undefined,
  ) {
    this.#tree = tree;
    this.#now = now;
    this.#knownAt = knownAt;
  }

  /** A new file or folder at a place where nothing is shown. */
  create(id: number, kind: LocalNode['kind'], place: Place, details: Partial<LocalNode>): LocalChange {
    const edit = new LocalEdit(this.#tree);
    edit.put({ ...blankNode(id, kind, place, this.#now()), ...details });
    edit.takeOver(place);
    return edit.change();
  }

  /**
   * Takes a file or an empty folder away. `hiddenName`: it is open, and libfuse names it so until the last close.
   */
  remove(shown: ShownNode, hiddenName?: string): LocalChange {
    const edit = new LocalEdit(this.#tree);
    this.#remove(edit, shown, hiddenName);
    return edit.change();
  }

  /** What was hidden for a rename that failed then, or never came, stands where it stood, unless something else has come there. */
  bringBack(id: number): LocalChange {
    const edit = new LocalEdit(this.#tree);
    const node = edit.node(id);
    if (!node?.hidden || node.state !== 'deleted' || edit.shownAt(node.parentId, node.name)) return {};
    edit.put({ ...node, state: 'shown', hidden: undefined });
    edit.takeOver(node);
    return edit.change();
  }

  /** The same as `remove` for what stands at the target, and the move. The target is shown no more. */
  rename(source: ShownNode, to: Place, target: ShownNode | undefined): LocalChange {
    const edit = new LocalEdit(this.#tree);
    if (target) this.#remove(edit, target, undefined);
    // It may just have taken over where it stood until now.
    const node = localOf({ ...source, local: edit.node(source.id) ?? source.local }, this.#now());
    this.#uncover(edit, node);
    const moved = { ...node, ...to, replaces: undefined, trouble: unfinishedOnly(node) };
    edit.put(moved);
    const stood = target && edit.node(target.id)?.base;
    if (stood) edit.takeOver(stood);
    edit.takeOver(to);
    if (this.#isNothing(edit.node(node.id) ?? moved)) edit.remove(node.id);
    return edit.change();
  }

  /**
   * The server has it there now, or nowhere: a step took effect, or turned out to have none (then `base` is what it was). What stood there
   * was overwritten. The node may have been moved, deleted or changed again meanwhile. What listings show of the state before lags from now on.
   */
  settled(id: number, base: Base | undefined, details: Settled = {}): LocalChange {
    const edit = new LocalEdit(this.#tree);
    const node = edit.node(id);
    if (!node) return {};
    edit.put({ ...node, base: undefined });
    const overwritten = base && edit.basedAt(base.parentId, base.name);
    if (overwritten) edit.put({ ...overwritten, base: undefined });
    const owner = base && edit.shownAt(base.parentId, shownName(base.name));
    if (owner?.replaces) edit.put({ ...owner, replaces: undefined });
    const { replaces } = edit.node(id) ?? node;
    edit.put({ ...node, replaces, ...details, base, intent: undefined });
    if (base) edit.takeOver({ parentId: base.parentId, name: base.name });
    const before = [node.base, overwritten?.base, owner?.replaces?.base];
    return {
      ...edit.change(),
      past: before.flatMap((each) => (each && each !== base ? [each] : [])),
      present: base ? [base] : [],
    };
  }

  /**
   * The server has its bytes beside its place, under a name of ours, and they are to be moved there: what stands there until then is what
   * that move replaces. A node that stands elsewhere by now leaves a tombstone there.
   * @param idBefore for what stood there as its base, which is another node from now on
   */
  putBeside(id: number, base: Base, idBefore: number, details: Settled): LocalChange {
    const edit = new LocalEdit(this.#tree);
    const node = edit.node(id);
    if (!node) return {};
    const { base: before } = node;
    const besides = { ...node, ...details, base, intent: undefined };
    if (!before) edit.put(besides);
    else if (node.state === 'shown' && isInPlace(node))
      edit.put({ ...besides, replaces: { id: idBefore, base: before } });
    else {
      edit.put(besides);
      const place = { parentId: before.parentId, name: shownName(before.name) };
      edit.put({ ...blankNode(idBefore, 'file', place, this.#now()), state: 'deleted', base: before });
      edit.takeOver({ parentId: before.parentId, name: before.name });
    }
    return { ...edit.change(), present: [base] };
  }

  #remove(edit: LocalEdit, shown: ShownNode, hiddenName: string | undefined): void {
    const node = localOf(shown, this.#now());
    const hidden = hiddenName === undefined ? undefined : { name: hiddenName, tentative: true };
    this.#uncover(edit, node);
    if (node.base === undefined && node.intent === undefined && !hidden) {
      edit.remove(node.id);
      return;
    }
    edit.put({
      ...node,
      state: 'deleted',
      hidden,
      replaces: undefined,
      // Who has it open goes on with the bytes.
      draft: hidden || node.intent ? node.draft : undefined,
      modified: hidden ? node.modified : undefined,
      traits: hidden ? node.traits : undefined,
      trouble: undefined,
    });
    if (node.base) edit.takeOver(node.base);
  }

  /** What the node had taken over stands there again, to be deleted: nothing of ours will go up in its place. */
  #uncover(edit: LocalEdit, { replaces }: LocalNode): void {
    if (!replaces) return;
    const { id, base } = replaces;
    const place = { parentId: base.parentId, name: shownName(base.name) };
    // Somebody may have it open still.
    const open = edit.node(id) ?? blankNode(id, 'file', place, this.#now());
    edit.put({ ...open, state: 'deleted', base, changedAtMs: this.#now() });
  }

  /** It does not differ any more, and nothing of it was sent: nobody needs to see it confirmed. */
  #isNothing(node: LocalNode): boolean {
    const { base, draft, modified, traits, replaces, intent, state, hidden } = node;
    if (!isInPlace(node) || !base || state !== 'shown' || hidden) return false;
    // What has come there by us, and was not shown since, is to be confirmed first.
    if (draft || modified || traits || replaces || intent || base.resourceId === undefined) return false;
    const known = this.#knownAt(node.id);
    return known !== undefined && known.parentId === base.parentId && known.name === base.name;
  }
}

/** What the server refused may go well at another place; half a file stays one. */
function unfinishedOnly({ trouble }: LocalNode): LocalNode['trouble'] {
  return trouble?.code === 'unfinished' ? trouble : undefined;
}
