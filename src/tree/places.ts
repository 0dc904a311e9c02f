import type { LocalNode } from './local-node.ts';
import { isShownAs } from './names.ts';

/** A name in a folder. */
export interface Place {
  readonly parentId: number;
  readonly name: string;
}

/** Tells places apart, in maps of them: no two have the same. */
export function placeKey(folderId: number, name: string): string {
  return `${folderId}/${name}`;
}

/** Whether it stands where the server has it. */
export function isInPlace({ base, parentId, name }: LocalNode): boolean {
  return base !== undefined && base.parentId === parentId && isShownAs(base.name, name);
}

/**
 * The name under which it is to stand on the server: that of what it replaces; one that cannot be shown as it is keeps its spelling in another
 * folder.
 */
export function diskNameOf({ base, replaces, name }: LocalNode): string {
  if (replaces) return replaces.base.name;
  return base && isShownAs(base.name, name) ? base.name : name;
}
