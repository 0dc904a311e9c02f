import { severalAtOnce } from '../async/several.ts';
import { SharedTasks } from '../async/shared-tasks.ts';
import { readRevision } from '../disk-api/disk.ts';
import { failedWith } from '../errors.ts';
import { deepest } from '../tree/folders-above.ts';
import type { Base, LocalNode } from '../tree/local-node.ts';
import { shownName } from '../tree/names.ts';
import { type Node, rootId } from '../tree/node.ts';
import { isInPlace } from '../tree/places.ts';
import { isSameBytes, isUntold, mayBeSameResource } from '../tree/sameness.ts';
import { traitsThere } from '../tree/shown-traits.ts';
import { epoch } from '../tree/times.ts';
import { isSameTraits } from '../tree/traits.ts';
import { stepAside } from './conflict-copy.ts';
import { hasDate, holdsOthers, undatedProperties, withShownMark } from './dates.ts';
import { needOf } from './differences.ts';
import { mayBeLag } from './lag.ts';
import { Postponed } from './postponed.ts';
import { Repeats } from './repeats.ts';
import { findRespelt } from './respelt.ts';
import { rules } from './rules.ts';
import { baseAt, isSameTime, type Shown, shownNode } from './sameness.ts';
import type { Sending } from './sending.ts';
import { drop, onGoneThere } from './vanished.ts';

const lagDelayMs = 1_500;
/** A file that programs have open with bytes of ours is looked at again after this long. */
const openDelayMs = 10_000;
/** Of one folder so many drafts are read at once: each is an open file. */
const adoptedAtOnce = 16;

const dateLost = 'The Disk does not keep the date';
const markLost = 'The Disk does not keep the mode or the attributes';

/** What one listing tells of a node. */
type Finding =
  | { readonly kind: 'as-here'; readonly node: LocalNode; readonly entry: Node }
  | { readonly kind: 'gone'; readonly node: LocalNode }
  | { readonly kind: 'later'; readonly delayMs: number };

/**
 * Lists the folders in which nothing differs any more, and forgets what is shown there as it is here. What a listing does not show yet stays, for as
 * long as that may be lag.
 */
export class Confirmations {
  readonly #sending: Sending;
  /** Whether nothing that changes the Disk is under way. */
  readonly #isQuiet: () => boolean;
  readonly #revisions = new SharedTasks<'revision', void>();
  readonly #parents = new SharedTasks<number, unknown>();
  readonly #repeats: Repeats;
  #revisionAtMs = Number.NEGATIVE_INFINITY;

  constructor(sending: Sending, isQuiet: () => boolean) {
    this.#sending = sending;
    this.#isQuiet = isQuiet;
    this.#repeats = new Repeats(sending);
  }

  /** The node is not there any more. */
  forget(id: number): void {
    this.#repeats.forget(id);
  }

  /** @param ids nodes whose base is in the folder, or which were deleted there */
  async confirm(folderId: number, ids: readonly number[], signal: AbortSignal): Promise<void> {
    const { local } = this.#sending;
    const wanted = ids.filter((id) => !this.#isOpen(id));
    if (wanted.length === 0) throw new Postponed(openDelayMs);
    await this.#readRevision(signal);
    await this.#makeKnown(folderId, signal);
    const entries = await this.#entries(folderId, signal);
    const respelt = entries && (await findRespelt(this.#sending, { folderId, ids: wanted, entries }, signal));
    let laterMs: number | undefined = wanted.length < ids.length ? openDelayMs : undefined;
    const forgotten: Extract<Finding, { node: LocalNode }>[] = [];
    for (const id of wanted) {
      const node = local.node(id);
      const finding = node && this.#find(folderId, node, entries, respelt);
      if (finding?.kind === 'later') laterMs = Math.min(laterMs ?? openDelayMs, finding.delayMs);
      else if (finding) forgotten.push(finding);
    }
    await this.#forget(forgotten);
    if (laterMs !== undefined) throw new Postponed(laterMs);
    this.#sending.hooks.noteConfirmed(folderId);
  }

  /** Undefined for a folder that is not there any more; the nearest one above it that is there tells so to all others. */
  async #entries(folderId: number, signal: AbortSignal): Promise<ReadonlyMap<string, Node> | undefined> {
    const { local, hooks } = this.#sending;
    const place = hooks.knownAt(folderId);
    let id = folderId;
    for (let depth = 0; ; depth++) {
      // Before it is listed it is known; then it may be so no more.
      const above = hooks.folder(id)?.parentId;
      try {
        const entries = await hooks.relist(id, signal);
        if (id === folderId) return entries;
        const now = hooks.knownAt(folderId);
        // It is elsewhere: there it is to be listed.
        if (now && (now.parentId !== place?.parentId || now.name !== place.name))
          throw new Postponed(lagDelayMs);
        return undefined;
      } catch (error) {
        if (!failedWith(error, 'not-found', 'not-a-folder', 'no-parent')) throw error;
        if (above === undefined || depth === deepest || local.node(id)) throw new Postponed(lagDelayMs);
        id = above;
      }
    }
  }

  #isOpen(id: number): boolean {
    return this.#sending.hooks.isOpen(id);
  }

  /** After the last of our effects: listings that come then are good for what it says. */
  async #readRevision(signal: AbortSignal): Promise<void> {
    const { effects, api, hooks } = this.#sending;
    if (!this.#isQuiet() || this.#revisionAtMs > effects.lastAtMs) return;
    await this.#revisions.run(
      'revision',
      async (shared) => {
        const atMs = performance.now();
        hooks.noteRevision(await readRevision(api, { signal: shared, priority: 'background' }));
        this.#revisionAtMs = atMs;
      },
      signal,
    );
  }

