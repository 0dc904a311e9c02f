import type { Base, BaseContent } from './local-node.ts';
import { markIn } from './mark.ts';
import type { ShownNode } from './shown-node.ts';
import { noTraits, type Traits } from './traits.ts';

/** Those that the server shows, or is known to have. */
export function traitsThere({
  properties,
  content,
}: {
  readonly properties: string | undefined;
  readonly content: Pick<BaseContent, 'sizeBytes' | 'md5' | 'sha256'> | undefined;
}): Traits {
  return markIn(properties, content) ?? noTraits;
}

/** Those of a local node: its own, else those that its base has. */
export function traitsHere({
  traits,
  base,
}: {
  readonly traits: Traits | undefined;
  readonly base: Base | undefined;
}): Traits {
  return traits ?? (base ? traitsThere(base) : noTraits);
}

/** As programs are to see them. */
export function traitsOf({ local, remote }: Pick<ShownNode, 'local' | 'remote'>): Traits {
  if (local?.traits) return local.traits;
  return remote ? traitsThere(remote) : traitsHere({ traits: undefined, base: local?.base });
}
