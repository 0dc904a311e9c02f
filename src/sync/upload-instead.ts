import type { LocalNode, ServerPlace } from '../tree/local-node.ts';
import { traitsHere } from '../tree/shown-traits.ts';
import { Postponed } from './postponed.ts';
import type { Sending } from './sending.ts';
import { Superseded } from './settling.ts';

/** A file that programs have open is looked at again after this long. */
const openDelayMs = 10_000;

/**
 * The server does not move one file onto another, and the name must not be missing for a moment: the bytes are to go up onto what stands there, and
 * the file at the old place is deleted after that. What is not here of the bytes is fetched first.
 * @throws Failure 'stale', 'no-space', … when the bytes cannot be had; Postponed
 */
export async function uploadInstead(
  sending: Sending,
  node: LocalNode,
  replaced: NonNullable<LocalNode['replaces']>,
  place: ServerPlace,
  signal: AbortSignal,
): Promise<void> {
  const { local, hooks, effects } = sending;
  const { id, base } = node;
  // Whoever has it open without bytes of ours goes on with those of the server, where they are now.
  if (!node.draft && hooks.isOpen(id)) throw new Postponed(openDelayMs);
  const draft = node.draft ?? (await hooks.fetchDraft(node, signal));
  const outgoing = await hooks.openDraft(node, draft);
  try {
    await outgoing.complete(signal);
    await outgoing.sync();
  } finally {
    await outgoing.close();
  }
  const current = local.node(id);
  if (!current || current.state !== 'shown' || current.base !== base || current.replaces !== replaced)
    throw new Superseded();
  const latest = current.draft ?? draft;
  if (replaced.base.resourceId !== undefined) effects.noteSeen(id);
  local.apply({
    put: [
      {
        ...current,
        // Whatever stands there by then, it is told by its place and bytes.
        base: { ...replaced.base, ...place, resourceId: undefined },
        replaces: undefined,
        draft: { ...latest, sentVersion: undefined },
        modified: current.modified ?? base?.modified,
        traits: traitsHere(current),
        intent: undefined,
        trouble: undefined,
      },
      ...(base
        ? [
            {
              ...current,
              id: hooks.newId(),
              parentId: base.parentId,
              name: base.name,
              state: 'deleted' as const,
              hidden: undefined,
              base: { ...base, resourceId: undefined },
              replaces: undefined,
              draft: undefined,
              modified: undefined,
              traits: undefined,
              intent: undefined,
              trouble: undefined,
            },
          ]
        : []),
    ],
  });
}