  /** A folder that we made is known only when the one above it was listed. */
  async #makeKnown(folderId: number, signal: AbortSignal): Promise<void> {
    const { hooks, local } = this.#sending;
    if (folderId === rootId || hooks.folder(folderId)) return;
    const above = local.node(folderId)?.base?.parentId;
    if (above === undefined) throw new Postponed(lagDelayMs);
    await this.#makeKnown(above, signal);
    if (hooks.folder(folderId)) return;
    await this.#parents.run(above, (shared) => hooks.relist(above, shared), signal);
    if (!hooks.folder(folderId)) throw new Postponed(lagDelayMs);
  }

  #find(
    folderId: number,
    node: LocalNode,
    entries: ReadonlyMap<string, Node> | undefined,
    respelt: ReadonlyMap<LocalNode, string> | undefined,
  ): Finding | undefined {
    if (node.state === 'deleted') return this.#findDeleted(node, folderId, entries !== undefined);
    const { base } = node;
    if (needOf(node) !== 'confirm' || base?.parentId !== folderId) return undefined;
    const entry = entries?.get(base.name);
    const spelling = respelt?.get(node);
    if (!entry && spelling !== undefined) {
      this.#respell(node, base, spelling);
      return { kind: 'later', delayMs: 0 };
    }
    // Of a folder that is gone itself no listing will show anything again.
    if (entries && !entry && this.#sending.hooks.showsPast(folderId, base.name))
      return { kind: 'later', delayMs: lagDelayMs };
    const shown = entry && shownNode(entry);
    const isSame =
      shown !== undefined &&
      shown.kind === node.kind &&
      (node.kind === 'folder'
        ? mayBeSameResource(base.resourceId, shown.resourceId)
        : isSameBytes(shown.content, base.content) || this.#isNeverTold(node.id, base, shown));
    if (!entry || !isSame) return this.#findOther(node, shown);
    if (this.#isLost(node, shown)) return this.#sendAgain(node, shown);
    // Who gave it its number has not taken ours over; of what others have put there in the very same form nobody will.
    const isOurs = mayBeSameResource(base.resourceId, shown.resourceId);
    if (entry.id !== node.id && isOurs) return { kind: 'later', delayMs: lagDelayMs };
    this.#repeats.forget(node.id);
    return { kind: 'as-here', node, entry };
  }

  /** Sent by us, and shown in its size by a server that tells no hashes: after a while there is nothing more to wait for. */
  #isNeverTold(id: number, { resourceId, content }: Base, shown: Shown): boolean {
    const isUnseen = resourceId === undefined;
    if (!isUnseen || !isUntold(shown.content, content)) return false;
    return !this.#sending.effects.isUntoldYet(id, shown.content, content);
  }

  #findDeleted(node: LocalNode, folderId: number, isFolderThere: boolean): Finding | undefined {
    if (node.base || node.intent) return undefined;
    const known = this.#sending.hooks.knownAt(node.id);
    // Of a folder that is gone itself what was known stays known; nothing in it is there.
    const stillIn = isFolderThere ? known?.parentId : undefined;
    const isFresh = this.#sending.effects.sinceOf(node.id) < this.#sending.options.timing.lagMs;
    // What it shows elsewhere others have moved there before it was deleted: listings that lag leave out what we have moved or deleted.
    const isWhereItStood = known?.parentId === node.parentId && shownName(known.name) === node.name;
    if (stillIn === folderId && isFresh && isWhereItStood) return { kind: 'later', delayMs: lagDelayMs };
    return stillIn === undefined || stillIn === folderId ? { kind: 'gone', node } : undefined;
  }

  /** The date, the traits, or what others had set. */
  #isLost(node: LocalNode, shown: Shown): boolean {
    const { base, modified, kind } = node;
    if (!base) return false;
    if (isMarkLost(node, shown)) return true;
    if (kind === 'file' && !holdsOthers(shown.properties, base.properties)) return true;
    return modified !== undefined && !isSameTime(shown.modified, modified);
  }

  /** They go again. */
  #sendAgain(node: LocalNode, shown: Shown): Finding | undefined {
    const { local } = this.#sending;
    const { base } = node;
    if (!base) return undefined;
    const trouble = this.#repeats.next(node, isMarkLost(node, shown) ? markLost : dateLost);
    const modified = node.modified ?? (hasDate(base.properties) ? base.modified : undefined);
    local.apply({
      put: [
        {
          ...node,
          modified: modified ?? { sec: Math.floor(node.changedAtMs / 1000), nsec: 0 },
          base: {
            ...base,
            resourceId: shown.resourceId,
            modified: epoch,
            properties: withShownMark(undatedProperties(base.properties), shown.properties),
          },
          trouble,
        },
      ],
    });
    return { kind: 'later', delayMs: lagDelayMs };
  }

  /** Other bytes, another thing, or nothing. */
  #findOther(node: LocalNode, shown: Shown | undefined): Finding | undefined {
    const { local, effects } = this.#sending;
    const { base, draft, id } = node;
    if (!base) return undefined;
    if (mayBeLag(this.#sending, node, base, shown)) return { kind: 'later', delayMs: lagDelayMs };
    switch (rules[draft && base.resourceId === undefined ? 'sent' : 'shown'][this.#foundOther(node, shown)]) {
      case 'give-way':
        drop(this.#sending, node);
        return undefined;
      case 'keep-ours':
        onGoneThere(this.#sending, node, shown !== undefined);
        return undefined;
      case 'aside':
        stepAside(this.#sending, id);
        return undefined;
    }
    // It never showed: perhaps it never came. It is sent once more, in the place of what was there before.
    const trouble = this.#repeats.next(node, 'The Disk took the file, and does not show it');
    effects.forget(id);
    local.apply({
      put: [
        {
          ...node,
          base: shown && baseAt(base, shown),
          draft: draft && { ...draft, sentVersion: undefined },
          trouble,
        },
      ],
    });
    return undefined;
  }

  #foundOther({ id, kind }: LocalNode, shown: Shown | undefined) {
    if (!shown) return 'nothing';
    if (this.#sending.effects.wasBefore(id, shown)) return 'as-before';
    return shown.kind === kind ? 'other' : 'other-kind';
  }

  /** The next listing gives it its number. */
  #respell(node: LocalNode, base: Base, spelling: string): void {
    const { local, hooks } = this.#sending;
    const isFree = !local.shownIn(node.parentId).has(shownName(spelling));
    hooks.onNotice({ kind: 'respelt', asked: base.name, shown: spelling });
    local.apply({
      put: [
        {
          ...node,
          base: { ...base, name: spelling },
          ...(isInPlace(node) && isFree && { name: shownName(spelling) }),
        },
      ],
    });
  }

  /** Their drafts go by themselves when nothing names them any more. */
  async #forget(findings: readonly Extract<Finding, { node: LocalNode }>[]): Promise<void> {
    const { local, hooks } = this.#sending;
    await severalAtOnce(findings, adoptedAtOnce, async (finding) => {
      if (finding.kind !== 'as-here' || !finding.node.draft) return;
      await hooks.adoptDraft(finding.node.draft, finding.entry).catch(() => {});
    });
    const nodes = findings
      .map(({ node }) => node)
      .filter((node) => local.node(node.id) === node && !hooks.isOpen(node.id));
    if (nodes.length === 0) return;
    await local.applySynced({ remove: nodes.map(({ id }) => id) });
  }
}

function isMarkLost({ traits }: LocalNode, shown: Shown): boolean {
  return traits !== undefined && !isSameTraits(traits, traitsThere(shown));
}
