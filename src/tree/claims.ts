import type { LocalTree } from './local-tree.ts';
import type { Elsewhere } from './merge.ts';
import type { FolderNode, Node, RemoteSide } from './node.ts';
import { isExplained } from './sameness.ts';

interface ClaimsParts {
  readonly local: Pick<
    LocalTree,
    'node' | 'basedAt' | 'intendedAt' | 'replacedAt' | 'isPast' | 'isFolderAbove'
  >;
  /** What is known by number. */
  readonly node: (id: number) => Node | undefined;
  /** Nodes with this resource, lost ones too. */
  readonly byResource: (resourceId: string) => readonly Node[];
  readonly isAtOrAbove: (id: number, folder: FolderNode) => boolean;
  readonly newId: () => number;
}

/** What a listing shows that is known already: under another name or in another folder, or since it was we who have put it there. */
export class Claims {
  readonly #parts: ClaimsParts;

  constructor(parts: ClaimsParts) {
    this.#parts = parts;
  }

  /** We have put it somewhere, and nothing but its place there is known of it; or what is known by its number is what the server had of it before. */
  isClaimed(id: number): boolean {
    const base = this.#parts.local.node(id)?.base;
    if (!base) return false;
    return base.resourceId === undefined || this.#parts.node(id)?.remote.resourceId !== base.resourceId;
  }

  /** The Disk has it no more, by us; not what something of ours is yet to go in place of. */
  #isGone(id: number, folderId: number, diskName: string): boolean {
    const { local } = this.#parts;
    const node = local.node(id);
    if (node?.state !== 'deleted' || node.base || node.intent) return false;
    return local.replacedAt(folderId, diskName)?.id !== id;
  }

  /** What a merge into this folder may take from others. */
  elsewhere(into: FolderNode): Elsewhere {
    const { local, byResource, isAtOrAbove, newId } = this.#parts;
    return {
      // What was above is beneath by now: until the folders above tell so, it would be a ring without an end.
      find: (resourceId) => byResource(resourceId).find(({ id }) => !isAtOrAbove(id, into)),
      claimed: (folderId, diskName, kind, shown) => {
        const ours = this.#oursAt(folderId, diskName, kind, shown);
        if (!ours) return undefined;
        const known = this.#parts.node(ours.id);
        if (known && ours.resourceId !== undefined) {
          // What is known by its resource is found by that, wherever it is.
          if (known.remote.resourceId === ours.resourceId) return undefined;
          // It was known as another one, and a look has shown this one since.
          if (shown.resourceId !== ours.resourceId) return undefined;
        }
        // A folder that is above this one by what was known is not beneath it.
        if (known && isAtOrAbove(ours.id, into)) return undefined;
        return { id: ours.id, known };
      },
      isClaimed: (id) => this.isClaimed(id),
      isGone: (id, folderId, diskName) => this.#isGone(id, folderId, diskName),
      isPast: (folderId, diskName, shown) => local.isPast(folderId, diskName, shown),
      isAboveUnsent: (id) => local.isFolderAbove(id),
      newId,
    };
  }

  /** What we have put there, or may have; what stands there that ours is to replace. */
  #oursAt(
    folderId: number,
    diskName: string,
    kind: Node['kind'],
    shown: Pick<RemoteSide, 'content'>,
  ): { readonly id: number; readonly resourceId: string | undefined } | undefined {
    const { local } = this.#parts;
    const intended = local.intendedAt(folderId, diskName);
    if (intended?.kind === kind && isExplained(intended, shown.content))
      return { id: intended.id, resourceId: undefined };
    const based = local.basedAt(folderId, diskName);
    if (based) return based.kind === kind ? { id: based.id, resourceId: based.base?.resourceId } : undefined;
    const replaced = kind === 'file' ? local.replacedAt(folderId, diskName) : undefined;
    return replaced && { id: replaced.id, resourceId: replaced.base.resourceId };
  }
}
