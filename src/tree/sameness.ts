import type { BaseContent, LocalNode } from './local-node.ts';

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

/**
 * Whether nothing that is shown speaks for the bytes of ours or against them: the size is theirs, and there is no hash. Recorded small files had
 * theirs at once; of others nobody knows.
 */
export function isUntold(shown: BaseContent | undefined, ours: BaseContent | undefined): boolean {
  if (!shown || !ours || shown.sizeBytes !== ours.sizeBytes) return false;
  const isHashed = ({ md5, sha256 }: BaseContent) => (md5 ?? sha256) !== undefined;
  return !isHashed(shown) && isHashed(ours);
}

/** Other resources they are only where both are told. */
export function mayBeSameResource(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}

/** Whether an intent of the node, which was of its kind, explains these bytes in its place. */
export function isExplained({ intent, base }: LocalNode, shown: BaseContent | undefined): boolean {
  switch (intent?.kind) {
    case 'make-folder':
      return true;
    case 'move':
      return base?.content === undefined || isSameBytes(shown, base.content);
    case 'upload':
    case 'copy': {
      const { sizeBytes, md5, sha256 } = intent;
      return isSameBytes(shown, { sizeBytes, md5, sha256, versionTag: '' });
    }
    default:
      return false;
  }
}
