import { failedWith } from '../errors.ts';
import { LocalChanges } from '../tree/local-changes.ts';
import type { Base, Intent, LocalNode } from '../tree/local-node.ts';
import type { Sending } from './sending.ts';

/** The node was changed here while a step was at it: what the step was to send is not what is wanted any more. */
export class Superseded extends Error {
  constructor() {
    super('Changed here meanwhile');
    this.name = 'Superseded';
  }
}

/**
 * A step took effect: the server has the node there now, or nowhere. What was changed here meanwhile stays, and what stood there on the server
 * is overwritten. The intent is done with.
 */
export function settle(
  { local, options, hooks }: Pick<Sending, 'local' | 'options' | 'hooks'>,
  id: number,
  base: Base | undefined,
  details: Partial<Pick<LocalNode, 'draft' | 'modified' | 'traits'>> = {},
): void {
  const changes = new LocalChanges(local, options.now, hooks.knownAt);
  local.apply(changes.settled(id, base, { ...details, trouble: undefined }));
}

/** Writes an intent down, and waits until it is safe. @throws Superseded when the node is gone */
export async function intend({ local }: Pick<Sending, 'local'>, id: number, intent: Intent): Promise<void> {
  const current = local.node(id);
  if (!current) throw new Superseded();
  await local.applySynced({ put: [{ ...current, intent }] });
}

/** The server has begun an operation: whoever is restarted asks about it. */
export function noteOperation({ local }: Pick<Sending, 'local'>, id: number, operationId: string): void {
  const current = local.node(id);
  if (!current?.intent || current.intent.kind === 'make-folder') return;
  local.apply({ put: [{ ...current, intent: { ...current.intent, operationId } }] });
}

/** A request has failed: its intent goes, unless what was asked for may have happened all the same. */
export function forgetUnlessInDoubt(sending: Pick<Sending, 'local'>, id: number, error: unknown): void {
  if (!failedWith(error, 'in-doubt', 'aborted', 'offline', 'server', 'nonsense', 'operation-failed'))
    forgetIntent(sending, id);
}

/** What was intended has not happened, and will not. */
export function forgetIntent({ local }: Pick<Sending, 'local'>, id: number): void {
  const current = local.node(id);
  if (current?.intent) local.apply({ put: [{ ...current, intent: undefined }] });
}
