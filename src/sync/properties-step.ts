import { setProperties } from '../disk-api/resources.ts';
import { failedWith } from '../errors.ts';
import { isSameBytes } from '../tree/sameness.ts';
import { propertiesOf, storable } from './dates.ts';
import { Postponed } from './postponed.ts';
import { shownReply } from './sameness.ts';
import type { Sending } from './sending.ts';
import { settle } from './settling.ts';
import { onGoneThere } from './vanished.ts';

const againDelayMs = 1_000;

/**
 * Sends the date of a file or folder, and with it the properties of others that a replacement may have lost. Whether they stay is seen when the
 * folder is listed.
 */
export async function propertiesStep(sending: Sending, id: number, signal: AbortSignal): Promise<void> {
  const { local, paths, api, effects } = sending;
  const node = local.node(id);
  const { base, modified } = node ?? {};
  if (!node || !base || !modified || node.state !== 'shown') return;
  const date = storable(modified);
  const path = paths.at(base);
  const properties = propertiesOf(base, date);
  const reply = await setProperties(api, path, properties, { signal, priority: 'ahead' }).catch(
    (error: unknown) => {
      if (failedWith(error, 'not-found')) return 'gone' as const;
      throw error;
    },
  );
  if (reply === 'gone') {
    if (effects.isLag(node, undefined)) throw new Postponed(againDelayMs);
    return onGoneThere(sending, node, false);
  }
  const shown = reply && shownReply(reply, path);
  const current = local.node(id);
  if (current?.base !== base) return;
  const isSame = !shown || node.kind === 'folder' || isSameBytes(shown.content, base.content);
  effects.noteLook(base.parentId);
  settle(
    sending,
    id,
    // What others have put there in this moment is seen by the listing that confirms.
    { ...base, modified: date, properties: isSame ? JSON.stringify(properties) : base.properties },
    { modified: current.modified && (current.modified === modified ? date : current.modified) },
  );
}
