import { steadyDateMs } from '../async/steady-date.ts';
import { Failure } from '../errors.ts';
import { localOf } from '../tree/local-changes.ts';
import type { LocalNode } from '../tree/local-node.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import { hasRoomFor, isAttributeName, markOf } from '../tree/mark.ts';
import { rootId } from '../tree/node.ts';
import type { ShownNode } from '../tree/shown-node.ts';
import { traitsOf } from '../tree/shown-traits.ts';
import type { ShownTree } from '../tree/shown-tree.ts';
import { now, storable, type Timestamp } from '../tree/times.ts';
import { isSameTraits, type Traits, withAttribute } from '../tree/traits.ts';
import { modifiedOf, type Ownership, ownPermissions } from './attributes.ts';
import type { ChangeTimes } from './change-times.ts';
import { stillShown } from './changes.ts';

interface AttributeChangesParts {
  readonly shown: ShownTree;
  readonly local: LocalTree;
  readonly times: ChangeTimes;
  readonly owner: Ownership;
}

/** What setxattr(2) may ask for. Both together cannot be. */
interface Wish {
  readonly isNew: boolean;
  readonly isThere: boolean;
}

const userNames = 'user.';

/** Changes of dates, permissions and extended attributes. Each is durable when it returns, and becomes true on the server later. */
export class AttributeChanges {
  readonly #parts: AttributeChangesParts;

  constructor(parts: AttributeChangesParts) {
    this.#parts = parts;
  }

  /** The date of a file or folder. */
  setModified(node: ShownNode, modified: Timestamp | 'now'): void {
    const { local, times } = this.#parts;
    // Unpacking into the mount itself sets it; nobody knows whether the Disk lets its own root be changed.
    if (node.id === rootId) return;
    const current = this.#now(node);
    local.apply({
      put: [
        { ...localOf(current, steadyDateMs()), modified: modified === 'now' ? now() : storable(modified) },
      ],
    });
    times.noteDated(node.id);
  }

  /** chmod(2). Those of the root are what they are, as its date. @throws Failure 'no-space', 'unsupported' for a link */
  setPermissions(node: ShownNode, mode: number): void {
    if (node.id === rootId) return;
    const permissions = ownPermissions(node.kind, mode, this.#parts.owner);
    this.#change(node, (traits) => {
      if (traits.isLink) throw new Failure('unsupported', `A link has no permissions: ${node.name}`);
      return { ...traits, permissions };
    });
  }

  /** atime, which is not kept: a change all the same, as far as st_ctime tells. */
  setAccessed(node: ShownNode): void {
    this.#parts.times.noteChange(node.id);
  }

  /** chown(2). Everything belongs to one, and may only be given to him. @throws Failure 'not-permitted' */
  setOwner(node: ShownNode, uid: number | undefined, gid: number | undefined): void {
    const { owner, times } = this.#parts;
    if ((uid ?? owner.uid) !== owner.uid || (gid ?? owner.gid) !== owner.gid)
      throw new Failure(
        'not-permitted',
        'The Disk knows no owners: everything belongs to whoever has mounted',
      );
    times.noteChange(node.id);
  }

  /**
   * setxattr(2) of a `user.…` name.
   * @throws Failure 'exists', 'no-attribute' as `wish` has it; 'no-space' when the Disk has no room for it, 'not-permitted', 'invalid'
   */
  setAttribute(node: ShownNode, name: string, value: Buffer, wish: Wish): void {
    const ours = this.#ownName(node, name);
    this.#change(node, (traits) => {
      const isThere = traits.attributes.some(([each]) => each === ours);
      if (isThere && wish.isNew) throw new Failure('exists', `There is an attribute ${name}`);
      if (!isThere && wish.isThere) throw noAttribute(node, name);
      return withAttribute(traits, ours, value);
    });
  }

  /** @throws Failure 'no-attribute', 'not-permitted' */
  removeAttribute(node: ShownNode, name: string): void {
    const ours = this.#ownName(node, name);
    this.#change(node, (traits) => {
      if (!traits.attributes.some(([each]) => each === ours)) throw noAttribute(node, name);
      return withAttribute(traits, ours, undefined);
    });
  }

  #ownName(node: ShownNode, name: string): string {
    const ours = name.slice(userNames.length);
    if (ours === '') throw new Failure('invalid', `No name of an attribute: ${name}`);
    if (!isAttributeName(ours)) throw new Failure('not-permitted', `Nothing to be set: ${name}`);
    if (node.id === rootId)
      throw new Failure('not-permitted', 'The root of the Disk can be given no attributes');
    return ours;
  }

  /** What is told of a node is told together with its date: telling it moves the Disk's own. */
  #change(node: ShownNode, change: (traits: Traits) => Traits): void {
    const { local, times } = this.#parts;
    const current = this.#now(node);
    const before = traitsOf(current);
    const traits = change(before);
    // A change all the same, as far as st_ctime tells.
    if (isSameTraits(traits, before)) {
      times.noteChange(node.id);
      return;
    }
    const changed = localOf(current, steadyDateMs());
    checkRoom(changed, before, traits);
    local.apply({ put: [{ ...changed, traits, modified: changed.modified ?? modifiedOf(current, times) }] });
  }

  /** Whoever has a file open may change it also when it is gone. @throws Failure 'not-found' */
  #now(node: ShownNode): ShownNode {
    const { shown } = this.#parts;
    return node.local?.hidden ? (shown.now(node) ?? node) : stillShown(shown, node);
  }
}

/** The value of an attribute that was set; name with `user.`. @throws Failure 'no-attribute' */
export function ownAttribute(node: ShownNode, name: string): Buffer {
  for (const [each, value] of traitsOf(node).attributes)
    if (`${userNames}${each}` === name) return Buffer.from(value, 'base64url');
  throw noAttribute(node, name);
}

/** Names of all that were set. */
export function ownAttributeNames(node: ShownNode): string[] {
  return traitsOf(node).attributes.map(([name]) => `${userNames}${name}`);
}

function noAttribute(node: ShownNode, name: string): Failure {
  return new Failure('no-attribute', `No attribute ${name} on ${node.name}`);
}

function checkRoom({ base, replaces, name }: LocalNode, before: Traits, after: Traits): void {
  const lengthOf = (traits: Traits) => markOf(traits, base?.content)?.length ?? 0;
  if (lengthOf(after) <= lengthOf(before)) return;
  if (!hasRoomFor(after, (base ?? replaces?.base)?.properties))
    throw new Failure('no-space', `The Disk has no room for so much beside the bytes of ${name}`);
}
