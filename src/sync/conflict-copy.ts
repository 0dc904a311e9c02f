import type { LocalNode } from '../tree/local-node.ts';
import { cutName, longestEndingBytes, longestNameBytes } from '../tree/names.ts';
import { traitsHere } from '../tree/shown-traits.ts';
import { foldersAboveHere, type KnownFolders } from './folders-above.ts';
import type { Sending } from './sending.ts';
import { replacedBy, shownAgain } from './shown-again.ts';

/** Room for ` 2`, where two conflicts have one name. */
const countBytes = 4;

/** What earlier conflicts have put behind a name, or in front of its ending. */
const earlierMarks =
  /(?<=.)(?: \(conflict \d{4}-\d\d-\d\d \d\d-\d\d-\d\d [^()]+\)(?: \d+)?)+(?=(?:\.[^.]*)?$)/su;

/**
 * `name (conflict 2026-11-23 14-05-09 HOST).ext`, in local time; the name is cut where it would be too long. A copy that is in a conflict itself is
 * called after what it is a copy of.
 */
function conflictName(marked: string, at: Date, hostName: string): string {
  const name = marked.replace(earlierMarks, '');
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}-${two(at.getMinutes())}-${two(at.getSeconds())}`;
  const dot = name.lastIndexOf('.');
  const hasEnding = dot > 0 && Buffer.byteLength(name.slice(dot)) <= longestEndingBytes;
  const [stem, ending] = hasEnding ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  const mark = ` (conflict ${day} ${time} ${hostName})`;
  const room = longestNameBytes - Buffer.byteLength(mark) - Buffer.byteLength(ending) - countBytes;
  return `${cutName(stem, room)}${mark}${ending}`;
}

/**
 * Others have changed what this node started from, or have taken its name: theirs keeps the name, and ours is to go up beside it, as new. What is open goes
 * on with ours, which keeps its number.
 * @param keepsBase it stands elsewhere on the server and only its new name is taken
 */
export function stepAside(sending: Sending, id: number, keepsBase = false): void {
  const { local, hooks, effects } = sending;
  const node = local.node(id);
  if (!node) return;
  const name = nameAside(sending, node);
  const { draft } = node;
  const aside: LocalNode = {
    ...node,
    name,
    replaces: undefined,
    intent: undefined,
    trouble: undefined,
    traits: traitsHere(node),
    ...(!keepsBase && { base: undefined, draft: draft && { ...draft, sentVersion: undefined } }),
  };
  const path = pathHere(sending, node);
  // What ours was to replace is hidden no longer: it is what has the name.
  const { put, remove } = shownAgain(hooks, replacedBy(local, node));
  local.apply({ put: [aside, ...put], remove });
  if (node.base && (!keepsBase || isKnownAtTarget(sending, node))) hooks.letGo(id);
  effects.forget(id);
  hooks.onNotice({ kind: 'conflict', conflict: { id, path, copy: pathHere(sending, aside) } });
}

/** It went beside its own place, to be moved over what it was made from: there is theirs now, and is known by its number. */
function isKnownAtTarget({ hooks }: Sending, { id, replaces }: LocalNode): boolean {
  const known = hooks.knownAt(id);
  if (!known || !replaces) return false;
  return known.parentId === replaces.base.parentId && known.name === replaces.base.name;
}

/** A name beside it that nobody here has. */
export function nameAside(sending: Sending, place: Pick<LocalNode, 'parentId' | 'name'>): string {
  const { now, hostName } = sending.options;
  return freeName(sending, place, conflictName(place.name, new Date(now()), hostName));
}

/** Two conflicts of one second. */
function freeName({ local }: Sending, { parentId }: Pick<LocalNode, 'parentId'>, wanted: string): string {
  const shown = local.shownIn(parentId);
  let name = wanted;
  for (let count = 2; shown.has(name); count++) {
    const dot = wanted.lastIndexOf(').');
    name = dot > 0 ? `${wanted.slice(0, dot)} ${count}${wanted.slice(dot)}` : `${wanted} ${count}`;
  }
  return name;
}

/** For people; by the names here. */
export function pathHere(sending: KnownFolders, node: Pick<LocalNode, 'parentId' | 'name'>): string {
  const above = folderPathHere(sending, node.parentId);
  return above === '' ? node.name : `${above}/${node.name}`;
}

/** The same of a folder, by its number; '' for the root of the mount. */
export function folderPathHere(sending: KnownFolders, id: number): string {
  const names = [...foldersAboveHere(sending, id)].map(({ name }) => name);
  return names.reverse().join('/');
}
