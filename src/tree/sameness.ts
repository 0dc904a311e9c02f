import type { BaseContent } from './local-node.ts';

/** Same bytes: same size and every hash that both tell; without any, the very same version. */
export function isSameBytes(one: BaseContent | undefined, other: BaseContent | undefined): boolean {
  if (!one || !other || one.sizeBytes !== other.sizeBytes) return false;
  const told = [
    [one.md5, other.md5],
    [one.sha256, other.sha256],
  ].filter(([a, b]) => a !== undefined && b !== undefined);
  if (told.length === 0) return one.versionTag === other.versionTag;
  return told.every(([a, b]) => a?.toLowerCase() === b?.toLowerCase());
}

/** Other resources they are only where both are told. */
export function mayBeSameResource(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}
